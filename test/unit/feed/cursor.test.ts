import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { CursorCodec, type Position } from '../../../src/feed/cursor.js';
import { InvalidInputError } from '../../../src/model/errors.js';

const codec = new CursorCodec('app.task_trackers');

const positions: fc.Arbitrary<Position> = fc.record({
  epoch: fc.string({ minLength: 1, maxLength: 12 }),
  seq: fc.nat(),
  time: fc.option(fc.record({ t: fc.integer({ min: 1, max: 2 ** 32 - 1 }), i: fc.nat() })),
  token: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 100 }).map((bytes) => Buffer.from(bytes).toString('hex')),
    fc.string({ minLength: 1, maxLength: 50 }),
  ),
});

describe('a feed cursor', () => {
  it('carries any position there and back', () => {
    fc.assert(
      fc.property(positions, (position) => {
        expect(codec.decode(codec.encode(position))).toEqual(position);
      }),
    );
  });

  it('is refused as INVALID_INPUT when it is any other text, never with another error', () => {
    const junk = fc.oneof(
      fc.string(),
      fc.string().map((text) => Buffer.from(text).toString('base64url')),
      fc.json().map((text) => Buffer.from(`abc${text}`).toString('base64url')),
      fc.constantFrom('', '{"$gt":""}', 'x'.repeat(100_000), '\u0000'),
    );
    fc.assert(
      fc.property(junk, (text) => {
        expect(() => codec.decode(text)).toThrow(InvalidInputError);
      }),
    );
  });

  it('is refused when a single character was changed', () => {
    fc.assert(
      fc.property(positions, fc.nat(), fc.constantFrom('A', 'b', '7', '_'), (position, at, character) => {
        const cursor = codec.encode(position);
        const index = at % (cursor.length - 1);
        const changed = cursor.slice(0, index) + character + cursor.slice(index + 1);
        fc.pre(Buffer.from(changed, 'base64url').compare(Buffer.from(cursor, 'base64url')) !== 0);
        expect(() => codec.decode(changed)).toThrow(InvalidInputError);
      }),
    );
  });

  it('is refused for another collection, and the message says so', () => {
    const foreign = new CursorCodec('other.task_trackers').encode({ epoch: 'e', seq: 1, time: null, token: 'ab' });
    expect(() => codec.decode(foreign)).toThrow(/another collection/);
  });

  it('names the field that it came in', () => {
    try {
      codec.decode('nonsense', ['input', 'after']);
      expect.unreachable();
    } catch (error) {
      expect((error as InvalidInputError).field).toEqual(['input', 'after']);
    }
  });
});
