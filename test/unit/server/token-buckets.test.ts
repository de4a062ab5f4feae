import { describe, expect, test } from 'vitest';

import { TokenBuckets } from '../../../src/server/rate/token-buckets.js';

/** How many of the takings at this instant succeed. */
function taken(buckets: TokenBuckets, key: string, times: number, now: number): number {
  return Array.from({ length: times }, () => buckets.take(key, now)).filter((wait) => wait === 0).length;
}

describe('a bucket of tokens for each key', () => {
  test('gives its burst at once, and then as many as come back', () => {
    const buckets = new TokenBuckets({ perSecond: 10, burst: 30 });
    expect(taken(buckets, 'a', 50, 0)).toBe(30);
    expect(taken(buckets, 'a', 50, 1_000)).toBe(10);
    expect(taken(buckets, 'a', 50, 1_050)).toBe(0);
    expect(taken(buckets, 'a', 50, 1_100)).toBe(1);
  });

  test('never holds more than its burst, however long nothing was taken', () => {
    const buckets = new TokenBuckets({ perSecond: 10, burst: 30 });
    buckets.take('a', 0);
    expect(taken(buckets, 'a', 100, 1_000_000)).toBe(30);
  });

  test('says when there will be a token, and is right', () => {
    const buckets = new TokenBuckets({ perSecond: 4, burst: 1 });
    expect(buckets.take('a', 0)).toBe(0);
    expect(buckets.take('a', 100)).toBe(150);
    expect(buckets.take('a', 249)).toBeGreaterThan(0);
    expect(buckets.take('a', 250)).toBe(0);
  });

  test('is not emptied further by those who ask in vain', () => {
    const buckets = new TokenBuckets({ perSecond: 1, burst: 1 });
    expect(taken(buckets, 'a', 1_000, 0)).toBe(1);
    expect(taken(buckets, 'a', 1, 1_000)).toBe(1);
  });

  test('is of its key alone', () => {
    const buckets = new TokenBuckets({ perSecond: 1, burst: 2 });
    expect(taken(buckets, 'a', 5, 0)).toBe(2);
    expect(taken(buckets, 'b', 5, 0)).toBe(2);
  });

  test('is forgotten where more keys come than are remembered, the least recently used first', () => {
    const buckets = new TokenBuckets({ perSecond: 1, burst: 1, maxKeys: 2 });
    buckets.take('a', 0);
    buckets.take('b', 0);
    buckets.take('a', 1);
    buckets.take('c', 2);
    expect(buckets.size).toBe(2);
    expect(buckets.take('a', 3)).toBeGreaterThan(0);
    expect(buckets.take('b', 3)).toBe(0);
    for (let n = 0; n < 10_000; n += 1) buckets.take(`other ${n}`, 4);
    expect(buckets.size).toBe(2);
  });
});
