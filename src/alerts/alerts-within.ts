import type { QueueScope } from '../access/queue-scope.js';
import type { Alert, Alerts } from './types.js';

/** The alerts as they are within a scope: those about its queues, and those about no queue. */
export function alertsWithin(alerts: Alerts, queues: QueueScope): Alerts {
  const isSeen = ({ queueName }: Alert): boolean => queueName === null || queues.includes(queueName);
  return {
    list: () => alerts.list().filter(isSeen),
    onChange: (listener) =>
      alerts.onChange((alert) => {
        if (isSeen(alert)) listener(alert);
      }),
  };
}
