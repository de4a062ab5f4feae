import { ConnectionLostError, OperationFailedError, ServerUnreachableError, WatchRefusedError } from '../../client/errors.js';
import { verdictOn } from '../../client/verdict.js';
import { shownUrl } from '../../client/web-socket.js';
import { toCommandError, WatchCommandError } from '../watch/failure.js';

/** What a user is told where figures could not be asked for; any other error stays as it is. */
export function toFiguresError(error: unknown, url: string): unknown {
  if (error instanceof ConnectionLostError) {
    const verdict = verdictOn(error);
    const isRefusal = verdict.action === 'end' && verdict.error instanceof WatchRefusedError && verdict.error.code === 'FORBIDDEN';
    if (isRefusal) return toCommandError(verdict.error, shownUrl(url));
    return toCommandError(new ServerUnreachableError(error.message, { cause: error }), shownUrl(url));
  }
  if (!(error instanceof OperationFailedError)) return error;
  return new WatchCommandError(`${shownUrl(url)} gives no figures: ${error.message}`, 'Try again, or ask its /health/ready.', { cause: error });
}
