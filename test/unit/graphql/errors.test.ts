import { GraphQLError } from 'graphql';
import mongoose from 'mongoose';
import { pino, type Logger } from 'pino';
import { describe, expect, it } from 'vitest';

import { CursorExpiredError, ResyncRequiredError, SlowConsumerError } from '../../../src/feed/errors.js';
import { formatError, isDatabaseUnavailable, maskError, refusalOf } from '../../../src/graphql/errors.js';
import { ConflictError, NotFoundError } from '../../../src/lifecycle/errors.js';
import { InvalidInputError } from '../../../src/model/errors.js';
import { toExecution } from '../../../src/model/execution.js';

interface Line {
  readonly level: number;
  readonly errorId?: string;
  readonly err?: { readonly message: string };
}

function recordingLog(): { readonly log: Logger; readonly lines: Line[] } {
  const lines: Line[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => lines.push(JSON.parse(line) as Line) });
  return { log, lines };
}

/** As graphql-js reports an error that a resolver threw. */
const located = (error: Error) => new GraphQLError(error.message, { originalError: error, path: ['tasks', 'nodes', 0] });

describe('maskError', () => {
  it('names the field of input that cannot be taken', () => {
    const { log, lines } = recordingLog();
    expect(maskError(located(new InvalidInputError(['filter', 'metadata', '0', 'path'], 'no $ please')), log)).toEqual({
      message: 'no $ please',
      path: ['tasks', 'nodes', 0],
      extensions: { code: 'INVALID_INPUT', field: ['filter', 'metadata', '0', 'path'] },
    });
    expect(lines).toEqual([]);
  });

  it.each([
    [new CursorExpiredError('list again'), { code: 'CURSOR_EXPIRED' }],
    [new ResyncRequiredError('list again', 'c1'), { code: 'RESYNC_REQUIRED', cursor: 'c1' }],
    [new SlowConsumerError('too slow', 'c2'), { code: 'SLOW_CONSUMER', cursor: 'c2' }],
  ])('keeps the code of a feed error and the cursor to go on from: %s', (error, extensions) => {
    const { log } = recordingLog();
    expect(maskError(error, log)).toEqual({ message: error.message, extensions });
  });

  it('shows a malformed request as it is', () => {
    const { log, lines } = recordingLog();
    const error = new GraphQLError('Cannot query field "x" on type "Query".', { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } });
    expect(maskError(error, log)).toEqual({ message: error.message, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } });
    expect(lines).toEqual([]);
  });

  it('masks everything else, and logs it under the id that the client is given', () => {
    const { log, lines } = recordingLog();
    const masked = maskError(located(new Error('password is hunter2')), log);
    const errorId = masked.extensions?.['errorId'];
    expect(errorId).toMatch(/^[0-9a-f-]{36}$/);
    expect(masked).toEqual({
      message: `Internal error, id ${String(errorId)}`,
      path: ['tasks', 'nodes', 0],
      extensions: { code: 'INTERNAL_SERVER_ERROR', errorId },
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ level: 50, errorId, err: { message: 'password is hunter2' } });
  });

  it('masks what is no error at all', () => {
    const { log } = recordingLog();
    for (const thrown of [undefined, null, 'text', 42, {}]) {
      expect(maskError(thrown, log).extensions?.['code']).toBe('INTERNAL_SERVER_ERROR');
    }
  });

  it('says that the database is away without saying where it is', () => {
    const { log, lines } = recordingLog();
    const error = new mongoose.mongo.MongoNetworkError('connect ECONNREFUSED 10.1.2.3:27017');
    const masked = maskError(located(error), log);
    expect(masked.extensions).toEqual({ code: 'DATABASE_UNAVAILABLE' });
    expect(masked.message).not.toContain('10.1.2.3');
    expect(lines[0]).toMatchObject({ level: 40, err: { message: error.message } });
  });

  it('says so too where the connection broke under the hands of the driver', () => {
    const { log } = recordingLog();
    const error = Object.assign(new Error('This socket has been ended by the other party'), { code: 'EPIPE' });
    expect(maskError(located(error), log).extensions).toEqual({ code: 'DATABASE_UNAVAILABLE' });
  });

  it('says that a query took too long', () => {
    const { log } = recordingLog();
    const error = new mongoose.mongo.MongoServerError({ message: 'operation exceeded time limit', code: 50 });
    expect(maskError(located(error), log).extensions).toEqual({ code: 'QUERY_TIMEOUT' });
  });
});

describe('formatError', () => {
  it('keeps what the transport made of a malformed request', () => {
    const { log } = recordingLog();
    const formatted = { message: 'Syntax Error', extensions: { code: 'GRAPHQL_PARSE_FAILED' } };
    expect(formatError(formatted, new GraphQLError('Syntax Error'), log)).toBe(formatted);
  });

  it('brings back the code of a limit that the transport wrapped', () => {
    const { log } = recordingLog();
    const limit = new GraphQLError('too deep', { extensions: { code: 'QUERY_TOO_DEEP', limit: 12, actual: 13 } });
    const wrapped = new GraphQLError('too deep', { originalError: limit, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } });
    expect(formatError({ message: 'too deep', extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }, wrapped, log)).toEqual({
      message: 'too deep',
      extensions: { code: 'QUERY_TOO_DEEP', limit: 12, actual: 13 },
    });
  });

  it('masks an internal error whatever the transport made of it', () => {
    const { log } = recordingLog();
    const error = located(new Error('secret'));
    const formatted = { message: 'secret', extensions: { code: 'INTERNAL_SERVER_ERROR', stacktrace: ['secret'] } };
    expect(JSON.stringify(formatError(formatted, error, log))).not.toContain('secret');
  });
});

describe('isDatabaseUnavailable', () => {
  it.each([
    ['a server that steps down', new mongoose.mongo.MongoServerError({ message: 'not primary', code: 10107 }), true],
    ['a buffer that ran out', new mongoose.MongooseError('Operation `x` buffering timed out after 10000ms'), true],
    ['a duplicate key', new mongoose.mongo.MongoServerError({ message: 'E11000', code: 11000 }), false],
    ['an error of our own', new Error('not primary'), false],
  ])('%s', (_name, error, expected) => {
    expect(isDatabaseUnavailable(error)).toBe(expected);
  });
});

describe('refusalOf', () => {
  const execution = toExecution({ _id: 'a', taskId: 'a:1', executionId: 'e1', queueName: 'q', status: 'failed' });

  it('carries the execution that stands in the way', () => {
    expect(refusalOf(new ConflictError('active', execution), ['input'])).toEqual({
      execution,
      userErrors: [{ code: 'CONFLICT', message: 'active', field: ['input', 'executionId'] }],
    });
  });

  it('names a missing execution without one', () => {
    expect(refusalOf(new NotFoundError('no such execution'))).toEqual({
      execution: null,
      userErrors: [{ code: 'NOT_FOUND', message: 'no such execution', field: ['executionId'] }],
    });
  });

  it('names the argument that bad input came in', () => {
    const { userErrors } = refusalOf(new InvalidInputError(['metadata', 'a'], 'no'), ['input']);
    expect(userErrors).toEqual([{ code: 'INVALID_INPUT', message: 'no', field: ['input', 'metadata', 'a'] }]);
  });

  it('throws anything else again', () => {
    const error = new Error('network');
    expect(() => refusalOf(error)).toThrow(error);
  });
});
