import type { ErrorCategory } from '../model/error-category.js';
import type { Execution } from '../model/execution.js';
import type { ShownStatus } from '../model/status.js';

/** A scalar that a metadata filter compares with. */
export type MetadataScalar = string | number | boolean | null;

export interface MetadataFilter {
  /** Plain names joined by dots, e.g. `aircraft.id`. No `$`, no empty segment. */
  readonly path: string;
  readonly eq?: MetadataScalar | undefined;
  readonly in?: readonly MetadataScalar[] | undefined;
  readonly exists?: boolean | undefined;
}

/** Which executions are wanted. All conditions must hold; within a list, any. Absent or null means no condition. */
export interface TaskFilter {
  readonly queueName?: readonly string[] | null | undefined;
  readonly status?: readonly ShownStatus[] | null | undefined;
  readonly errorCategory?: readonly ErrorCategory[] | null | undefined;
  readonly taskId?: string | null | undefined;
  readonly taskIdPrefix?: string | null | undefined;
  readonly executionId?: readonly string[] | null | undefined;
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

/** Relay's arguments: `first`/`after` forwards or `last`/`before` backwards, not both. */
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
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
}

export interface StuckRequest extends Pick<PageRequest, 'first' | 'after'> {
  readonly queueName?: string | null | undefined;
  /** An execution is stuck when it has been processing for longer than this, in ms. */
  readonly timeoutMs: number;
}

/** Every read of executions. Nothing else reads `task_trackers` documents for the API. */
export interface TaskQueries {
  byExecutionId(executionId: string): Promise<Execution | null>;
  /** By `_id` as stored. */
  byDocumentId(id: unknown): Promise<Execution | null>;
  /** One page. Throws InvalidInputError naming the field for a bad filter, size, or cursor. One database read. */
  page(request: PageRequest): Promise<Page>;
  count(filter: TaskFilter | null | undefined): Promise<number>;
  /** The attempts of each taskId, oldest first, in one database read; a taskId without documents has no entry. */
  retryChains(taskIds: readonly string[]): Promise<ReadonlyMap<string, readonly Execution[]>>;
  stuck(request: StuckRequest): Promise<Page>;
  countStuck(request: Pick<StuckRequest, 'queueName' | 'timeoutMs'>): Promise<number>;
  /** The execution that makes enqueueing `taskId` a duplicate: an active one, else one completed within `withinMs`. */
  duplicateOf(taskId: string, withinMs?: number | null): Promise<Execution | null>;
}
