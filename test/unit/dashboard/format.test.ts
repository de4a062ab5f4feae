import { describe, expect, it } from 'vitest';

import { formatAge, formatCount, formatDuration, formatInstant, formatRelative, formatShortCount } from '../../../dashboard/src/time/format.js';

const NOW = Date.parse('2026-11-24T10:20:45.857Z');

describe('times on the screen', () => {
  it.each([
    [null, '–'],
    [Number.NaN, '–'],
    [-5, '0 ms'],
    [0, '0 ms'],
    [12.4, '12 ms'],
    [999.4, '999 ms'],
    [1_000, '1.0 s'],
    [1_299, '1.2 s'],
    [9_999, '9.9 s'],
    [10_000, '10 s'],
    [59_999, '59 s'],
    [60_000, '1 m'],
    [125_000, '2 m 05 s'],
    [3_600_000, '1 h'],
    [12_000_000, '3 h 20 m'],
    [354_000_000, '4 d 2 h'],
  ])('a length of %s ms reads %s', (ms, expected) => {
    expect(formatDuration(ms)).toBe(expected);
  });

  it.each([
    [NOW, 'now'],
    [NOW - 999, 'now'],
    [NOW - 12_000, '12 s ago'],
    [NOW - 3_599_999, '59 m ago'],
    [NOW - 30 * 3_600_000, '30 h ago'],
    [NOW - 50 * 3_600_000, '2 d ago'],
    [NOW + 10_000, 'now'],
    [NOW + 300_000, 'in 5 m'],
  ])('%s is %s', (at, expected) => {
    expect(formatRelative(at, NOW)).toBe(expected);
  });

  it('says an age without a direction', () => {
    expect(formatAge(NOW - 90_000, NOW)).toBe('1 m');
    expect(formatAge(NOW + 5_000, NOW)).toBe('0 s');
  });

  it('says an instant in UTC to the millisecond', () => {
    expect(formatInstant(NOW, 'utc')).toBe('2026-11-24 10:20:45.857 UTC');
  });

  it('names the offset of the local zone', () => {
    expect(formatInstant(NOW, 'local')).toMatch(/^2026-11-2\d \d\d:\d\d:45\.857 (UTC|GMT[+-]\d+(:\d\d)?)$/);
  });
});

describe('counts on the screen', () => {
  it('have thousands separated, and are short where there is no room', () => {
    expect(formatCount(1_234_567)).toBe('1,234,567');
    expect([0, 7, 0.25, 999, 1_000, 12_345, 2_400_000].map(formatShortCount)).toEqual(['0', '7', '0.3', '999', '1k', '12.3k', '2.4M']);
  });
});
