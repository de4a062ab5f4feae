import { ConnectionLostError, OperationFailedError, ServerUnreachableError } from '../../client/errors.js';
import { shownUrl } from '../../client/web-socket.js';
import { toCommandError, WatchCommandError } from '../watch/failure.js';

/** What a user is told where figures could not be asked for; any other error stays as it is. */
export function toFiguresError(error: unknown, url: string): unknown {
  if (error instanceof ConnectionLostError) return toCommandError(new ServerUnreachableError(error.message, { cause: error }), shownUrl(url));
  if (!(error instanceof OperationFailedError)) return error;
  return new WatchCommandError(`${shownUrl(url)} gives no figures: ${error.message}`, 'Try again, or ask its /health/ready.', { cause: error });
}
