import { ConnectionLostError, OperationFailedError, WatchError, WatchRefusedError } from './errors.js';
import type { LossCode } from './types.js';

/** What to do about what went wrong. */
export type Verdict =
  /** Try again in a moment, behind the last change that came. */
  | { readonly action: 'retry'; readonly reason: string }
  /** The place is lost. */
  | { readonly action: 'relist'; readonly reason: string; readonly cause: LossCode }
  | { readonly action: 'end'; readonly error: WatchError };

/**
 * Codes of errors that pass: the same request may succeed in a moment. SLOW_CONSUMER is one: `extensions.cursor` is that
 * of the last change sent, which has come, since results come in order.
 */
const PASSING = new Set([
  'DATABASE_UNAVAILABLE',
  'QUERY_TIMEOUT',
  'INTERNAL_SERVER_ERROR',
  'UNAVAILABLE',
  'FEED_CLOSED',
  'SLOW_CONSUMER',
  'TOO_MANY_SUBSCRIPTIONS',
  'TOO_MANY_REQUESTS',
  'TOO_MANY_CONNECTIONS',
  'RATE_LIMITED',
]);

const LOST_PLACE: ReadonlySet<string> = new Set<LossCode>(['CURSOR_EXPIRED', 'RESYNC_REQUIRED']);

const UNAUTHORIZED = 4401;
const FORBIDDEN = 4403;
const TOO_BIG = 1009;
/** How `ws` reports a message that is larger than it takes itself; the connection is then closed with 1006. */
const TAKES_NO_MORE = /Max payload size exceeded/;
const TOO_BIG_HINT =
  'a message is larger than its reader takes. Shorten the filter and the fields, or raise TASKTRACKER_BODY_LIMIT of the server; where it is the answer that is too large, ask for fewer fields or a smaller pageSize';

/** Close codes after which another try cannot do better, and what they say (graphql-ws's PROTOCOL.md; RFC 6455, 7.4.1). */
const FATAL_CLOSES: ReadonlyMap<number, string> = new Map([
  [UNAUTHORIZED, 'UNAUTHORIZED'],
  [FORBIDDEN, 'FORBIDDEN'],
  ...[4400, 4004, 4406, 4409, 4429, 1002, 1003, 1007, 1008, 1010].map((code) => [code, 'PROTOCOL'] as const),
]);

/** How `ws` reports an upgrade that was answered with an HTTP status. */
const HTTP_STATUS = /Unexpected server response: (\d{3})/;
/** How it reports what is no answer to a WebSocket, or no HTTP at all. */
const NO_WEB_SOCKET_ANSWER = /Parse Error|Invalid Upgrade header|Invalid Sec-WebSocket|subprotocol/;
/** Statuses below 500 that say: later. Those from 500 on may be a proxy whose server is not up yet. */
const LATER: ReadonlySet<number> = new Set([408, 425, 429]);
const FATAL_STATUSES: ReadonlyMap<string, string> = new Map([
  ['401', 'UNAUTHORIZED'],
  ['403', 'FORBIDDEN'],
]);

function isLoss(code: string): code is LossCode {
  return LOST_PLACE.has(code);
}

function ofOperation({ code, failure, message }: OperationFailedError): Verdict {
  const { extensions = {} } = failure;
  if (code !== undefined && isLoss(code)) return { action: 'relist', reason: message, cause: code };
  if (code !== undefined && PASSING.has(code)) return { action: 'retry', reason: message };
  return { action: 'end', error: new WatchRefusedError(message, code ?? 'REFUSED', extensions) };
}

/** Whether something answered that is no GraphQL server over WebSocket, and will not be one in a moment. */
function isOtherAnswer(message: string): boolean {
  const status = HTTP_STATUS.exec(message)?.[1];
  if (status === undefined) return NO_WEB_SOCKET_ANSWER.test(message);
  return Number(status) < 500 && !LATER.has(Number(status));
}

function refused(message: string, code: string, cause: ConnectionLostError): Verdict {
  return { action: 'end', error: new WatchRefusedError(message, code, {}, { cause }) };
}

function ofConnection(error: ConnectionLostError, neverReached: string | undefined): Verdict {
  const { message, closeCode, acknowledged } = error;
  // What was shown has expired: there may be another token now.
  if (acknowledged && (closeCode === FORBIDDEN || closeCode === UNAUTHORIZED)) return { action: 'retry', reason: message };
  if (closeCode === TOO_BIG || TAKES_NO_MORE.test(message)) return refused(`${message}: ${TOO_BIG_HINT}`, 'PROTOCOL', error);
  const code = FATAL_STATUSES.get(HTTP_STATUS.exec(message)?.[1] ?? '') ?? FATAL_CLOSES.get(closeCode ?? 0);
  if (code !== undefined) return refused(message, code, error);
  if (neverReached !== undefined && isOtherAnswer(message)) {
    return refused(`${neverReached} answers, but not as a TaskTracker does: ${message}. Let \`url\` name the /graphql of a TaskTracker server.`, 'PROTOCOL', error);
  }
  return { action: 'retry', reason: message };
}

/**
 * What an error means for a watch. What is neither the server's nor the connection's is thrown again.
 *
 * @param neverReached the URL, where no server has answered there yet: then an answer that is no TaskTracker's ends the
 * watch, while later it may be a proxy's whose server is being replaced
 */
export function verdictOn(error: unknown, neverReached?: string): Verdict {
  if (error instanceof OperationFailedError) return ofOperation(error);
  if (error instanceof ConnectionLostError) return ofConnection(error, neverReached);
  if (error instanceof WatchError) return { action: 'end', error };
  throw error;
}
