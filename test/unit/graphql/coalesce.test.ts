import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { coalesce, type CoalesceOptions, EVERY_KEY } from '../../../src/graphql/subscriptions/coalesce.js';

/** A source that the test feeds, and that says whether it was ended. */
class Source implements AsyncIterator<string> {
  ended = false;
  readonly #queue: string[] = [];
  #waiting: { resolve(result: IteratorResult<string>): void; reject(error: Error): void } | null = null;

  push(...values: string[]): void {
    for (const value of values) {
      if (this.#waiting) this.#waiting.resolve({ done: false, value });
      else this.#queue.push(value);
      this.#waiting = null;
    }
  }

  fail(error: Error): void {
    this.#waiting?.reject(error);
  }

  finish(): void {
    this.#waiting?.resolve({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<string>> {
    const value = this.#queue.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  return(): Promise<IteratorResult<string>> {
    this.ended = true;
    this.finish();
    return Promise.resolve({ done: true, value: undefined });
  }
}

function stale(options: Partial<CoalesceOptions<string, string, string>> = {}) {
  const source = new Source();
  const reads: string[][] = [];
  const iterator = coalesce<string, string, string>({
    source,
    keysOf: (key) => [key],
    initial: ['start'],
    minIntervalMs: 250,
    read: (keys) => {
      const names = [...keys].map((key) => (key === EVERY_KEY ? 'every' : key));
      reads.push(names);
      return Promise.resolve(names);
    },
    ...options,
  });
  return { source, reads, iterator };
}

const value = async (result: Promise<IteratorResult<string>>): Promise<string | undefined> => {
  const { done, value: found } = await result;
  return done ? undefined : found;
};

/** Whether a promise has settled by now, without waiting. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let yes = false;
  const note = (): void => {
    yes = true;
  };
  promise.then(note, note);
  await vi.advanceTimersByTimeAsync(0);
  return yes;
}

describe('coalesce', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('sends the present state at once', async () => {
    const { iterator, reads } = stale();
    expect(await value(iterator.next())).toBe('start');
    expect(reads).toEqual([['start']]);
  });

  it('shows changes of one interval together, once each', async () => {
    const { iterator, source, reads } = stale();
    await iterator.next();
    source.push('a', 'b', 'a');
    const next = iterator.next();
    expect(await settled(next)).toBe(false);
    await vi.advanceTimersByTimeAsync(249);
    expect(await settled(next)).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await value(next)).toBe('a');
    expect(await value(iterator.next())).toBe('b');
    expect(reads).toEqual([['start'], ['a', 'b']]);
  });

  it('shows the first change after a quiet time without delay', async () => {
    const { iterator, source } = stale();
    await iterator.next();
    await vi.advanceTimersByTimeAsync(300);
    const next = iterator.next();
    source.push('a');
    expect(await settled(next)).toBe(true);
  });

  it('always shows the state after the last change', async () => {
    const { iterator, source, reads } = stale({ initial: [] });
    const first = iterator.next();
    source.push('a');
    expect(await value(first)).toBe('a');
    source.push('a');
    const last = iterator.next();
    await vi.advanceTimersByTimeAsync(250);
    expect(await value(last)).toBe('a');
    expect(reads).toHaveLength(2);
  });

  it('shows a change that came while it was reading', async () => {
    let finish: (values: string[]) => void = () => undefined;
    const { iterator, source } = stale({
      minIntervalMs: 0,
      read: () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    });
    const first = iterator.next();
    await vi.advanceTimersByTimeAsync(0);
    source.push('later');
    await vi.advanceTimersByTimeAsync(0);
    finish(['old']);
    expect(await value(first)).toBe('old');
    const second = iterator.next();
    await vi.advanceTimersByTimeAsync(0);
    finish(['new']);
    expect(await value(second)).toBe('new');
  });

  it('reads nothing that nobody asks for, however much changes', async () => {
    const { iterator, source, reads } = stale();
    for (let n = 0; n < 10_000; n += 1) source.push(`key-${n % 5}`);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(reads).toEqual([]);
    await iterator.next();
    expect(reads).toHaveLength(1);
    expect(reads[0]).toHaveLength(6);
  });

  it('passes over keys without a state', async () => {
    const { iterator, source } = stale({ minIntervalMs: 0, read: (keys) => Promise.resolve([...keys].filter((key) => key === 'there').map(String)) });
    const next = iterator.next();
    expect(await settled(next)).toBe(false);
    source.push('gone', 'there');
    await vi.advanceTimersByTimeAsync(0);
    expect(await value(next)).toBe('there');
  });

  describe('ends at once when it is returned', () => {
    it('while it waits for a change', async () => {
      const { iterator, source } = stale();
      await iterator.next();
      const next = iterator.next();
      await vi.advanceTimersByTimeAsync(0);
      await iterator.return();
      expect(await next).toEqual({ done: true, value: undefined });
      expect(source.ended).toBe(true);
    });

    it('while it waits for the interval to pass, leaving no timer', async () => {
      const { iterator, source } = stale();
      await iterator.next();
      source.push('a');
      const next = iterator.next();
      await vi.advanceTimersByTimeAsync(10);
      expect(vi.getTimerCount()).toBe(1);
      await iterator.return();
      expect(await next).toEqual({ done: true, value: undefined });
      expect(vi.getTimerCount()).toBe(0);
      expect(source.ended).toBe(true);
    });

    it('while it reads', async () => {
      const { iterator, source } = stale({ read: () => new Promise((resolve) => setTimeout(() => resolve(['late']), 50)) });
      const next = iterator.next();
      await vi.advanceTimersByTimeAsync(0);
      await iterator.return();
      await vi.advanceTimersByTimeAsync(50);
      expect(await next).toEqual({ done: true, value: undefined });
      expect(source.ended).toBe(true);
    });

    it('before anything was asked for', async () => {
      const { iterator, source, reads } = stale();
      await iterator.return();
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
      expect(source.ended).toBe(true);
      expect(reads).toEqual([]);
    });
  });

  it('ends with the error of its source', async () => {
    const { iterator, source } = stale();
    await iterator.next();
    const next = iterator.next();
    await vi.advanceTimersByTimeAsync(0);
    source.fail(new Error('resync'));
    await expect(next).rejects.toThrow('resync');
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('ends with its source, after the last state', async () => {
    const { iterator, source } = stale({ minIntervalMs: 0 });
    await iterator.next();
    source.push('a');
    await vi.advanceTimersByTimeAsync(0);
    source.finish();
    expect(await value(iterator.next())).toBe('a');
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('tries a read again that failed in passing', async () => {
    let fails = 2;
    const { iterator } = stale({
      isTransient: (error) => (error as Error).message === 'away',
      retryMs: 1_000,
      read: () => {
        fails -= 1;
        return fails >= 0 ? Promise.reject(new Error('away')) : Promise.resolve(['back']);
      },
    });
    const next = iterator.next();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await value(next)).toBe('back');
  });

  it('ends with a read that failed for good, and ends its source', async () => {
    const { iterator, source } = stale({ isTransient: () => false, read: () => Promise.reject(new Error('broken')) });
    await expect(iterator.next()).rejects.toThrow('broken');
    expect(source.ended).toBe(true);
  });
});
