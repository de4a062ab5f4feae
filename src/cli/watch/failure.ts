import { ServerUnreachableError, WatchRefusedError } from '../../client/index.js';

/** Why `tasktracker watch` ends, and what to do about it. */
export class WatchCommandError extends Error {
  override name = 'WatchCommandError';

  constructor(
    message: string,
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const NAME_A_SERVER = 'Start one with `tasktracker serve`, or name another with --url.';
const SHOW_A_KEY = 'Set TASKTRACKER_TOKEN to an API key or token of a role that may read.';
const NAME_ITS_ENDPOINT = 'Let --url name the /graphql of a TaskTracker server.';

/** Words of Node and of `ws` for an answer that is none of a WebSocket server. */
const OTHER_ANSWER = /Unexpected server response|Parse Error|Invalid Upgrade header|Invalid Sec-WebSocket|subprotocol/;

function ofOtherAnswer(reason: string, url: string, cause: Error): WatchCommandError {
  return new WatchCommandError(`${url} answers, but not as a TaskTracker does: ${reason}`, NAME_ITS_ENDPOINT, { cause });
}

function ofRefusal(error: WatchRefusedError, url: string): WatchCommandError {
  const { message, code, extensions, cause } = error;
  if (code === 'PROTOCOL' && cause instanceof Error && OTHER_ANSWER.test(cause.message)) return ofOtherAnswer(cause.message, url, error);
  if (code.startsWith('GRAPHQL_') || code === 'PROTOCOL') {
    return new WatchCommandError(`${url} does not answer as a TaskTracker of this version: ${message}`, NAME_ITS_ENDPOINT, { cause: error });
  }
  if (code === 'UNAUTHORIZED' || code === 'FORBIDDEN') {
    return new WatchCommandError(`${url} refuses this caller: ${message}`, SHOW_A_KEY, { cause: error });
  }
  const field = Array.isArray(extensions['field']) ? extensions['field'].join('.') : '';
  if (field === 'after') {
    return new WatchCommandError(`${url} refuses the cursor: ${message}`, 'Pass --since a cursor that `tasktracker watch --json` printed, or leave it out.', { cause: error });
  }
  return new WatchCommandError(`${url} refuses to be watched like this: ${message}`, 'Change --queue or --status.', { cause: error });
}

/** What a user is told of an error that ended the watch; one that is no answer of a server stays as it is. */
export function toCommandError(error: unknown, url: string): unknown {
  if (error instanceof WatchRefusedError) return ofRefusal(error, url);
  if (!(error instanceof ServerUnreachableError)) return error;
  const reason = error.cause instanceof Error ? error.cause.message : error.message;
  if (OTHER_ANSWER.test(reason)) return ofOtherAnswer(reason, url, error);
  return new WatchCommandError(`No TaskTracker answers at ${url}: ${reason}`, NAME_A_SERVER, { cause: error });
}

/** The cursor of --since is older than the database's history. */
export function cursorExpired(): WatchCommandError {
  return new WatchCommandError(
    'The database no longer remembers what happened after this cursor.',
    'List the executions again, and leave --since out to watch from now on.',
  );
}
