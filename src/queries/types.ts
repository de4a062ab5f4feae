import type { QueueScope } from '../access/queue-scope.js';
import type { ErrorCategory } from '../model/error-category.js';
import type { Execution } from '../model/execution.js';
import type { ShownStatus } from '../model/status.js';
import type { ReadDeadline } from './deadline.js';

/** A scalar that a metadata filter compares with. */
export type MetadataScalar = string | number | boolean | null;

/** A condition on one value inside `metadata`, as it was asked for: not yet validated. At least one of eq, in, exists. */
export interface MetadataFilter {
  /** Plain names joined by dots, e.g. `aircraft.id`. No `$`, no empty name. */
  readonly path: string;
  /** A MetadataScalar. Null is a value: it also finds documents without the path, as in MongoDB. Undefined: no condition. */
  readonly eq?: unknown;
  /** At most 100 MetadataScalars. */
  readonly in?: readonly unknown[] | null | undefined;
  readonly exists?: boolean | null | undefined;
}

/**
 * Which executions are wanted. All conditions must hold; within a list, any (of an empty list, none).
 * Absent or null means no condition.
 *
 * The stored value decides, with MongoDB's meaning: a field that holds a list matches where one of its entries does;
 * a field that is missing or of another type matches no condition on it, whatever is shown in its place. Exceptions,
 * where what is shown decides: `status: unknown` finds whatever is none of the six, `errorCategory: unknown` also
 * finds categories that are none of ours, `minRetryCount: 0` finds documents whose retryCount is shown as 0, and
 * `fingerprint` goes by the category and failedAt that are shown, of a message that is stored as a text.
 */
export interface TaskFilter {
  readonly queueName?: readonly string[] | null | undefined;
  readonly status?: readonly ShownStatus[] | null | undefined;
  readonly errorCategory?: readonly ErrorCategory[] | null | undefined;
  readonly taskId?: string | null | undefined;
  readonly taskIdPrefix?: string | null | undefined;
  readonly executionId?: readonly string[] | null | undefined;
  /** Failures of one kind, by what `fingerprintOf` gave: those that `errorGroups` counts in the group, of any time. */
  readonly fingerprint?: string | null | undefined;
  /** "After" is exclusive, "Before" is exclusive. */
  readonly enqueuedAfter?: Date | null | undefined;
  readonly enqueuedBefore?: Date | null | undefined;
  readonly updatedAfter?: Date | null | undefined;
  readonly updatedBefore?: Date | null | undefined;
  readonly failedAfter?: Date | null | undefined;
  readonly failedBefore?: Date | null | undefined;
  readonly minRetryCount?: number | null | undefined;
  readonly metadata?: readonly MetadataFilter[] | null | undefined;
}

export type TaskOrderField = 'enqueuedAt' | 'updatedAt' | 'failedAt' | 'processingStartedAt';

export interface TaskOrder {
  readonly field: TaskOrderField;
  readonly direction: 'ASC' | 'DESC';
}

/**
 * Relay's arguments: `first`/`after` forwards or `last`/`before` backwards, not both. Sizes are 1 to 200, default 50.
 * A cursor belongs to an order: with another one it is refused.
 */
export interface PageRequest {
  readonly filter?: TaskFilter | null | undefined;
  readonly orderBy?: TaskOrder | null | undefined;
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

export interface PageEdge {
  readonly cursor: string;
  readonly node: Execution;
}

export interface Page {
  readonly edges: readonly PageEdge[];
  /**
   * Exact in the direction of the page (one row more is read). In the other direction it says whether a cursor was
   * given: the row of that cursor lies there, unless it was deleted since.
   */
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
}

/** The start of a list, or what follows a place in it, in any number of rows. */
export interface SliceRequest {
  readonly filter?: TaskFilter | null | undefined;
  readonly orderBy: TaskOrder;
  /** Behind where this execution stood when it was read; null: from the start. */
  readonly behind: Execution | null;
  readonly limit: number;
}

export interface StuckRequest extends Pick<PageRequest, 'first' | 'after'> {
  readonly queueName?: string | null | undefined;
  /** An execution is stuck when it has been processing for longer than this, in ms. */
  readonly timeoutMs: number;
  /** Other time-outs for some queues. At most 1,000; a queue is named once. */
  readonly timeoutsByQueue?: readonly QueueTimeout[] | undefined;
}

/** How long an execution of a queue may process before it counts as stuck, in ms. */
export interface QueueTimeout {
  readonly queueName: string;
  readonly timeoutMs: number;
}

/**
 * Every read of executions. Nothing else reads `task_trackers` documents for the API.
 * Input is validated (InvalidInputError names the field), and every read has a time limit (QueryTimeoutError).
 */
export interface TaskQueries {
  byExecutionId(executionId: string): Promise<Execution | null>;
  /** By `_id` as stored. */
  byDocumentId(id: unknown): Promise<Execution | null>;
  /** Those of these `_id`s that exist, in no order. One read. At most 1,000. */
  byDocumentIds(ids: readonly unknown[]): Promise<readonly Execution[]>;
  /**
   * One page: one database read. A page that reaches the end of the rows whose order value is a date takes a second,
   * for rows without such a value.
   */
  page(request: PageRequest): Promise<Page>;
  /** Rows without cursors, read as `page` reads them; for what keeps a list, which may be longer than a page. */
  slice(request: SliceRequest): Promise<readonly Execution[]>;
  count(filter: TaskFilter | null | undefined): Promise<number>;
  /**
   * The attempts of each taskId, oldest first by createdAt and _id; of more than MAX_ATTEMPTS, the newest.
   * A taskId without documents has no entry. One database read for up to CHAINS_PER_READ taskIds.
   */
  retryChains(taskIds: readonly string[]): Promise<ReadonlyMap<string, readonly Execution[]>>;
  /** Those that have been processing for longer than `timeoutMs` (0 to 10 years), the longest first. */
  stuck(request: StuckRequest): Promise<Page>;
  countStuck(request: Omit<StuckRequest, 'first' | 'after'>): Promise<number>;
  /** The execution that makes enqueueing `taskId` a duplicate: an active one, else one completed within `withinMs`. */
  duplicateOf(taskId: string, withinMs?: number | null): Promise<Execution | null>;
  /** The same reads, of the executions in a scope: no other exists for them. */
  within(scope: QueueScope): TaskQueries;
  /** The same reads, for one operation: none goes on beyond its deadline. @throws QueryTimeoutError, AbandonedError */
  until(deadline: ReadDeadline): TaskQueries;
}
