import { TaskTrackerError } from '../model/errors.js';
import type { Execution } from '../model/execution.js';

/** The caller may not put tasks in this queue. */
export class QueueForbiddenError extends TaskTrackerError {
  readonly code = 'FORBIDDEN';

  constructor(
    message: string,
    /** The input field that names the queue. */
    readonly field: readonly string[],
  ) {
    super(message);
  }
}

/** Nothing was enqueued: the task is a duplicate of one that the caller may not know of. */
export class DuplicateElsewhereError extends TaskTrackerError {
  readonly code = 'DUPLICATE_ELSEWHERE';
}

/** A move that the table of moves refuses. Nothing was written. */
export abstract class MoveRefusedError extends TaskTrackerError {
  constructor(
    message: string,
    /** The execution as it stands, where there is one. */
    readonly execution: Execution | null = null,
    /** The input field that the refusal is about. */
    readonly field: readonly string[] = ['executionId'],
  ) {
    super(message);
  }
}

/** No document has this executionId. */
export class NotFoundError extends MoveRefusedError {
  readonly code = 'NOT_FOUND';
}

/** The execution is in a state from which the table of moves has no such move. */
export class InvalidTransitionError extends MoveRefusedError {
  readonly code = 'INVALID_TRANSITION';
}

/** Somebody else started the execution, or it has settled: the caller must not process it. */
export class AlreadyStartedError extends MoveRefusedError {
  readonly code = 'ALREADY_STARTED';
}

/** An execution with this executionId exists, of whatever taskId. */
export class DuplicateExecutionError extends MoveRefusedError {
  readonly code = 'DUPLICATE_EXECUTION';
}

/** retryCount has reached maxRetries: move it to the dead-letter queue, and retry from there for a fresh budget. */
export class RetriesExhaustedError extends MoveRefusedError {
  readonly code = 'RETRIES_EXHAUSTED';
}

/** Another execution of the same taskId is queued or processing, or somebody else made the same move first. */
export class ConflictError extends MoveRefusedError {
  readonly code = 'CONFLICT';
}
