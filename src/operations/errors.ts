import { TaskTrackerError } from '../model/errors.js';
import type { BulkOperation } from './types.js';

/** A bulk operation, or its cancellation, that is refused. Nothing was written. */
export abstract class BulkRefusedError extends TaskTrackerError {
  abstract readonly field: readonly string[];
}

/** The filter matches more executions than one operation may change. */
export class TooManyMatchesError extends BulkRefusedError {
  readonly code = 'TOO_MANY_MATCHES';
  readonly field = ['filter'];

  constructor(readonly limit: number) {
    super(`The filter matches more than ${limit} executions: narrow it, or give a limit, and the first so many are dealt with.`);
  }
}

/** There is no such operation, or none that the caller may know of. */
export class OperationNotFoundError extends BulkRefusedError {
  readonly code = 'NOT_FOUND';
  readonly field = ['id'];

  constructor(id: string) {
    super(`No bulk operation has the id "${id}".`);
  }
}

/** The operation has ended: there is nothing to cancel. */
export class OperationEndedError extends BulkRefusedError {
  readonly code = 'INVALID_TRANSITION';
  readonly field = ['id'];

  constructor(readonly operation: BulkOperation) {
    super(`The operation has ended (${operation.state}): there is nothing to cancel.`);
  }
}
