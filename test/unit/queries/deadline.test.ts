import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { limitedRead, ReadDeadline, type ReadLimit } from '../../../src/queries/deadline.js';
import { AbandonedError, QueryTimeoutError } from '../../../src/queries/errors.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A read that ends only when it is told to. */
function endless({ signal }: ReadLimit): Promise<never> {
  return new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));
}

const limitOf = (deadline: ReadDeadline | null, most: number): Promise<ReadLimit> => limitedRead(deadline, most, (limit) => Promise.resolve(limit));

describe('the deadline of an operation', () => {
  it('leaves each read what the reads before it have left', async () => {
    const deadline = new ReadDeadline(1_000);
    expect((await limitOf(deadline, 5_000)).maxTimeMS).toBe(1_000);
    vi.advanceTimersByTime(600);
    expect((await limitOf(deadline, 5_000)).maxTimeMS).toBe(400);
    expect((await limitOf(deadline, 50)).maxTimeMS).toBe(50);
  });

  it('lets no read begin when it is over, and names the limit', async () => {
    const deadline = new ReadDeadline(1_000);
    vi.advanceTimersByTime(1_000);
    const read = vi.fn(endless);
    await expect(limitedRead(deadline, 5_000, read)).rejects.toMatchObject({ code: 'QUERY_TIMEOUT', limit: 1_000, message: expect.stringContaining('within 1000 ms') as string });
    expect(read).not.toHaveBeenCalled();
  });

  it('ends a read that the database does not give up by itself', async () => {
    const reading = limitedRead(new ReadDeadline(1_000), 5_000, endless);
    const ended = expect(reading).rejects.toThrow(QueryTimeoutError);
    await vi.advanceTimersByTimeAsync(1_250);
    await ended;
  });

  it('ends all its reads, and lets none begin, when nobody waits any more', async () => {
    const deadline = new ReadDeadline(1_000);
    const reading = [limitedRead(deadline, 5_000, endless), limitedRead(deadline, 5_000, endless)];
    const ended = reading.map((each) => expect(each).rejects.toThrow(AbandonedError));
    deadline.abandon();
    await Promise.all(ended);
    await expect(limitOf(deadline, 5_000)).rejects.toThrow(AbandonedError);
  });

  it('leaves no timer behind when no read runs', async () => {
    const deadline = new ReadDeadline(1_000);
    await Promise.all([limitOf(deadline, 1), limitOf(deadline, 1)]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a read', () => {
  const expired = Object.assign(new Error('operation exceeded time limit'), { code: 50 });

  it('that the database gave up ends with the limit that it had', async () => {
    const read = () => Promise.reject(expired);
    await expect(limitedRead(null, 70, read)).rejects.toMatchObject({ code: 'QUERY_TIMEOUT', limit: 70, cause: expired });
    await expect(limitedRead(new ReadDeadline(50), 70, read)).rejects.toMatchObject({ code: 'QUERY_TIMEOUT', limit: 50, cause: expired });
  });

  it('of no operation has its own limit alone', async () => {
    expect(await limitOf(null, 70)).toEqual({ maxTimeMS: 70 });
  });
});
