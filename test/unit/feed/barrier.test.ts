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
  it('falls when the database has nothing to answer to a question that was asked after the call', async () => {
    const barriers = new Barriers();
    barriers.asked();
    const barrier = barriers.wait(null);
    barriers.empty(null);
    expect(await settled(barrier)).toBe(false);
    barriers.asked();
    barriers.empty(null);
    await barrier;
  });

  it('is not fooled by answers that hold changes: there may be more', async () => {
    const barriers = new Barriers();
    const barrier = barriers.wait(null);
    for (let answers = 0; answers < 5; answers += 1) {
      barriers.asked();
      barriers.came({ t: NOW.t, i: answers });
    }
    expect(await settled(barrier)).toBe(false);
  });

  it('falls when a change comes that was committed after the time of the call', async () => {
    const barriers = new Barriers();
    const barrier = barriers.wait(NOW);
    barriers.came({ t: NOW.t, i: NOW.i });
    expect(await settled(barrier)).toBe(false);
    barriers.came({ t: NOW.t, i: NOW.i + 1 });
    await barrier;
  });

  it('waits for the time that a read was answered at, where tokens tell the time', async () => {
    const barriers = new Barriers();
    const barrier = barriers.wait(NOW);
    for (const earlier of [tokenAt(NOW.t - 1, 9), tokenAt(NOW.t, 2), tokenAt(NOW.t, 2)]) {
      barriers.asked();
      barriers.empty(earlier);
    }
    expect(await settled(barrier)).toBe(false);
    barriers.asked();
    barriers.empty(tokenAt(NOW.t, 3));
    await barrier;
  });

  it('goes by empty answers alone where tokens tell no time', async () => {
    const barriers = new Barriers();
    const barrier = barriers.wait(NOW);
    barriers.asked();
    barriers.empty('2e00000010730002');
    await barrier;
  });

  it('takes the time of the call when that comes late, and does without where it does not come', async () => {
    const barriers = new Barriers();
    const late = barriers.wait(Promise.resolve(NOW));
    const never = barriers.wait(Promise.reject(new Error('the database is away')));
    expect(await settled(late)).toBe(false);
    barriers.came({ t: NOW.t + 1, i: 1 });
    await late;
    expect(await settled(never)).toBe(false);
    barriers.asked();
    barriers.empty(null);
    await never;
  });

  it('lets several calls overlap', async () => {
    const barriers = new Barriers();
    const first = barriers.wait(null);
    barriers.asked();
    const second = barriers.wait(null);
    barriers.empty(null);
    await first;
    expect(await settled(second)).toBe(false);
    barriers.asked();
    barriers.empty(null);
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
