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
]);

const LOST_PLACE: ReadonlySet<string> = new Set<LossCode>(['CURSOR_EXPIRED', 'RESYNC_REQUIRED']);

const UNAUTHORIZED = 4401;
const FORBIDDEN = 4403;

/** Close codes after which another try cannot do better, and what they say (graphql-ws's PROTOCOL.md; RFC 6455, 7.4.1). */
const FATAL_CLOSES: ReadonlyMap<number, string> = new Map([
  [UNAUTHORIZED, 'UNAUTHORIZED'],
  [FORBIDDEN, 'FORBIDDEN'],
  ...[4400, 4004, 4406, 4409, 4429, 1002, 1003, 1007, 1008, 1009, 1010].map((code) => [code, 'PROTOCOL'] as const),
]);

/** How `ws` reports an upgrade that was answered with an HTTP status. */
const HTTP_STATUS = /Unexpected server response: (\d{3})/;
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

function ofConnection(error: ConnectionLostError): Verdict {
  const { message, closeCode, acknowledged } = error;
  // What was shown has expired: there may be another token now.
  if (acknowledged && (closeCode === FORBIDDEN || closeCode === UNAUTHORIZED)) return { action: 'retry', reason: message };
  const code = FATAL_STATUSES.get(HTTP_STATUS.exec(message)?.[1] ?? '') ?? FATAL_CLOSES.get(closeCode ?? 0);
  if (code === undefined) return { action: 'retry', reason: message };
  return { action: 'end', error: new WatchRefusedError(message, code, {}, { cause: error }) };
}

/** What an error means for a watch. What is neither the server's nor the connection's is thrown again. */
export function verdictOn(error: unknown): Verdict {
  if (error instanceof OperationFailedError) return ofOperation(error);
  if (error instanceof ConnectionLostError) return ofConnection(error);
  if (error instanceof WatchError) return { action: 'end', error };
  throw error;
}
