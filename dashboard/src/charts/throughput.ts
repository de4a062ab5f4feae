import { graphql, type Interval, type ResultOf } from '../api/graphql.js';

export const BUCKET = graphql(`
  fragment Bucket on ThroughputBucket @_unmask {
    start
    completed
    failed
  }
`);

export type Bucket = ResultOf<typeof BUCKET>;

export const THROUGHPUT = graphql(
  `
    query Throughput($queueName: String, $from: DateTime!) {
      throughput(queueName: $queueName, from: $from, interval: MINUTE) {
        ...Bucket
      }
    }
  `,
  [BUCKET],
);

export const THROUGHPUT_CHANGED = graphql(
  `
    subscription ThroughputChanged($queueName: String) {
      throughputChanged(queueName: $queueName, interval: MINUTE) {
        ...Bucket
      }
    }
  `,
  [BUCKET],
);

export const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export const INTERVAL_MS: Readonly<Record<Interval, number>> = {
  MINUTE: MINUTE_MS,
  FIVE_MINUTES: 5 * MINUTE_MS,
  HOUR: HOUR_MS,
  DAY: 24 * HOUR_MS,
};

/** What ended in one minute. */
export interface Minute {
  /** ms since the epoch */
  readonly at: number;
  readonly completed: number;
  readonly failed: number;
}

/**
 * The last `count` minutes, the present one last, without a gap. Where a minute stands in several lists the last of them
 * is the newest.
 */
export function lastMinutes(now: number, count: number, ...lists: readonly Iterable<Bucket>[]): readonly Minute[] {
  const byStart = new Map<number, Bucket>();
  for (const list of lists) for (const bucket of list) byStart.set(Date.parse(bucket.start), bucket);
  const present = now - (now % MINUTE_MS);
  return Array.from({ length: count }, (_, index) => {
    const at = present - (count - 1 - index) * MINUTE_MS;
    const bucket = byStart.get(at);
    return { at, completed: bucket?.completed ?? 0, failed: bucket?.failed ?? 0 };
  });
}

/** How many ended per minute, over the last five whole ones. */
export function recentRate(minutes: readonly Minute[]): number {
  const whole = minutes.slice(-6, -1);
  if (whole.length === 0) return 0;
  return whole.reduce((sum, { completed, failed }) => sum + completed + failed, 0) / whole.length;
}
