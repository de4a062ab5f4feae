import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { WriteRounds } from '../../../../src/server/fan-out/write-rounds.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A writer whose flush takes so many ms, and how often it was flushed. */
function writer(takesMs = 0): { flush(): void; flushed: () => number } {
  let flushed = 0;
  return {
    flush: () => {
      flushed += 1;
      vi.advanceTimersByTime(takesMs);
    },
    flushed: () => flushed,
  };
}

describe('rounds of writing', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] }));
  afterEach(() => vi.useRealTimers());

  it('come at the end of the turn, and once for what was added in it', async () => {
    const rounds = new WriteRounds();
    const one = writer();
    rounds.add(one);
    expect(one.flushed()).toBe(0);
    await turn();
    expect(one.flushed()).toBe(1);
    rounds.add(one);
    await turn();
    expect(one.flushed()).toBe(2);
  });

  it('begin again only when as much time has passed as the last one took', async () => {
    const rounds = new WriteRounds();
    const [slow, other] = [writer(8), writer()];
    rounds.add(slow);
    await turn();
    vi.advanceTimersByTime(2);
    rounds.add(other);
    await turn();
    vi.advanceTimersByTime(5);
    expect(other.flushed()).toBe(0);
    vi.advanceTimersByTime(1);
    expect(other.flushed()).toBe(1);
  });

  it('do not wait after a quiet time, nor ever for more than 20 ms', async () => {
    const rounds = new WriteRounds();
    const [slow, other] = [writer(500), writer()];
    rounds.add(slow);
    await turn();
    rounds.add(other);
    vi.advanceTimersByTime(20);
    expect(other.flushed()).toBe(1);
    rounds.add(slow);
    await turn();
    vi.advanceTimersByTime(20);
    rounds.add(other);
    await turn();
    expect(other.flushed()).toBe(2);
  });
});
