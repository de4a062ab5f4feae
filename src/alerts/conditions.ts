import { setImmediate as nextTurn } from 'node:timers/promises';

import type { FeedStatus } from '../feed/types.js';
import type { KeptFigures } from '../stats/kept-figures.js';
import type { AlertKind, AlertRule } from './types.js';

/** What was measured for one queue, or for the feed. */
export interface Measured {
  readonly queueName: string | null;
  readonly value: number;
  /** Whether the condition of the rule holds. */
  readonly holds: boolean;
}

export interface AlertSources {
  readonly feed: { status(): Pick<FeedStatus, 'state'> };
  readonly statistics: { kept(): KeptFigures | null };
}

/** The rules whose condition is looked at again and again; new kinds of failures are told of as they come. */
export type PolledRule = Exclude<AlertRule, { readonly kind: 'new_error_group' }>;
type QueueRule = Exclude<PolledRule, { readonly kind: 'feed_not_live' }>;

const MINUTE_MS = 60_000;
/** Queues that are measured in one turn of the event loop. */
const QUEUES_PER_TURN = 50;

/** What a rule compares with, in the unit of what it measures. */
export function thresholdOf(rule: AlertRule): number {
  switch (rule.kind) {
    case 'dead_letters':
    case 'failure_rate':
    case 'stuck':
      return rule.above;
    case 'oldest_queued':
      return rule.olderThanMs;
    case 'new_error_group':
    case 'feed_not_live':
      return 0;
  }
}

/** Whether a rule measures ms. */
export function measuresTime(kind: AlertKind): boolean {
  return kind === 'oldest_queued';
}

/** The share of failed attempts among those that ended in the window; null where too few did. */
function failureRate(figures: KeptFigures, queueName: string, overMs: number, minimum: number, now: number): number | null {
  const end = Math.ceil((now + 1) / MINUTE_MS) * MINUTE_MS;
  let [failed, ended] = [0, 0];
  for (const bucket of figures.throughput(queueName, end - Math.ceil(overMs / MINUTE_MS) * MINUTE_MS, end, 'MINUTE')) {
    failed += bucket.failed;
    ended += bucket.failed + bucket.completed;
  }
  return ended < minimum ? null : failed / ended;
}

function measureQueue(rule: QueueRule, queueName: string, figures: KeptFigures, now: number): number | null {
  switch (rule.kind) {
    case 'dead_letters':
      return figures.counts(queueName)?.dlq ?? 0;
    case 'stuck':
      return figures.startedBefore(queueName, new Date(now - rule.timeoutMs));
    case 'oldest_queued': {
      const oldest = figures.oldestQueuedAt(queueName);
      return oldest === null ? null : Math.max(0, now - oldest.getTime());
    }
    case 'failure_rate':
      return failureRate(figures, queueName, rule.overMs, rule.minimum, now);
  }
}

/**
 * Measures a rule from what is in memory: the database is asked nothing. Queues for which there is nothing to compare are
 * left out.
 *
 * @param now in ms since 1970
 * @returns null where it cannot be known at the moment: figures are not in memory, or the feed is behind
 */
export async function measure(rule: PolledRule, { feed, statistics }: AlertSources, now: number): Promise<readonly Measured[] | null> {
  const { state } = feed.status();
  if (rule.kind === 'feed_not_live') return [{ queueName: null, value: Number(state !== 'LIVE'), holds: state !== 'LIVE' }];
  const figures = statistics.kept();
  // While changes do not arrive, what is queued may have been started long ago.
  if (figures === null || state !== 'LIVE') return null;
  const measured: Measured[] = [];
  const threshold = thresholdOf(rule);
  let inTurn = 0;
  for (const queueName of figures.queueNames()) {
    if (rule.queues !== null && !rule.queues.includes(queueName)) continue;
    const value = measureQueue(rule, queueName, figures, now);
    if (value !== null) measured.push({ queueName, value, holds: value > threshold });
    inTurn += 1;
    if (inTurn % QUEUES_PER_TURN !== 0) continue;
    await nextTurn();
    // They may have been thrown away meanwhile.
    if (statistics.kept() !== figures) return null;
  }
  return measured;
}
