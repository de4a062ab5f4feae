import { mongo } from 'mongoose';
import { describe, expect, it } from 'vitest';

import { classifyStreamError } from '../../../src/feed/classify-error.js';

describe('a broken change stream', () => {
  it('has lost its history with 286, 280 and an oversized event', () => {
    for (const code of [286, 280, 136, 10334]) {
      expect(classifyStreamError(new mongo.MongoServerError({ message: 'x', code }), true)).toBe('history-lost');
    }
  });

  it('is tried again when the network or the primary is away', () => {
    expect(classifyStreamError(new mongo.MongoNetworkError('reset'), true)).toBe('transient');
    expect(classifyStreamError(new mongo.MongoServerError({ message: 'not primary', code: 10107 }), true)).toBe('transient');
    expect(
      classifyStreamError(new mongo.MongoServerError({ message: 'x', code: 1, errorLabels: ['ResumableChangeStreamError'] }), true),
    ).toBe('transient');
  });

  it('tells a refused token from a refused user', () => {
    expect(classifyStreamError(new mongo.MongoServerError({ message: 'bad hex', code: 9 }), true)).toBe('token-refused');
    expect(classifyStreamError(new mongo.MongoServerError({ message: 'Resume token namespace does not match', code: 13 }), true)).toBe('token-refused');
    expect(classifyStreamError(new mongo.MongoServerError({ message: 'not authorized', code: 13 }), true)).toBe('fatal');
    expect(classifyStreamError(new mongo.MongoServerError({ message: 'only on replica sets', code: 40573 }), false)).toBe('fatal');
  });

  it('has lost its history in the very words that servers use', () => {
    const replies: mongo.ErrorDescription[] = [
      {
        message:
          'PlanExecutor error during aggregation :: caused by :: Resume of change stream was not possible, as the resume point may no longer be in the oplog.',
        code: 286,
        codeName: 'ChangeStreamHistoryLost',
        errorLabels: ['NonResumableChangeStreamError'],
      },
      {
        message: 'Executor error during getMore :: caused by :: cannot resume stream; the resume token was not found. {_data: "82"}',
        code: 280,
        codeName: 'ChangeStreamFatalError',
        errorLabels: ['NonResumableChangeStreamError'],
      },
      {
        message:
          'PlanExecutor error during aggregation :: caused by :: BSONObj size: 17701268 (0x10E1994) is invalid. Size must be between 0 and 16793600(16MB) First element: _id: { _data: "82" }',
        code: 10334,
        codeName: 'BSONObjectTooLarge',
      },
    ];
    for (const reply of replies) expect([classifyStreamError(new mongo.MongoServerError(reply), true), reply.codeName]).toEqual(['history-lost', reply.codeName]);
  });

  it.each([
    [9, 'resume token string was not a valid hex string'],
    [50811, 'KeyString format error: Unknown type: 7'],
    [40649, 'invalid empty resume token'],
    [50795, 'Invalid Resume Token: only supports version 0, 1 and 2'],
    [51057, 'Token type 9 not recognized; bad resume token'],
    [6189504, 'Invalid high water mark token'],
    [6189501, 'Expected an eventIdentifier for an event resume token'],
    [260, "Attempting to resume a change stream using 'resumeAfter' is not allowed from an invalidate notification."],
  ])('has a token that is none: %i %s', (code, message) => {
    expect(classifyStreamError(new mongo.MongoServerError({ message, code }), true)).toBe('token-refused');
  });

  it.each([6, 7, 43, 63, 89, 91, 133, 150, 189, 234, 262, 9001, 10107, 11600, 11602, 13388, 13435, 13436])(
    'is tried again with %i, as the specification of the drivers says',
    (code) => {
      expect(classifyStreamError(new mongo.MongoServerError({ message: 'x', code }), true)).toBe('transient');
    },
  );

  it('is tried again with every error of the driver that says that the server cannot be reached', () => {
    const errors = [
      new mongo.MongoNetworkTimeoutError('connection 3 to 127.0.0.1:27017 timed out'),
      new mongo.MongoServerSelectionError('connect ECONNREFUSED', {} as never),
      new mongo.MongoNotConnectedError('Client must be connected before running operations'),
    ];
    for (const error of errors) expect([classifyStreamError(error, true), error.name]).toEqual(['transient', error.name]);
  });

  it('is unknown otherwise, whatever was thrown', () => {
    for (const thrown of [new Error('x'), null, undefined, 'text', 7, {}]) expect(classifyStreamError(thrown, true)).toBe('unknown');
  });
});
