import type { Registry } from 'prom-client';

import type { Alert, AlertState } from '../alerts/types.js';
import type { DeliveryCounts } from '../alerts/webhook/sender.js';
import { readCounter, readGauge } from './gauges.js';

const STATES = ['PENDING', 'FIRING', 'RESOLVED'] as const satisfies readonly AlertState[];
const OUTCOMES = ['delivered', 'failed', 'superseded', 'dropped'] as const satisfies readonly (keyof DeliveryCounts)[];

export interface MeasuredAlerts {
  list(): readonly Alert[];
  readonly senders: readonly { readonly webhook: { readonly name: string }; readonly counts: DeliveryCounts; readonly waiting: number }[];
}

/** How many alerts there are in each state, and what becomes of their deliveries; nothing where there are no rules. */
export function registerAlertMetrics(registry: Registry, alerts: MeasuredAlerts | null): void {
  readGauge(registry, {
    name: 'tasktracker_alerts',
    help: 'Alerts by state. RESOLVED: in the last hour. Absent where there is no file of rules.',
    labelNames: ['state'],
    read: () => {
      if (alerts === null) return [];
      const all = alerts.list();
      return STATES.map((state) => ({ labels: { state }, value: all.filter((alert) => alert.state === state).length }));
    },
  });
  readCounter(registry, {
    name: 'tasktracker_alert_deliveries_total',
    help: 'Deliveries of alerts to webhooks. outcome: delivered, failed (given up), superseded (by a newer state of the same alert), dropped (too many waited).',
    labelNames: ['webhook', 'outcome'],
    read: () => alerts?.senders.flatMap(({ webhook, counts }) => OUTCOMES.map((outcome) => ({ labels: { webhook: webhook.name, outcome }, value: counts[outcome] }))) ?? [],
  });
  readGauge(registry, {
    name: 'tasktracker_alert_deliveries_waiting',
    help: 'Deliveries of alerts that are not settled.',
    labelNames: ['webhook'],
    read: () => alerts?.senders.map(({ webhook, waiting }) => ({ labels: { webhook: webhook.name }, value: waiting })) ?? [],
  });
}
