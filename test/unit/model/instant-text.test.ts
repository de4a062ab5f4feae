import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { instantText } from '../../../src/model/instant-text.js';

const DAY_MS = 86_400_000;

describe('an instant as text', () => {
  test('is what toISOString gives, for any date', () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true }), (date) => {
        expect(instantText(date)).toBe(date.toISOString());
      }),
      { numRuns: 5_000 },
    );
  });

  test('is so at the first and last millisecond of every day of 1,200 years, and at both ends of the years of four digits', () => {
    const first = Date.UTC(1_600, 0, 1);
    const last = Date.UTC(2_800, 0, 1);
    const wrong: string[] = [];
    const see = (time: number) => {
      const date = new Date(time);
      if (instantText(date) !== date.toISOString()) wrong.push(date.toISOString());
    };
    for (let time = first; time <= last; time += DAY_MS) {
      see(time);
      see(time - 1);
    }
    for (const text of ['0000-01-01T00:00:00.000Z', '0000-02-29T12:34:56.789Z', '0000-03-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z']) {
      for (const beside of [-1, 0, 1]) see(Date.parse(text) + beside);
    }
    expect(wrong).toEqual([]);
  });

  test('is refused of a date that is none', () => {
    expect(() => instantText(new Date(Number.NaN))).toThrow(RangeError);
  });
});
