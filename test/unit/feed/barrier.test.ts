import { describe, expect, it } from 'vitest';

import { Barriers, timeOfToken } from '../../../src/feed/barrier.js';

const NOW = { t: 1_790_000_000, i: 3 };
const tokenAt = (t: number, i: number): string => `82${t.toString(16).padStart(8, '0')}${i.toString(16).padStart(8, '0').toUpperCase()}2B0429296E14`;

/** Whether the promise has settled by the next turn. */
async function settled(promise: Promise<void>): Promise<boolean> {
  let done = false;
  promise.then(
    () => (done = true),
    () => (done = true),
  );
  await new Promise((resolve) => setImmediate(resolve));
  return done;
}

describe('a barrier of the feed', () => {
  it('falls with the second answer after the call: the first may be to a question from before it', async () => {
    const barriers = new Barriers();
    barriers.answered(null);
    const barrier = barriers.wait(null);
    barriers.answered(null);
    expect(await settled(barrier)).toBe(false);
    barriers.answered(null);
    await barrier;
  });

  it('waits for the time that a read was answered at, where tokens tell the time', async () => {
    const barriers = new Barriers();
    const barrier = barriers.wait(NOW);
    for (const earlier of [tokenAt(NOW.t - 1, 9), tokenAt(NOW.t, 2), tokenAt(NOW.t, 2)]) barriers.answered(earlier);
    expect(await settled(barrier)).toBe(false);
    barriers.answered(tokenAt(NOW.t, 3));
    await barrier;
  });

  it('counts answers alone where tokens tell no time', async () => {
    const barriers = new Barriers();
    const barrier = barriers.wait(NOW);
    barriers.answered('2e00000010730002');
    barriers.answered('2e00000010730002');
    await barrier;
  });

  it('lets several calls overlap', async () => {
    const barriers = new Barriers();
    const first = barriers.wait(null);
    barriers.answered(null);
    const second = barriers.wait(null);
    barriers.answered(null);
    await first;
    expect(await settled(second)).toBe(false);
    barriers.answered(null);
    await second;
  });

  it('fails with what ends the stream', async () => {
    const barriers = new Barriers();
    const barrier = barriers.wait(null);
    barriers.fail(new Error('history is lost'));
    await expect(barrier).rejects.toThrow('history is lost');
  });

  it('reads the time of a token of mongod, and none from others', () => {
    expect(timeOfToken('826B058522000000032B0429296E1404')).toEqual({ t: 0x6b058522, i: 3 });
    expect(timeOfToken('8200000010730003000000117400060000002285056b026e')).toBeNull();
    expect(timeOfToken('3f00000010730003000000117400060000002285056b026e')).toBeNull();
    expect(timeOfToken('')).toBeNull();
  });
});
