import type { QueueScope } from '../access/queue-scope.js';
import type { ErrorCategory } from '../model/error-category.js';
import type { Execution } from '../model/execution.js';

/** Who asked for a move; written to `archivedBy` where the move archives. */
export interface Actor {
  readonly name: string;
}

export interface EnqueueInput {
  readonly taskId: string;
  readonly queueName: string;
  /** UUID v4 when absent. */
  readonly executionId?: string | null | undefined;
  readonly messageVersion?: string | null | undefined;
  readonly maxRetries?: number | null | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | null | undefined;
  readonly enqueuedAt?: Date | null | undefined;
  /** Also treat an execution completed within this many ms as a duplicate. */
  readonly dedupWithinMs?: number | null | undefined;
}

export interface FailInput {
  readonly executionId: string;
  /** More than 16 KiB of UTF-8 are cut, with a marker. */
  readonly errorMessage: string;
  /** Default: UNKNOWN. */
  readonly errorCategory?: ErrorCategory | null | undefined;
  /** More than 64 KiB of UTF-8 are cut, with a marker. */
  readonly errorStack?: string | null | undefined;
  /** False sends it to the dead-letter queue at once. Default: true. */
  readonly recoverable?: boolean | null | undefined;
}

export interface RetryInput {
  readonly executionId: string;
  /** Kept in `archivedReason` of a dead-lettered execution that is retried. */
  readonly reason?: string | null | undefined;
}

export interface ArchiveInput {
  readonly executionId: string;
  readonly reason: string;
}

export interface EnqueueResult {
  readonly execution: Execution;
  readonly deduplicated: boolean;
}

export interface MoveResult {
  readonly execution: Execution;
  /** False where the execution was already there (completing twice). */
  readonly changed: boolean;
}

export interface RetryResult {
  readonly execution: Execution;
  readonly previous: Execution;
}

/**
 * Every write that moves executions. Each move is decided by the database in one conditional write
 * (or one transaction where two documents change), never by a read before it.
 * Refusals are MoveRefusedError subclasses or InvalidInputError, and have written nothing.
 */
export interface Lifecycle {
  enqueue(input: EnqueueInput): Promise<EnqueueResult>;
  start(executionId: string): Promise<MoveResult>;
  complete(executionId: string): Promise<MoveResult>;
  fail(input: FailInput): Promise<MoveResult>;
  retry(input: RetryInput, actor: Actor): Promise<RetryResult>;
  /** `reason` is logged. */
  moveToDeadLetters(executionId: string, reason: string | null | undefined, actor: Actor): Promise<MoveResult>;
  archive(input: ArchiveInput, actor: Actor): Promise<MoveResult>;
  /**
   * The same moves within a scope: an execution outside is NOT_FOUND, enqueueing there is QueueForbiddenError. A task is
   * still active once at most in all queues: where an execution outside stands in the way, `enqueue` ends with
   * DuplicateElsewhereError, and of that execution nothing is told.
   */
  within(scope: QueueScope): Lifecycle;
}
