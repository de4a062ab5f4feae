import type { QueueScope } from '../access/queue-scope.js';

export const ALERT_SEVERITIES = ['info', 'warning', 'critical'] as const;
export type AlertSeverity = (typeof ALERT_SEVERITIES)[number];

export const ALERT_KINDS = ['dead_letters', 'failure_rate', 'oldest_queued', 'stuck', 'new_error_group', 'feed_not_live'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

interface RuleBase {
  readonly name: string;
  readonly severity: AlertSeverity;
  /** How long it must hold before it fires, in ms. */
  readonly forMs: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Text with `{queue}`, `{value}` and `{threshold}`; null: one that follows from the rule. */
  readonly summary: string | null;
  /** Names of the webhooks that are told. */
  readonly notify: readonly string[];
}

/** The queues that a rule looks at, each by itself; null: all. */
interface OfQueues {
  readonly queues: QueueScope | null;
}

/** What must hold. A queue's figures are compared one by one: each queue has an alert of its own. */
export type AlertRule = RuleBase &
  (
    | ({ readonly kind: 'dead_letters'; readonly above: number } & OfQueues)
    /** Of the attempts that ended in the last `overMs`, where there are at least `minimum`, the share that failed. */
    | ({ readonly kind: 'failure_rate'; readonly above: number; readonly overMs: number; readonly minimum: number } & OfQueues)
    | ({ readonly kind: 'oldest_queued'; readonly olderThanMs: number } & OfQueues)
    | ({ readonly kind: 'stuck'; readonly above: number; readonly timeoutMs: number } & OfQueues)
    /** Fires at once, and is resolved after `resolveAfterMs` without being seen as new again. */
    | ({ readonly kind: 'new_error_group'; readonly resolveAfterMs: number } & OfQueues)
    | { readonly kind: 'feed_not_live' }
  );

export interface AlertWebhook {
  readonly name: string;
  readonly url: string;
  /** What bodies are signed with; null: they are not. */
  readonly secret: string | null;
  readonly timeoutMs: number;
  /** How often a delivery is tried. */
  readonly attempts: number;
}

export interface AlertsFile {
  readonly webhooks: readonly AlertWebhook[];
  readonly rules: readonly AlertRule[];
}

/** PENDING: it holds, but not yet for as long as it must. RESOLVED: it holds no more. */
export type AlertState = 'PENDING' | 'FIRING' | 'RESOLVED';

/** One rule about one queue (or kind of failures, or the feed). Never changed: each change is a new one. */
export interface Alert {
  /** Follows from rule, queue and fingerprint: the same in every replica and after every restart. */
  readonly id: string;
  readonly rule: string;
  readonly kind: AlertKind;
  readonly severity: AlertSeverity;
  readonly state: AlertState;
  readonly queueName: string | null;
  /** Of the kind of failures; null unless the rule is about new ones. */
  readonly fingerprint: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
  /** What was measured last: a count, a share from 0 to 1, or ms. */
  readonly value: number;
  /** What it is compared with, in the same unit. */
  readonly threshold: number;
  /** Since when it holds, or held. */
  readonly activeSince: Date;
  readonly firedAt: Date | null;
  readonly resolvedAt: Date | null;
}

/** The alerts of one application. */
export interface Alerts {
  /** Those that hold, and those that were resolved in the last hour: critical ones first, then the latest. */
  list(): readonly Alert[];
  /** Calls back for each change of a state. @returns how to stop */
  onChange(listener: (alert: Alert) => void): () => void;
}
