import type { Execution } from '../model/execution.js';
import type { Move, MoveRefusalCode } from '../model/moves.js';
import {
  AlreadyStartedError,
  ConflictError,
  DuplicateExecutionError,
  InvalidTransitionError,
  NotFoundError,
  RetriesExhaustedError,
  type MoveRefusedError,
} from './errors.js';

const ERRORS: Readonly<
  Record<Exclude<MoveRefusalCode, 'NOT_FOUND'>, new (message: string, execution: Execution | null) => MoveRefusedError>
> = {
  INVALID_TRANSITION: InvalidTransitionError,
  ALREADY_STARTED: AlreadyStartedError,
  DUPLICATE_EXECUTION: DuplicateExecutionError,
  RETRIES_EXHAUSTED: RetriesExhaustedError,
  CONFLICT: ConflictError,
};

export function notFound(executionId: string): NotFoundError {
  return new NotFoundError(`No execution has the executionId "${executionId}".`);
}

/** The error for a move that the status of the execution rules out. */
export function refusedByStatus(move: Move, code: MoveRefusalCode, execution: Execution): MoveRefusedError {
  if (code === 'NOT_FOUND') return notFound(execution.executionId);
  const allowed = move.from.join(' or ');
  return new ERRORS[code](
    `${move.name} needs an execution that is ${allowed}; "${execution.executionId}" is ${execution.status}.`,
    execution,
  );
}
