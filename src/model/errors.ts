/**
 * The root of every error that TaskTracker raises on purpose.
 * `code` is stable and documented; `message` is for people and names what would be right.
 */
export abstract class TaskTrackerError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A value that the API cannot take. `field` is the path to it, outermost name first. */
export class InvalidInputError extends TaskTrackerError {
  readonly code = 'INVALID_INPUT';

  constructor(
    readonly field: readonly string[],
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
