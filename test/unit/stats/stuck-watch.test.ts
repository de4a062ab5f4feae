import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { countedOf } from '../../../src/stats/counted.js';
import { createFold } from '../../../src/stats/fold/fold.js';
import type { Counted } from '../../../src/stats/fold/types.js';
import { StuckWatchers } from '../../../src/stats/stuck-watch.js';

const NOW = Date.parse('2026-03-05T12:00:00Z');
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Executions of one collection, in a fold that watchers read. */
class World {
  readonly #fold = createFold({ clock: () => Date.now() });
  readonly #documents = new Map<unknown, Counted>();
  isCurrent = true;
  readonly watchers = new StuckWatchers(
    () => Date.now(),
    () => this.isCurrent,
  );

  constructor() {
    this.watchers.use(this.#fold);
  }

  set(id: unknown, fields: Record<string, unknown> | null): void {
    const before = this.#documents.get(id) ?? null;
    const after = fields && countedOf({ _id: id, queueName: 'a', status: 'processing', enqueuedAt: new Date(0), ...fields });
    this.#fold.apply(before, after);
    if (after === null) this.#documents.delete(id);
    else this.#documents.set(id, after);
    this.watchers.changed(id, after);
  }

  start(id: unknown, at: number, queueName = 'a'): void {
    this.set(id, { processingStartedAt: new Date(at), queueName });
  }

  /** What the reader is given, as it comes. */
  watch(queueName: string | null, timeoutMs: number): unknown[] {
    const seen: unknown[] = [];
    void (async () => {
      for await (const id of this.watchers.watch(queueName, timeoutMs)) seen.push(id);
      seen.push('end');
    })();
    return seen;
  }

  again(): void {
    this.watchers.use(null);
    this.watchers.use(this.#fold);
  }
}

const turn = (): Promise<void> => vi.advanceTimersByTimeAsync(0).then(() => undefined);

describe('watching for stuck executions', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: NOW });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('reports those that are stuck, the longest first, then each at the moment its time passes', async () => {
    const world = new World();
    world.start('second', NOW - 20 * MINUTE);
    world.start('first', NOW - 30 * MINUTE);
    world.start('later', NOW - 4 * MINUTE);
    const seen = world.watch(null, 10 * MINUTE);
    await turn();
    expect(seen).toEqual(['first', 'second']);
    await vi.advanceTimersByTimeAsync(6 * MINUTE);
    expect(seen).toEqual(['first', 'second']);
    await vi.advanceTimersByTimeAsync(1);
    expect(seen).toEqual(['first', 'second', 'later']);
    await vi.advanceTimersByTimeAsync(60 * MINUTE);
    expect(seen).toHaveLength(3);
  });

  it('does not report what left processing in time, and what starts meanwhile at its own time', async () => {
    const world = new World();
    world.start('done', NOW);
    const seen = world.watch(null, MINUTE);
    await turn();
    await vi.advanceTimersByTimeAsync(30_000);
    world.start('new', NOW + 30_000);
    world.set('done', { status: 'completed', processingStartedAt: new Date(NOW) });
    world.set('gone', { processingStartedAt: new Date(NOW) });
    world.set('gone', null);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(seen).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(seen).toEqual(['new']);
  });

  it('gives every reader its own queue and timeout', async () => {
    const world = new World();
    world.start(1, NOW - 10 * MINUTE, 'a');
    world.start(2, NOW - 5 * MINUTE, 'b');
    const [all, ofB, patient] = [world.watch(null, MINUTE), world.watch('b', MINUTE), world.watch(null, 8 * MINUTE)];
    await turn();
    expect([all, ofB, patient]).toEqual([[1, 2], [2], [1]]);
    await vi.advanceTimersByTimeAsync(3 * MINUTE + 1);
    expect(patient).toEqual([1, 2]);
  });

  it('reports one whose start lies before what was reported already: clocks of workers differ', async () => {
    const world = new World();
    world.start('early', NOW - 30 * MINUTE);
    const seen = world.watch(null, 10 * MINUTE);
    await turn();
    world.start('earlier', NOW - 60 * MINUTE);
    world.start('same', NOW - 30 * MINUTE);
    await turn();
    expect(seen).toEqual(['early', 'earlier', 'same']);
  });

  it('does not report one again that is changed while it is stuck, nor when the figures are made anew', async () => {
    const world = new World();
    world.start('stuck', NOW - 30 * MINUTE);
    const seen = world.watch(null, 10 * MINUTE);
    await turn();
    world.set('stuck', { processingStartedAt: new Date(NOW - 30 * MINUTE), errorMessage: 'touched' });
    world.again();
    await turn();
    expect(seen).toEqual(['stuck']);
  });

  it('reports one again that was started anew in between', async () => {
    const world = new World();
    world.start('again', NOW - 30 * MINUTE);
    const seen = world.watch(null, 10 * MINUTE);
    await turn();
    world.set('again', { status: 'queued' });
    world.start('again', NOW);
    await vi.advanceTimersByTimeAsync(10 * MINUTE + 1);
    expect(seen).toEqual(['again', 'again']);
  });

  it('reports nothing while nobody knows what is processing, or changes do not arrive', async () => {
    const world = new World();
    world.start('stuck', NOW - 30 * MINUTE);
    world.isCurrent = false;
    const seen = world.watch(null, 10 * MINUTE);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(seen).toEqual([]);
    world.set('stuck', { status: 'completed' });
    world.start('other', NOW - 20 * MINUTE);
    world.isCurrent = true;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(seen).toEqual(['other']);
  });

  it('waits for years', async () => {
    const world = new World();
    const years = 5 * 365 * DAY;
    world.start('patient', NOW);
    const seen = world.watch(null, years);
    await turn();
    vi.setSystemTime(NOW + years - DAY);
    await vi.advanceTimersByTimeAsync(60 * MINUTE);
    expect(seen).toEqual([]);
    await vi.advanceTimersByTimeAsync(DAY);
    expect(seen).toEqual(['patient']);
  });

  it('keeps nothing for a reader that does not read, and ends all when it is closed', async () => {
    const world = new World();
    for (let id = 0; id < 250; id += 1) world.start(id, NOW - 60 * MINUTE + id);
    const slow = world.watchers.watch(null, MINUTE);
    expect(await slow.next()).toEqual({ done: false, value: 0 });
    expect(await slow.next()).toEqual({ done: false, value: 1 });
    for (let id = 0; id < 240; id += 1) world.set(id, { status: 'completed' });
    expect(await slow.next()).toEqual({ done: false, value: 240 });
    const seen = world.watch(null, MINUTE);
    await turn();
    expect(seen).toHaveLength(10);
    const pending = world.watchers.watch('none', MINUTE).next();
    world.watchers.close();
    expect(await pending).toEqual({ done: true, value: undefined });
    await turn();
    expect(seen.at(-1)).toBe('end');
    expect(await slow.next()).toEqual({ done: true, value: undefined });
    expect(vi.getTimerCount()).toBe(0);
  });
});
