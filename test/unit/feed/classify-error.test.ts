import { mongo } from 'mongoose';
import { describe, expect, it } from 'vitest';

import { classifyStreamError } from '../../../src/feed/classify-error.js';

describe('a broken change stream', () => {
  it('has lost its history with 286, 280 and an oversized event', () => {
    for (const code of [286, 280, 10334]) {
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

  it('is unknown otherwise, whatever was thrown', () => {
    for (const thrown of [new Error('x'), null, undefined, 'text', 7, {}]) expect(classifyStreamError(thrown, true)).toBe('unknown');
  });
});
