import { TaskTrackerError } from '../../model/errors.js';

/** Who asks did not show who they are, or what they showed is not valid. Says nothing of what would be. */
export class UnauthenticatedError extends TaskTrackerError {
  readonly code = 'UNAUTHENTICATED';
  readonly status = 401;

  constructor(
    message: string,
    /** False where nothing was shown at all. */
    readonly attempted: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Who asks is known, and may not do this. */
export class RouteForbiddenError extends TaskTrackerError {
  readonly code = 'FORBIDDEN';
  readonly status = 403;
}

/** What somebody showed cannot be checked at the moment: the keys of their issuer cannot be had. */
export class AuthenticationUnavailableError extends TaskTrackerError {
  readonly code = 'AUTHENTICATION_UNAVAILABLE';
  readonly status = 503;
  /** After how many seconds it is worth trying again. */
  readonly retryAfter = 5;
}

/** An address has failed to show who it is more often than it may. */
export class TooManyFailedAttemptsError extends TaskTrackerError {
  readonly code = 'TOO_MANY_FAILED_ATTEMPTS';
  readonly status = 429;

  constructor(
    message: string,
    /** After how many seconds it is worth trying again. */
    readonly retryAfter: number,
  ) {
    super(message);
  }
}

export type AuthenticationError = UnauthenticatedError | RouteForbiddenError | AuthenticationUnavailableError | TooManyFailedAttemptsError;

export function isAuthenticationError(error: unknown): error is AuthenticationError {
  return (
    error instanceof UnauthenticatedError ||
    error instanceof RouteForbiddenError ||
    error instanceof AuthenticationUnavailableError ||
    error instanceof TooManyFailedAttemptsError
  );
}

/** How callers are to be told apart was set in a way that cannot be used. The message names the setting. */
export class AuthenticationSettingsError extends TaskTrackerError {
  readonly code = 'AUTHENTICATION_SETTINGS';
  readonly remedy = 'docs/access.md says how keys are made, and what each setting must be.';
}
