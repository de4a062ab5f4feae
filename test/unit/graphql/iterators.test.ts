import { describe, expect, it } from 'vitest';

import { mapIterator } from '../../../src/graphql/subscriptions/iterators.js';

describe('mapIterator', () => {
  it('ends its source at once, also while a value is awaited', async () => {
    let ended = false;
    let finish: (result: IteratorResult<number>) => void = () => undefined;
    const source: AsyncIterator<number> = {
      next: () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
      return: () => {
        ended = true;
        finish({ done: true, value: undefined });
        return Promise.resolve({ done: true, value: undefined });
      },
    };
    const mapped = mapIterator(source, (n) => n * 2, () => -1);
    const next = mapped.next();
    expect(await mapped.return()).toEqual({ done: true, value: undefined });
    expect(await next).toEqual({ done: true, value: undefined });
    expect(ended).toBe(true);
  });

  it('makes an error of its source the last value', async () => {
    async function* source() {
      yield 1;
      await Promise.resolve();
      throw new Error('over');
    }
    const mapped = mapIterator<number, number | string>(source(), (n) => n * 2, (error) => (error as Error).message);
    const seen: (number | string)[] = [];
    for await (const value of mapped) seen.push(value);
    expect(seen).toEqual([2, 'over']);
  });
});
