import type { Execution } from '../../model/execution.js';
import type { ErrorGroup, FailureCount, Interval, LatencySummary, QueueDepth, ThroughputBucket } from '../types.js';

/**
 * What the fold reads of an execution: a scan need not fetch more. `stored` is read for `queueName`, `status` and
 * `enqueuedAt` only: an instant that stands in for a missing `enqueuedAt` is not counted, as the database would not.
 */
export type Counted = Pick<
  Execution,
  | '_id'
  | 'status'
  | 'enqueuedAt'
  | 'processingStartedAt'
  | 'completedAt'
  | 'failedAt'
  | 'archivedAt'
  | 'errorMessage'
  | 'errorCategory'
  | 'stored'
>;

/** Counts of one queue by status. */
export interface StatusCounts {
  readonly queued: number;
  readonly processing: number;
  readonly completed: number;
  readonly failed: number;
  readonly dlq: number;
  readonly archived: number;
  readonly unknown: number;
}

/** A failure that `apply` has just counted. */
export interface CountedFailure {
  /** Of the group where it is counted. */
  readonly fingerprint: string;
  /** The first where the document names several, '' where it names none. */
  readonly queueName: string;
  /** No failure of the group lies in the 7 days before it; one of the same document, until this change, is one. */
  readonly isNew: boolean;
}

/**
 * Memory (bench/fold.mjs): about 1.2 MB a queue for a full history at 30 tasks a minute, 3 MB at 3,000; 40 bytes
 * a waiting and 300 a processing document; 1.5 KB an error group, 0.7 KB for each queue in which it occurs, and 8 bytes
 * for each of their hours and minutes with a failure. What is dated more than a day ahead costs about 0.5 KB a minute.
 *
 * All figures as one value that follows from the documents: the sum of what each contributes, whatever the order in
 * which they came. In memory, synchronous, no clock but the one given, no input or output.
 */
export interface Fold extends FoldReading {
  /**
   * One document was `before` and is `after`: null for one that did not exist, or does no more. What `before`
   * contributed is taken back exactly, but for what has left the windows meanwhile.
   * @returns the failure that `after` adds, where it is one that `before` was not
   */
  apply(before: Counted | null, after: Counted | null): CountedFailure | null;

  /** Lets go of what has left the windows by now. Called at intervals; reading never shows what is past them. */
  evict(): void;
  /**
   * All of it as it is at the call, as bytes, to be read by `restoreFold` of the same version only. What is applied
   * after the call, even before the promise resolves, is not in it. Compressed off the main thread. May be larger than
   * the 16 MB of one MongoDB document (100 queues with a full history): who stores it splits it.
   */
  snapshot(): Promise<Uint8Array>;
  /** Rough size in memory, in bytes. */
  readonly size: number;
}

/** One queue; several, of which no document is in two; or null: all documents. */
export type QueueSelection = string | ReadonlySet<string> | null;

/** What can be read of a fold. */
export interface FoldReading {
  /** Whether a document names its queues by a list: then it is counted in each, and sums over queues count it more than once. */
  readonly foldsLists: boolean;
  /** Null where no document names the queue. `exact` is false where the limit of names was passed and this one is not kept. */
  counts(queueName: string): (StatusCounts & { readonly exact: boolean }) | null;
  /** Names with at least one document, sorted. */
  queueNames(): readonly string[];
  /** False once names had to be left out: then the database must be asked for names. */
  readonly allQueuesKept: boolean;
  oldestQueuedAt(queueName: string): Date | null;
  /** How many are processing that started before the instant. */
  startedBefore(queueName: string, instant: Date): number;
  /**
   * `_id`s of what is processing, by start and `_id`, of a selection of queues, behind a place in that order, at most
   * `limit`. What watches for stuck executions walks with it.
   */
  processing(queueName: QueueSelection, after: ProcessingEntry | null, limit: number): readonly ProcessingEntry[];

  /**
   * False where the limit of queues was passed and this one's buckets are kept in `OTHER_QUEUES` with others': then
   * `throughput`, `history` and `runLatency` of it are empty, and the database must be asked. True for all (null).
   */
  hasOwnBuckets(queueName: string | null): boolean;
  /** Whether `errorGroups` and what is like it can tell the failures of the selection from others. */
  hasOwnFailures(queueName: QueueSelection): boolean;
  /**
   * `from` and `to` are multiples of the interval. Null: all documents, each once, whatever queues it names or does
   * not. What lies outside the windows (windows.ts) is empty.
   */
  throughput(queueName: QueueSelection, from: number, to: number, interval: Interval): readonly ThroughputBucket[];
  /** At the start of each interval: an instant that equals it is not in yet. */
  history(queueName: QueueSelection, from: number, to: number, interval: Interval): readonly QueueDepth[];
  /** Run times of what ended in the last 24 h, to the minute. */
  runLatency(queueName: QueueSelection): LatencySummary;

  /**
   * Groups with a failure in [from, to), unsorted; the range is widened to whole minutes, and to whole hours before the
   * last 24 h. What is said of a group:
   * - `count` and `queueNames` are of the range; queues without buckets of their own are named `OTHER_QUEUES`.
   * - `firstSeenAt` and `lastSeenAt` are of the 30 days, and exact while one of the first 4, or of the newest 20 (of one
   *   queue: 10), is still there; else the start of the hour that holds the first, or the end of the minute (hour,
   *   before the last 24 h) that holds the last.
   * - `sampleIds` are the kept ones among those newest that lie in the range, or all that are kept where none does; the
   *   first failures where all of the newest were deleted, and empty where those were as well.
   */
  errorGroups(queueName: QueueSelection, from: number, to: number): readonly ErrorGroup[];
  /**
   * The failures of one group in each interval, in the ranges and windows of `throughput`: all zero where there is no
   * such group.
   */
  failures(fingerprint: string, queueName: QueueSelection, from: number, to: number, interval: Interval): readonly FailureCount[];
  /** One group over the 30 days. */
  errorGroup(fingerprint: string, queueName: QueueSelection): ErrorGroup | null;
  /** Whether a failure of the group, other than this one, lies in the 7 days before it. */
  failedLately(fingerprint: string, queueName: QueueSelection, but: { readonly at: number; readonly documentId: unknown }): boolean;
}

/** A place among what is processing: when it started (ms since 1970), and which document it is. */
export interface ProcessingEntry {
  readonly startedAt: number;
  readonly documentId: unknown;
}

export interface FoldOptions {
  /** Now, in ms since 1970. */
  readonly clock: () => number;
  /** Queues with buckets of their own; further ones share the queue `OTHER_QUEUES`. Default 1,000. */
  readonly maxQueues?: number;
  /** Queue names whose counts are kept at all. Default 100,000. */
  readonly maxQueueNames?: number;
  /** Error groups; further ones share one group a category. Default 2,000. */
  readonly maxErrorGroups?: number;
}

/** Where the buckets of queues beyond the limit are kept together. */
export const OTHER_QUEUES = '(other queues)';
