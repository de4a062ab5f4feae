import { readableDuration } from './duration.js';
import type { AlertRule } from './types.js';
import { thresholdOf } from './conditions.js';

function shown(rule: AlertRule, value: number): string {
  switch (rule.kind) {
    case 'oldest_queued':
      return readableDuration(value);
    case 'failure_rate':
      return `${Number((value * 100).toFixed(1))} %`;
    default:
      return String(value);
  }
}

function sentence(rule: AlertRule, queue: string, value: string, threshold: string): string {
  switch (rule.kind) {
    case 'dead_letters':
      return `${queue}: ${value} dead letters (more than ${threshold})`;
    case 'failure_rate':
      return `${queue}: ${value} of the attempts of the last ${readableDuration(rule.overMs)} failed (more than ${threshold})`;
    case 'oldest_queued':
      return `${queue}: the longest-waiting execution has waited for ${value} (more than ${threshold})`;
    case 'stuck':
      return `${queue}: ${value} executions have been processing for more than ${readableDuration(rule.timeoutMs)} (more than ${threshold} of them)`;
    case 'new_error_group':
      return `${queue}: a new kind of failure`;
    case 'feed_not_live':
      return 'the feed is not LIVE: changes do not reach subscribers';
  }
}

/** What an alert says to people: the rule's own text, or one that follows from it. */
export function summaryOf(rule: AlertRule, queueName: string | null, value: number): string {
  const values: Readonly<Record<string, string>> = { queue: queueName ?? '', value: shown(rule, value), threshold: shown(rule, thresholdOf(rule)) };
  if (rule.summary === null) return sentence(rule, values['queue'] ?? '', values['value'] ?? '', values['threshold'] ?? '');
  return rule.summary.replace(/\{(queue|value|threshold)\}/g, (_all, name: string) => values[name] ?? '');
}
