import { TaskTrackerError } from '../model/errors.js';

/** The cursor points behind what the database still remembers: list again, and watch from the new list's feedCursor. */
export class CursorExpiredError extends TaskTrackerError {
  readonly code = 'CURSOR_EXPIRED';
}

/** The feed lost its place in history: anything may have changed. List again, and go on from `cursor`. */
export class ResyncRequiredError extends TaskTrackerError {
  readonly code = 'RESYNC_REQUIRED';

  constructor(
    message: string,
    readonly cursor: string,
  ) {
    super(message);
  }
}

/**
 * The subscriber read too slowly and its bounded queue is full. It may subscribe again after `cursor`; without one nothing
 * had been given to it yet.
 */
export class SlowConsumerError extends TaskTrackerError {
  readonly code = 'SLOW_CONSUMER';

  constructor(
    message: string,
    readonly cursor: string | undefined,
  ) {
    super(message);
  }
}

/** The application is shutting down. */
export class FeedClosedError extends TaskTrackerError {
  readonly code = 'FEED_CLOSED';
}
