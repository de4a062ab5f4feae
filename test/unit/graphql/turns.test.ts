import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { fromListener } from '../../../src/graphql/subscriptions/callbacks.js';
import { TURN, withTurns } from '../../../src/graphql/subscriptions/turns.js';

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 24, 10, 20, 45);

/** What a listener would be told, told by the test. */
function told<T>(): { tell: (value: T) => void; listeners: () => number; iterator: ReturnType<typeof fromListener<T>> } {
  const listeners = new Set<(value: T) => void>();
  const iterator = fromListener<T>((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  });
  return { tell: (value) => listeners.forEach((listener) => listener(value)), listeners: () => listeners.size, iterator };
}

beforeEach(() => void vi.useFakeTimers({ now: START }));
afterEach(() => void vi.useRealTimers());

describe('the turns of an interval', () => {
  it('come between the values of the source, each at a multiple of the width', async () => {
    const { tell, iterator } = told<string>();
    const turns = withTurns(iterator, MINUTE);
    tell('a');
    expect(await turns.next()).toEqual({ done: false, value: 'a' });
    const next = turns.next();
    let came: unknown = null;
    void next.then((result) => {
      came = result;
    });
    await vi.advanceTimersByTimeAsync(14_999);
    expect(came).toBeNull();
    await vi.advanceTimersByTimeAsync(1);
    expect(came).toEqual({ done: false, value: TURN });
    tell('b');
    expect(await turns.next()).toEqual({ done: false, value: 'b' });
    const second = turns.next();
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(await second).toEqual({ done: false, value: TURN });
    await turns.return();
  });

  it('that were slept through are one turn', async () => {
    const turns = withTurns(told<string>().iterator, MINUTE);
    vi.setSystemTime(START + 10 * MINUTE);
    expect(await turns.next()).toEqual({ done: false, value: TURN });
    const next = turns.next();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await next).toEqual({ done: false, value: TURN });
    await turns.return();
  });

  it('end with the source, and leave no timer and no listener', async () => {
    const { iterator, listeners } = told<string>();
    const turns = withTurns(iterator, MINUTE);
    const next = turns.next();
    await vi.advanceTimersByTimeAsync(1);
    await turns.return();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(vi.getTimerCount()).toBe(0);
    expect(listeners()).toBe(0);
  });
});

describe('an iterator over what a listener is told', () => {
  it('listens from the moment it is made, and keeps what was told until it is asked for', async () => {
    const { tell, iterator } = told<number>();
    tell(1);
    tell(2);
    expect([await iterator.next(), await iterator.next()].map(({ value }) => value as number)).toEqual([1, 2]);
    const next = iterator.next();
    tell(3);
    expect(await next).toEqual({ done: false, value: 3 });
  });

  it('stops listening when it is ended', async () => {
    const { tell, iterator, listeners } = told<number>();
    const next = iterator.next();
    await iterator.return();
    tell(1);
    expect(await next).toEqual({ done: true, value: undefined });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(listeners()).toBe(0);
  });
});
