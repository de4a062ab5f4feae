import fc from 'fast-check';
import mongoose from 'mongoose';
import { describe, expect, it } from 'vitest';

import { compareValues, EMPTY_LIST, sortKeyOf } from '../../../src/queries/bson-order.js';
import { comparePositions, isCertainPosition, positionOf } from '../../../src/queries/keyset.js';

const { Binary, Decimal128, Long, MaxKey, MinKey, ObjectId, Timestamp, UUID, Code } = mongoose.mongo.BSON;

/** In MongoDB's order; values in one line are equal. */
const ORDERED: readonly (readonly unknown[])[] = [
  [new MinKey()],
  [EMPTY_LIST],
  [null, undefined],
  [Number.NaN, Decimal128.fromString('NaN')],
  [Number.NEGATIVE_INFINITY],
  [-1.5],
  [0, -0, Decimal128.fromString('0.00'), Long.ZERO],
  [1, Decimal128.fromString('1'), Decimal128.fromString('1.0'), Long.ONE],
  [Long.fromString('9007199254740992')],
  [Long.fromString('9007199254740993')],
  [Number.POSITIVE_INFINITY, Decimal128.fromString('Infinity')],
  [''],
  ['a'],
  ['a\0'],
  ['ab'],
  ['\u{ffff}'],
  ['\u{1f600}'],
  [{}],
  [{ a: 1 }],
  [{ a: 1, b: 1 }],
  [{ a: 2 }],
  [{ b: 1 }],
  [{ a: 'x' }],
  [{ a: {} }],
  [[]],
  [[1]],
  [[1, 2]],
  [[2]],
  [['a']],
  [new Binary(Buffer.from('b'))],
  [new Binary(Buffer.from('a'), 5)],
  [new Binary(Buffer.from('aa'))],
  [new UUID('00000000-0000-4000-8000-000000000001')],
  [new UUID('00000000-0000-4000-8000-000000000002')],
  [new ObjectId('000000000000000000000001')],
  [new ObjectId('000000000000000000000002')],
  [false],
  [true],
  [new Date(-5)],
  [new Date(5)],
  [new Timestamp({ t: 1, i: 2 })],
  [new Timestamp({ t: 2, i: 1 })],
  [new Timestamp({ t: 4_000_000_000, i: 1 })],
  [new MaxKey()],
];

describe('the order of values', () => {
  it('is that of MongoDB, between kinds and within them', () => {
    for (const [i, equals] of ORDERED.entries()) {
      for (const [j, others] of ORDERED.entries()) {
        for (const a of equals) for (const b of others) expect(Math.sign(compareValues(a, b)) + 0, `${String(i)} against ${String(j)}`).toBe(Math.sign(i - j));
      }
    }
  });

  it('says where it cannot tell, instead of guessing', () => {
    const unsure: readonly [unknown, unknown][] = [
      [/a/, /b/],
      [new Code('a'), new Code('b')],
      [Decimal128.fromString('0.1'), 0.1],
      [Decimal128.fromString('1E6000'), Number.POSITIVE_INFINITY],
      [new Date(Number.NaN), new Date(0)],
      [{ 10: 1, 2: 1 }, { 2: 1, 10: 1 }],
      [new Binary(Buffer.from('a'), 2), new Binary(Buffer.from('a'))],
    ];
    for (const [a, b] of unsure) {
      expect(compareValues(a, b)).toBeNaN();
      expect(compareValues({ x: a }, { x: b })).toBeNaN();
      expect(compareValues([1, a], [1, b])).toBeNaN();
    }
    expect(Math.sign(compareValues(/a/, 'a'))).toBe(1);
  });

  it('of a list of which not all entries can be compared is not certain', () => {
    const certain = (value: unknown): boolean => {
      const document = { _id: 1, enqueuedAt: value };
      return isCertainPosition(document, 'enqueuedAt', positionOf(document, 'enqueuedAt', 1));
    };
    expect([[], [1, 'a'], [/a/, new Date()], new Date(), /a/, undefined].map(certain)).toEqual([true, true, true, true, true, true]);
    expect(certain([/a/, /b/])).toBe(false);
    expect(sortKeyOf([3, 1, 2], 1)).toBe(1);
    expect(sortKeyOf([3, 1, 2], -1)).toBe(3);
  });

  it('of places goes by the key, then by the _id, in the direction of the walk', () => {
    const value = fc.constantFrom(...ORDERED.flat());
    fc.assert(
      fc.property(value, value, value, value, (key, id, otherKey, otherId) => {
        const ascending = comparePositions({ key, id }, { key: otherKey, id: otherId }, 1);
        expect(Math.sign(comparePositions({ key: otherKey, id: otherId }, { key, id }, 1)) + Math.sign(ascending)).toBe(0);
        expect(Math.sign(comparePositions({ key, id }, { key: otherKey, id: otherId }, -1)) + Math.sign(ascending)).toBe(0);
        expect(Math.sign(ascending) + 0).toBe(Math.sign(compareValues(key, otherKey) || compareValues(id, otherId)) + 0);
      }),
    );
  });
});
