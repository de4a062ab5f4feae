import type { QueueScope } from '../access/queue-scope.js';
import type { ErrorCategory } from '../model/error-category.js';
import type { ReadDeadline } from '../queries/deadline.js';

/** Where a figure came from: kept in memory from the feed, or counted by the database when asked. */
export type StatsSource = 'STREAM' | 'AGGREGATE';

/** How many executions of one queue stand in each status. */
export interface QueueCounts {
  readonly queueName: string;
  readonly queued: number;
  readonly processing: number;
  readonly completed: number;
  readonly failed: number;
  readonly dlq: number;
  readonly archived: number;
  /** Documents whose stored status is none of the six. */
  readonly unknown: number;
  /** All documents of the queue, unknown ones included. */
  readonly total: number;
  /** The instant for which the counts hold. */
  readonly asOf: Date;
  /** False where a limit or an unfinished scan makes the counts a lower bound. */
  readonly exact: boolean;
  readonly source: StatsSource;
}

/** Width of a bucket. Days are days of UTC. */
export type Interval = 'MINUTE' | 'FIVE_MINUTES' | 'HOUR' | 'DAY';

/** Quantiles in ms, each within the relative error that the documentation states; null where nothing was measured. */
export interface LatencySummary {
  readonly count: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

/** What happened in one interval, by the instants that the documents hold. */
export interface ThroughputBucket {
  readonly start: Date;
  readonly enqueued: number;
  readonly started: number;
  readonly completed: number;
  /** Attempts that failed, those that became dead letters among them. */
  readonly failed: number;
  readonly dlq: number;
  readonly archived: number;
  /** Waits of the executions that started in this interval. */
  readonly wait: LatencySummary;
  /** Run times of the executions that ended in this interval. */
  readonly run: LatencySummary;
}

/** How many executions stood in each status at an instant, by the instants that the documents hold. */
export interface QueueDepth {
  readonly at: Date;
  readonly queued: number;
  readonly processing: number;
  readonly completed: number;
  readonly failed: number;
  readonly dlq: number;
  readonly archived: number;
}

/** Failures that share a category and a normalised message. */
export interface ErrorGroup {
  readonly fingerprint: string;
  /** Of which queue the figures are; null: of all. */
  readonly queueName: string | null;
  readonly category: ErrorCategory;
  /** The message with what varies replaced by placeholders. */
  readonly message: string;
  /** `_id`s of the newest failures, newest first: the first that still exists is the sample. At least one. */
  readonly sampleIds: readonly unknown[];
  readonly count: number;
  /** Sorted. */
  readonly queueNames: readonly string[];
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
}

/** How many failures there were in one interval, by failedAt. */
export interface FailureCount {
  readonly start: Date;
  readonly count: number;
}

/** A range of time for one queue, or for all where `queueName` is null. Not yet validated. */
export interface SeriesRequest {
  readonly queueName: string | null;
  readonly from: Date;
  /** Default: now. */
  readonly to?: Date | null | undefined;
  readonly interval: Interval;
}

export interface ErrorGroupsRequest {
  readonly queueName?: string | null | undefined;
  /** Bounds by failedAt, widened to whole minutes (whole hours beyond the last 24 h). Default: the last 30 days. */
  readonly from?: Date | null | undefined;
  readonly to?: Date | null | undefined;
  /** At most this many groups, 1 to 200. Default 20. */
  readonly first?: number | null | undefined;
}

/** From when on a processing execution of a queue counts as stuck. */
export interface StuckThreshold {
  readonly queueName: string;
  readonly timeoutMs: number;
  /** True where it follows from the queue's own run times; false where there are too few of them, and the default holds. */
  readonly adaptive: boolean;
  /** How many run times of the last 24 h it rests on. */
  readonly samples: number;
}

export type StatisticsState =
  /** The collection is being read; answers are counted by the database meanwhile. */
  | 'BOOTSTRAPPING'
  /** Answers come from memory. */
  | 'READY'
  /** The database keeps no pre-images, so changes do not say what they took away: answers are counted by the database. */
  | 'UNAVAILABLE';

export interface StatisticsStatus {
  readonly state: StatisticsState;
  /** Executions read so far by the scan, and how many it expects; both null while none runs. */
  readonly scanned: number | null;
  readonly expected: number | null;
  /** 0 to 1. */
  readonly progress: number;
  /** Since when answers come from memory without a break; null while they do not. */
  readonly readySince: Date | null;
  readonly lastCheckpointAt: Date | null;
  readonly lastReconciliationAt: Date | null;
  /** Counts that the last reconciliation found wrong (and had repaired). Must be 0. */
  readonly lastDrift: number;
  /** Why the state is not READY, in words; null while it is. */
  readonly reason: string | null;
}

/** A failure was counted live. */
export interface ErrorGroupNews {
  readonly fingerprint: string;
  /** Of which queue the failure was. */
  readonly queueName: string;
  /** No failure of this fingerprint was seen in the 7 days before. */
  readonly isNew: boolean;
}

/** Figures about the present of queues. Input is validated: InvalidInputError names the field. */
export interface QueueFigures {
  /** Counts of one queue; all zero where no document names it. */
  queueCounts(queueName: string): Promise<QueueCounts>;
  /** Counts of many queues in one read, in the order asked; all zero where no document names one. */
  manyQueueCounts(queueNames: readonly string[]): Promise<readonly QueueCounts[]>;
  /** Names of all queues that have at least one document, sorted; `nameContains` is a plain, case-insensitive substring. */
  queueNames(nameContains?: string): Promise<readonly string[]>;
  /** enqueuedAt of the longest-waiting queued execution of each queue, in the order asked; null where none waits. */
  oldestQueuedAt(queueNames: readonly string[]): Promise<readonly (Date | null)[]>;
  /** How many executions of each queue have been processing for longer than `timeoutMs`, in the order asked. */
  stuckCounts(queueNames: readonly string[], timeoutMs: number): Promise<readonly number[]>;
}

/**
 * All figures: kept in memory from the feed where it can be, else counted by the database when asked, with the same
 * meaning: each follows from the documents as they are.
 */
export interface Statistics extends QueueFigures {
  /**
   * Buckets without a gap from the one that holds `from` to the one that holds the last instant before `to`.
   * MINUTE and FIVE_MINUTES reach back 24 h, HOUR and DAY 30 days.
   */
  throughput(request: SeriesRequest): Promise<readonly ThroughputBucket[]>;
  /** How many stood in each status at the start of each interval; the same ranges as `throughput`. */
  history(request: SeriesRequest): Promise<readonly QueueDepth[]>;
  /** Groups with a failure in the range: the most frequent first, then the latest. */
  errorGroups(request: ErrorGroupsRequest): Promise<readonly ErrorGroup[]>;
  /** One group over the last 30 days, of one queue where it is named; null where there is no failure of it. */
  errorGroup(fingerprint: string, queueName?: string | null): Promise<ErrorGroup | null>;
  /**
   * The failures of each group over time, in the order asked: buckets without a gap, in the ranges of `throughput`; all
   * zero where there is no such group. At most 200 groups.
   */
  failures(fingerprints: readonly string[], request: SeriesRequest): Promise<readonly (readonly FailureCount[])[]>;
  /** The adaptive threshold of each queue, in the order asked. */
  stuckThresholds(queueNames: readonly string[]): Promise<readonly StuckThreshold[]>;
  /**
   * `_id`s of executions that have been processing for longer than `timeoutMs`: those that already are, the longest
   * first, then each at the moment its time passes, once. Nothing polls the database.
   */
  watchStuck(queueName: string | null, timeoutMs: number): AsyncIterableIterator<unknown>;
  /** Calls back for each failure that the feed brings while the state is READY. @returns how to stop */
  onErrorGroup(listener: (news: ErrorGroupNews) => void): () => void;
  status(): StatisticsStatus;
  /** The status now and at every change of state, and about once a second while a scan runs. */
  watchStatus(): AsyncIterableIterator<StatisticsStatus>;
  /** The figures of the executions in a scope: "all queues" are those in it, and no other exists. The status is that of all. */
  within(scope: QueueScope): Statistics;
  /** The same figures, for one operation: no read goes on beyond its deadline. @throws QueryTimeoutError, AbandonedError */
  until(deadline: ReadDeadline): Statistics;
}
