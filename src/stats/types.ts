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

/** Figures about queues. Implemented by aggregation in the database, and later by a fold of the feed. */
export interface Statistics {
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
