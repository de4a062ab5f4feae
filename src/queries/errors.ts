import { TaskTrackerError } from '../model/errors.js';

/** A read took longer than its limit, and the database gave it up. */
export class QueryTimeoutError extends TaskTrackerError {
  readonly code = 'QUERY_TIMEOUT';

  constructor(
    readonly maxTimeMs: number,
    options?: ErrorOptions,
  ) {
    super(`The database did not answer within ${maxTimeMs} ms. Ask for less: a narrower filter, or a shorter span of time.`, options);
  }
}
