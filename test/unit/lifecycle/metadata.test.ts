import fc from 'fast-check';
import mongoose from 'mongoose';
import { describe, expect, it } from 'vitest';

import { checkMetadata, MAX_METADATA_BYTES, MAX_METADATA_DEPTH } from '../../../src/lifecycle/metadata.js';
import { InvalidInputError } from '../../../src/model/errors.js';

const { BSON } = mongoose.mongo;

function nested(depth: number): Record<string, unknown> {
  let value: Record<string, unknown> = {};
  for (let level = 1; level < depth; level += 1) value = { a: value };
  return value;
}

function fieldOf(value: unknown): readonly string[] {
  try {
    checkMetadata(value);
  } catch (error) {
    if (error instanceof InvalidInputError) return error.field;
    throw error;
  }
  return [];
}

describe('metadata', () => {
  it('take any JSON object whose keys do not start with "$", and BSON keeps it exact', () => {
    const json = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 }));
    fc.assert(
      fc.property(json, (value) => {
        const bad = fieldOf(value);
        if (bad.length > 0) {
          expect(bad.some((name) => name.startsWith('$') || name.includes('\0'))).toBe(true);
          return;
        }
        const stored = BSON.deserialize(BSON.serialize({ metadata: checkMetadata(value) }));
        expect(JSON.stringify(stored['metadata'])).toBe(JSON.stringify(value));
      }),
    );
  });

  it.each<[string, unknown, string[]]>([
    ['an operator', { $where: 'x' }, ['metadata', '$where']],
    ['an operator deep inside', { a: [{ b: { $gt: '' } }] }, ['metadata', 'a', '0', 'b', '$gt']],
    ['a key with NUL', { 'a\0b': 1 }, ['metadata', 'a\0b']],
    ['a document that poses as a BSON value', { a: { _bsontype: 'ObjectId', id: 'x' } }, ['metadata', 'a', '_bsontype']],
    ['a function', { a: () => 1 }, ['metadata', 'a']],
    ['a bigint', { a: 1n }, ['metadata', 'a']],
    ['a number that JSON lacks', { a: Number.NaN }, ['metadata', 'a']],
    ['an invalid date', { a: new Date(Number.NaN) }, ['metadata', 'a']],
    ['an instance of a class', { a: new Map() }, ['metadata', 'a']],
    ['a list', [1], ['metadata']],
    ['a string', 'x', ['metadata']],
  ])('refuse %s, naming the path', (_name, value, field) => {
    expect(fieldOf(value)).toEqual(field);
  });

  it('take dates, BSON values, undefined and objects without a prototype', () => {
    const bare = Object.assign(Object.create(null) as object, { a: 1 });
    const taken = checkMetadata({ at: new Date(1), id: new BSON.ObjectId(), gone: undefined, bare });
    expect(Object.keys(taken)).toEqual(['at', 'id', 'gone', 'bare']);
    expect(Object.getPrototypeOf(checkMetadata(bare))).toBe(Object.prototype);
  });

  it('may nest as deep as the limit and no deeper', () => {
    expect(fieldOf(nested(MAX_METADATA_DEPTH))).toEqual([]);
    expect(fieldOf(nested(MAX_METADATA_DEPTH + 1))).toHaveLength(MAX_METADATA_DEPTH + 1);
  });

  it('may be as large as the limit and no larger', () => {
    const overhead = BSON.calculateObjectSize({ a: '' });
    expect(fieldOf({ a: 'x'.repeat(MAX_METADATA_BYTES - overhead) })).toEqual([]);
    expect(fieldOf({ a: 'x'.repeat(MAX_METADATA_BYTES - overhead + 1) })).toEqual(['metadata']);
  });

  it('that refer to themselves are refused, and a branching one is not walked for ever', () => {
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    expect(fieldOf(cyclic).length).toBeGreaterThan(MAX_METADATA_DEPTH);
    let wide: Record<string, unknown> = {};
    for (let level = 0; level < 30; level += 1) wide = { a: wide, b: wide, c: wide };
    expect(fieldOf(wide)).toEqual(['metadata']);
  });
});
