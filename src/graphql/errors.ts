import { randomUUID } from 'node:crypto';

import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Logger } from 'pino';

import { MoveRefusedError, QueueForbiddenError } from '../lifecycle/errors.js';
import { InvalidInputError, TaskTrackerError } from '../model/errors.js';
import type { Execution } from '../model/execution.js';
import { BulkRefusedError } from '../operations/errors.js';
import { TaskErrorCode } from './types/enums.js';
import type { TaskUserError } from './types/payloads.js';

/** Stable values of `extensions.code` that this module gives; errors of the parts keep their own code. */
export const ErrorCode = {
  DATABASE_UNAVAILABLE: 'DATABASE_UNAVAILABLE',
  QUERY_TIMEOUT: 'QUERY_TIMEOUT',
  INTERNAL: 'INTERNAL_SERVER_ERROR',
} as const;

const UNAVAILABLE_NAMES = new Set([
  'MongoServerSelectionError',
  'MongooseServerSelectionError',
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoNotConnectedError',
  'MongoTopologyClosedError',
  'MongoClientClosedError',
  'MongoConnectionPoolClosedError',
  'PoolClosedError',
  'MongoPoolClosedError',
  'MongoPoolClearedError',
  'MongoWaitQueueTimeoutError',
  'DatabaseUnreachableError',
]);

/** Codes with which a server says that it is stepping down, shutting down, or not the primary (driver specification). */
const UNAVAILABLE_CODES = new Set([6, 7, 89, 91, 189, 9001, 10107, 11600, 11602, 13435, 13436]);
/** A socket that closed under the driver's hands: it throws Node's own error where it was about to write. */
const BROKEN_SOCKET_CODES = new Set(['EPIPE', 'ECONNRESET']);
const MAX_TIME_EXPIRED = 50;

function nameAndCode(error: unknown): { readonly name: string; readonly code: unknown; readonly message: string } {
  if (!(error instanceof Error)) return { name: '', code: undefined, message: '' };
  return { name: error.name, code: (error as { code?: unknown }).code, message: error.message };
}

/** Whether the error says that the database cannot be reached at the moment; the same request may succeed later. */
export function isDatabaseUnavailable(error: unknown): boolean {
  const { name, code, message } = nameAndCode(error);
  if (UNAVAILABLE_NAMES.has(name)) return true;
  if (name === 'MongooseError' && /buffering timed out|initial connection/i.test(message)) return true;
  if (typeof code === 'string' && BROKEN_SOCKET_CODES.has(code)) return true;
  return name.startsWith('Mongo') && typeof code === 'number' && UNAVAILABLE_CODES.has(code);
}

function isQueryTimeout(error: unknown): boolean {
  const { name, code } = nameAndCode(error);
  return name === 'MongoOperationTimeoutError' || (name.startsWith('Mongo') && code === MAX_TIME_EXPIRED);
}

/** What was thrown, behind the wrappers that say where in the query it happened. */
function causeOf(error: unknown): unknown {
  let cause = error;
  while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError;
  return cause;
}

interface Shown {
  readonly message: string;
  readonly extensions: Readonly<Record<string, unknown>>;
}

function shownOf(cause: unknown, log: Logger, path: GraphQLError['path']): Shown {
  if (cause instanceof GraphQLError) return { message: cause.message, extensions: cause.extensions };
  if (cause instanceof TaskTrackerError) {
    const { code, field, cursor, limit } = cause as TaskTrackerError & { readonly field?: unknown; readonly cursor?: unknown; readonly limit?: unknown };
    return {
      message: cause.message,
      extensions: { code, ...(field === undefined ? {} : { field }), ...(cursor === undefined ? {} : { cursor }), ...(limit === undefined ? {} : { limit }) },
    };
  }
  if (isQueryTimeout(cause)) {
    log.warn({ err: cause, path }, 'the database took longer over a query than it may');
    return {
      message: 'The database took longer than this query may take. Narrow the filter, or ask for less.',
      extensions: { code: ErrorCode.QUERY_TIMEOUT },
    };
  }
  if (isDatabaseUnavailable(cause)) {
    log.warn({ err: cause, path }, 'the database cannot be reached');
    return { message: 'The database cannot be reached at the moment. Try again.', extensions: { code: ErrorCode.DATABASE_UNAVAILABLE } };
  }
  const errorId = randomUUID();
  log.error({ err: cause, errorId, path }, 'internal error');
  return { message: `Internal error, id ${errorId}`, extensions: { code: ErrorCode.INTERNAL, errorId } };
}

