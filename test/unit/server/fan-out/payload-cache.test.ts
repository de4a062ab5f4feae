import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { describe, expect, it } from 'vitest';

import type { Payload } from '../../../../src/server/fan-out/payload.js';
import { PayloadCache } from '../../../../src/server/fan-out/payload-cache.js';

function counted(text: string): { render: () => Payload; times: () => number } {
  let times = 0;
  return {
    render: () => {
      times += 1;
      return { json: text, cursor: null };
    },
    times: () => times,
  };
}

/** Lets go what nothing holds: what was read through a weak reference is held until the turn ends. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  await turn();
  collect();
  await turn();
}

describe('payloads of events', () => {
  it('are made once for each event, shape and view', async () => {
    const cache = new PayloadCache();
    const [one, other] = [{}, {}];
    const { render, times } = counted('x');
    for (const [event, shape, view] of [[one, 's', 'in'], [one, 's', 'in'], [one, 's', 'out'], [one, 't', 'in'], [other, 's', 'in'], [other, 's', 'in']] as const) {
      await cache.get(event, shape, view, render);
    }
    expect(times()).toBe(4);
  });

  it('that are still being made are waited for, not made again', async () => {
    const cache = new PayloadCache();
    const event = {};
    const { render, times } = counted('x');
    const results = await Promise.all([1, 2].map(async () => cache.get(event, 's', '', () => Promise.resolve().then(render))));
    expect(times()).toBe(1);
    expect(results[0]).toBe(results[1]);
    expect(cache.get(event, 's', '', render)).toBe(results[0]);
  });

  it('that could not be made are tried again', async () => {
    const cache = new PayloadCache();
    const event = {};
    await expect(cache.get(event, 's', '', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    const { render, times } = counted('x');
    await cache.get(event, 's', '', render);
    expect(times()).toBe(1);
  });

  it('take no more memory than they may, however many events are kept elsewhere: the oldest are forgotten', async () => {
    const cache = new PayloadCache(100_000);
    const events = Array.from({ length: 5_000 }, () => ({}));
    const { render, times } = counted('x'.repeat(1_000));
    for (const event of events) {
      await cache.get(event, 's', '', render);
      expect(cache.bytes).toBeLessThanOrEqual(100_000);
    }
    await cache.get(events.at(-1), 's', '', render);
    expect(times()).toBe(5_000);
    await cache.get(events[0], 's', '', render);
    expect(times()).toBe(5_001);
  });

  it('are let go with their events, and kept as long as those are', async () => {
    const cache = new PayloadCache();
    const held = Array.from({ length: 10 }, () => ({}));
    const { render, times } = counted('x'.repeat(1_000));
    for (let gone = 0; gone < 5_000; gone += 1) await cache.get({}, 's', '', render);
    for (const event of held) await cache.get(event, 's', '', render);
    await collectGarbage();
    await cache.get(held[0], 't', '', render);
    expect(cache.bytes).toBeLessThan(11 * 3_000);
    for (const event of held) await cache.get(event, 's', '', render);
    expect(times()).toBe(5_011);
  });

  it('larger than all may be together are forgotten at once', async () => {
    const cache = new PayloadCache(1_000);
    const event = {};
    const { render, times } = counted('x'.repeat(2_000));
    await cache.get(event, 's', '', render);
    expect(cache.bytes).toBe(0);
    await cache.get(event, 's', '', render);
    expect(times()).toBe(2);
  });
});
