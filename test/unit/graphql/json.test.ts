import mongoose from 'mongoose';
import { describe, expect, it } from 'vitest';

import { MAX_JSON_DEPTH, toPlainJson } from '../../../src/graphql/json.js';

const { Binary, Decimal128, Int32, Double, Long, ObjectId, Timestamp, UUID, BSONRegExp, MinKey } = mongoose.mongo;

/** What a client reads. */
const overTheWire = (value: unknown): unknown => JSON.parse(JSON.stringify(toPlainJson(value)));

describe('toPlainJson', () => {
  it('leaves what JSON knows as it is', () => {
    const value = { text: 'a', yes: true, none: null, number: 1.5, list: [1, 'b', { deep: [] }], empty: {} };
    expect(overTheWire(value)).toEqual(value);
  });

  it('shows instants as ISO text, and an invalid one as null', () => {
    expect(overTheWire({ at: new Date('2026-01-31T08:15:30.250Z'), bad: new Date(Number.NaN) })).toEqual({
      at: '2026-01-31T08:15:30.250Z',
      bad: null,
    });
  });

  it('shows an ObjectId as its hex digits', () => {
    expect(overTheWire({ ref: new ObjectId('65a0c0ffee65a0c0ffee65a0') })).toEqual({ ref: '65a0c0ffee65a0c0ffee65a0' });
  });

  it('shows 64-bit integers as numbers while they are safe, and as text beyond', () => {
    expect(overTheWire([Long.fromNumber(42), Long.fromString('9007199254740993'), 7n, 9_007_199_254_740_993n])).toEqual([
      42,
      '9007199254740993',
      7,
      '9007199254740993',
    ]);
  });

  it('shows decimals as text, and other numbers of the database as numbers', () => {
    expect(overTheWire([Decimal128.fromString('0.10'), new Int32(3), new Double(2.5), new Double(Number.NaN)])).toEqual(['0.10', 3, 2.5, null]);
  });

  it('shows NaN and the infinities as null', () => {
    expect(overTheWire([Number.NaN, Infinity, -Infinity])).toEqual([null, null, null]);
  });

  it('shows binaries as base64, and a UUID as its usual text', () => {
    const uuid = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';
    expect(overTheWire([new Binary(Buffer.from('hello')), Buffer.from('hello'), new UUID(uuid)])).toEqual(['aGVsbG8=', 'aGVsbG8=', uuid]);
  });

  it('shows regular expressions, time stamps and the ends of the order as text', () => {
    expect(overTheWire([/a+/i, new BSONRegExp('b', 'i'), new MinKey(), new Timestamp({ t: 1, i: 2 })])).toEqual([
      '/a+/i',
      '/b/i',
      'MinKey',
      new Timestamp({ t: 1, i: 2 }).toString(),
    ]);
  });

  it('takes Map for an object, and leaves out what has no value', () => {
    expect(overTheWire({ map: new Map([['a', 1]]), gone: undefined, call: () => 1 })).toEqual({ map: { a: 1 } });
    expect(overTheWire([undefined])).toEqual([null]);
  });

  it('keeps a stored key __proto__ a key', () => {
    const stored = JSON.parse('{"__proto__": {"polluted": true}, "a": 1}') as object;
    expect(JSON.stringify(toPlainJson(stored))).toBe('{"__proto__":{"polluted":true},"a":1}');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('ends at a depth that it names', () => {
    let value: unknown = 'bottom';
    for (let level = 0; level < 10_000; level += 1) value = { level: value };
    const text = JSON.stringify(toPlainJson(value));
    expect(text).toContain(`nested deeper than ${MAX_JSON_DEPTH} levels`);
    expect(text).not.toContain('bottom');
  });
});
