import mongoose from 'mongoose';
import { describe, expect, it } from 'vitest';

import { compareNumber, equalsScalar } from '../../../src/queries/bson-scalar.js';
import { valuesAtPath } from '../../../src/queries/values-at-path.js';

const { Decimal128, Long } = mongoose.mongo;

describe('A stored number', () => {
  it('equals a plain one by value, whatever its BSON type', () => {
    expect(equalsScalar(Long.fromNumber(7), 7)).toBe(true);
    expect(equalsScalar(Decimal128.fromString('7.00'), 7)).toBe(true);
    expect(equalsScalar(Decimal128.fromString('1E+2'), 100)).toBe(true);
    expect(equalsScalar(-0, 0)).toBe(true);
  });

  it('is compared exactly: no rounding makes two numbers one', () => {
    expect(equalsScalar(Long.fromString('9007199254740993'), 9007199254740992)).toBe(false);
    expect(equalsScalar(Decimal128.fromString('0.1'), 0.1)).toBe(false);
    expect(equalsScalar(Decimal128.fromString('0.5'), 0.5)).toBe(true);
  });

  it('is never a string or a boolean', () => {
    expect(equalsScalar('1', 1)).toBe(false);
    expect(equalsScalar(true, 1)).toBe(false);
    expect(compareNumber('5', 1)).toBeNaN();
  });
});

describe('A path into a document', () => {
  it('reads own fields only, also by names that JavaScript has for itself', () => {
    expect(valuesAtPath({ a: {} }, ['a', 'constructor'])).toEqual([undefined]);
    expect(valuesAtPath({ a: { constructor: 1 } }, ['a', 'constructor'])).toEqual([1]);
    expect(valuesAtPath({ a: 'text' }, ['a', 'length'])).toEqual([undefined]);
  });

  it('reaches through lists of objects, and offers the entries of a list at its end', () => {
    expect(valuesAtPath({ a: [{ b: 1 }, { b: [2, 3] }, 4, {}] }, ['a', 'b'])).toEqual([1, 2, 3, [2, 3], undefined]);
  });

  it('takes a number for an index where there is a list', () => {
    expect(valuesAtPath({ a: ['x', 'y'] }, ['a', '1'])).toEqual(['y']);
    expect(valuesAtPath({ a: { 1: 'field' } }, ['a', '1'])).toEqual(['field']);
  });

  it('does not enter a list directly inside a list', () => {
    expect(valuesAtPath({ a: [[{ b: 1 }]] }, ['a', 'b'])).toEqual([]);
  });
});
