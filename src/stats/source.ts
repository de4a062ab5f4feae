import type { ErrorRange, Series } from './requests.js';
import type { ErrorGroup, FailureCount, LatencySummary, QueueDepth, QueueFigures, ThroughputBucket } from './types.js';

/** What answers requests that are valid: the fold in memory, or the database. */
export interface FigureSource extends QueueFigures {
  throughput(series: Series): Promise<readonly ThroughputBucket[]>;
  history(series: Series): Promise<readonly QueueDepth[]>;
  /** Unsorted, and all of them. */
  errorGroups(range: ErrorRange): Promise<readonly ErrorGroup[]>;
  errorGroup(fingerprint: string, queueName: string | null): Promise<ErrorGroup | null>;
  /** Buckets of each group, in the order asked. */
  failures(fingerprints: readonly string[], series: Series): Promise<readonly (readonly FailureCount[])[]>;
  /** Run times of the last 24 h of each queue, in the order asked. */
  runLatencies(queueNames: readonly string[]): Promise<readonly LatencySummary[]>;
}

/** The most frequent first, then the latest; those that tie, by fingerprint. */
export function mostFrequent(groups: readonly ErrorGroup[], first: number): readonly ErrorGroup[] {
  const order = (a: ErrorGroup, b: ErrorGroup): number =>
    b.count - a.count || b.lastSeenAt.getTime() - a.lastSeenAt.getTime() || (a.fingerprint < b.fingerprint ? -1 : 1);
  return [...groups].sort(order).slice(0, first);
}