/**
 * Any error as a client may see it: the one place that decides, for every transport.
 *
 * Malformed requests and errors that TaskTracker raises on purpose keep their message, with `extensions.code`, and
 * where they have them `extensions.field` (path of the argument), `extensions.cursor` (where to go on) and `extensions.limit`.
 * A database that is away is DATABASE_UNAVAILABLE or QUERY_TIMEOUT. Everything else is INTERNAL_SERVER_ERROR with
 * nothing but an id, under which the log has the error.
 */
export function maskError(error: unknown, log: Logger): GraphQLFormattedError {
  const located = error instanceof GraphQLError ? error : null;
  const shown = shownOf(causeOf(error), log, located?.path);
  return {
    message: shown.message,
    ...(located?.locations ? { locations: located.locations } : {}),
    ...(located?.path ? { path: located.path } : {}),
    ...(Object.keys(shown.extensions).length > 0 ? { extensions: { ...shown.extensions } } : {}),
  };
}

/** Whether the transport answers it with a status that blames the client, as Apollo Server does a hash that is not the text's. */
function isClientError(http: unknown): boolean {
  const status = typeof http === 'object' && http !== null ? (http as { readonly status?: unknown }).status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500;
}

/**
 * `maskError` for a transport that has formatted the error already, as Apollo Server has: a malformed request keeps what
 * the transport made of it, but for a code that the error brought with it (QUERY_TOO_DEEP), which is more exact.
 */
export function formatError(formatted: GraphQLFormattedError, error: unknown, log: Logger): GraphQLFormattedError {
  const cause = causeOf(error);
  if (!(cause instanceof GraphQLError)) return maskError(error, log);
  const { http, ...own } = cause.extensions;
  if (Object.keys(own).length > 0) return { ...formatted, extensions: { ...formatted.extensions, ...own } };
  const isRefusal = formatted.extensions?.['code'] === ErrorCode.INTERNAL && isClientError(http);
  return isRefusal ? { ...formatted, extensions: { ...formatted.extensions, code: 'BAD_REQUEST' } } : formatted;
}

/** A refusal of a move, as a mutation's payload carries it. */
export interface Refusal {
  readonly execution: Execution | null;
  readonly userErrors: readonly TaskUserError[];
}

function isTaskErrorCode(code: string): code is TaskErrorCode {
  return Object.hasOwn(TaskErrorCode, code);
}

/**
 * The refusal that an error stands for: a refused move, or input that cannot be taken. `prefix` is where the mutation's
 * arguments carry the fields that the error names. Any other error is thrown again, that of a forbidden queue with the prefix.
 */
export function refusalOf(error: unknown, prefix: readonly string[] = []): Refusal {
  if (error instanceof QueueForbiddenError) throw new QueueForbiddenError([...prefix, error.message].join('.'), [...prefix, ...error.field]);
  if (!(error instanceof MoveRefusedError || error instanceof InvalidInputError || error instanceof BulkRefusedError) || !isTaskErrorCode(error.code)) throw error;
  const starts = prefix.every((name, position) => error.field[position] === name);
  return {
    execution: error instanceof MoveRefusedError ? error.execution : null,
    userErrors: [{ code: error.code, message: error.message, field: starts ? error.field : [...prefix, ...error.field] }],
  };
}
