import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { prefixRange, successorOfPrefix } from '../../../src/queries/text-range.js';

const points = fc.oneof(fc.constantFrom(0, 0x41, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10fffe, 0x10ffff), fc.nat(0x10ffff)).filter((point) => point < 0xd800 || point > 0xdfff);
const texts = fc.array(points, { maxLength: 4 }).map((list) => String.fromCodePoint(...list));

/** MongoDB compares strings by their UTF-8 bytes. */
const compare = (a: string, b: string): number => Buffer.from(a).compare(Buffer.from(b));

describe('The range of a prefix', () => {
  it('holds exactly the strings that start with it, in all of Unicode', () => {
    fc.assert(
      fc.property(texts, texts, fc.boolean(), (prefix, other, extend) => {
        const { $gte, $lt } = prefixRange(prefix);
        const text = extend ? prefix + other : other;
        const inside = compare(text, $gte) >= 0 && ($lt === undefined || compare(text, $lt) < 0);
        expect(inside).toBe(text.startsWith(prefix));
      }),
      { numRuns: 2_000 },
    );
  });

  it('ends ahead of the next code point, past the surrogates', () => {
    expect(successorOfPrefix('jobs:')).toBe('jobs;');
    expect(successorOfPrefix('\u{d7ff}')).toBe('\u{e000}');
    expect(successorOfPrefix('\u{ffff}')).toBe('\u{10000}');
  });

  it('has no end where no string follows', () => {
    expect(prefixRange('')).toEqual({ $gte: '' });
    expect(prefixRange('\u{10ffff}')).toEqual({ $gte: '\u{10ffff}' });
    expect(successorOfPrefix('a\u{10ffff}\u{10ffff}')).toBe('b');
  });
});
