import { TaskTrackerError } from '../model/errors.js';

/** A read took longer than it, or its operation, may, and was given up. */
export class QueryTimeoutError extends TaskTrackerError {
  readonly code = 'QUERY_TIMEOUT';

  constructor(
    /** In ms. */
    readonly limit: number,
    options?: ErrorOptions,
  ) {
    super(`The database did not answer within ${limit} ms. Ask for less: a narrower filter, or a shorter span of time.`, options);
  }
}

/** Whoever asked has gone before the answer was there; nobody sees this. */
export class AbandonedError extends TaskTrackerError {
  readonly code = 'ABANDONED';

  constructor() {
    super('Nobody waits for the answer any more.');
  }
}
