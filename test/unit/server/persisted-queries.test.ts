import { describe, expect, test } from 'vitest';

import { PersistedQueries } from '../../../src/server/persisted-queries.js';

describe('texts that clients have registered', () => {
  test('are forgotten where there are too many, the least recently used first', async () => {
    const queries = new PersistedQueries();
    for (let n = 0; n < 1_000; n += 1) await queries.set(`k${n}`, 'text');
    await queries.get('k0');
    await queries.set('one more', 'text');
    expect(queries.size).toBe(1_000);
    expect(await queries.get('k0')).toBe('text');
    expect(await queries.get('k1')).toBeUndefined();
  });

  test('take no more than a mebibyte of characters together, and none of them more than 64 Ki', async () => {
    const queries = new PersistedQueries();
    const long = 'x'.repeat(64 * 1024);
    for (let n = 0; n < 50; n += 1) await queries.set(`k${n}`, long);
    expect(queries.size).toBe(16);
    await queries.set('longer', `${long}x`);
    expect(await queries.get('longer')).toBeUndefined();
    for (let times = 0; times < 50; times += 1) await queries.set('k49', long);
    expect(queries.size).toBe(16);
  });

  test('can be taken back', async () => {
    const queries = new PersistedQueries();
    await queries.set('a', 'text');
    expect(await queries.delete('a')).toBe(true);
    expect(await queries.delete('a')).toBe(false);
    expect(await queries.get('a')).toBeUndefined();
  });
});
