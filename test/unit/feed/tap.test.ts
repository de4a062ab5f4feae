import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { ChangeSource, RawChange, ReplayHandle } from '../../../src/feed/change-source.js';
import { CursorCodec, type Position } from '../../../src/feed/cursor.js';
import { Tap } from '../../../src/feed/tap.js';
import { createEventMaker, type PositionedEvent } from '../../../src/feed/to-event.js';

/** A history that a live feed and a replay read at paces of their own. */
class TwoReaders {
  readonly history: RawChange[] = [];
  readonly given: string[] = [];
  readonly tap: Tap;
  readonly joined: Promise<void>;
  lost = false;
  /** How many changes the live feed has published. */
  live: number;
  #asked: ((change: RawChange | null) => void)[] = [];
  #replayAt = 0;
  readonly #maker = createEventMaker({ lookup: () => Promise.resolve(null) }, new CursorCodec('a.b'));

  /** @param times cluster times of the history so far; equal ones are one transaction */
  constructor(times: readonly number[], live: number, from: number | null) {
    for (const time of times) this.commit(time);
    this.live = live;
    const source: Pick<ChangeSource, 'replay'> = { replay: (token) => this.#replay(token) };
    this.tap = new Tap(
      {
        onEvent: (event) => this.given.push((event as PositionedEvent).position.token),
        onLost: () => (this.lost = true),
      },
      {
        source,
        maker: this.#maker,
        epoch: 'live~',
        livePosition: () => this.#positionAt(this.live),
        barrier: () => new Promise(() => undefined),
      },
      from === null ? null : this.#positionAt(from),
    );
    this.joined = this.tap.join();
  }

  commit(time: number): void {
    this.history.push({
      _id: { _data: `t${this.history.length + 1}` },
      operationType: 'insert',
      clusterTime: { t: time, i: 1 },
      documentKey: { _id: this.history.length },
      fullDocument: { _id: this.history.length },
    });
  }

  #positionAt(index: number): Position {
    const change = this.history[index - 1];
    return { epoch: 'live', seq: index, time: change?.clusterTime ?? null, token: `t${index}` };
  }

  #replay(token: string): ReplayHandle {
    this.#replayAt = Number(token.slice(1));
    return {
      tryNext: () => new Promise((resolve) => this.#asked.push(resolve)),
      close: () => Promise.resolve(),
    };
  }

  /** The live feed publishes its next change, if there is one. */
  publish(): void {
    const change = this.history[this.live];
    if (change === undefined) return;
    this.live += 1;
    this.tap.publish(this.#maker.make(change, this.#positionAt(this.live)) as PositionedEvent);
  }

  /** The database answers the replay. */
  async answer(): Promise<void> {
    const resolve = this.#asked.shift();
    if (resolve !== undefined) {
      const change = this.history[this.#replayAt] ?? null;
      if (change !== null) this.#replayAt += 1;
      resolve(change);
    }
    await new Promise((turn) => setImmediate(turn));
  }
}

const tokens = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, index) => `t${from + index + 1}`);

describe('a tap behind a cursor', () => {
  it('is given every event behind it once and in order, however the two streams interleave', async () => {
    const scenario = fc.record({
      gaps: fc.array(fc.constantFrom(0, 0, 1), { maxLength: 30, size: 'max' }),
      from: fc.nat(30),
      live: fc.nat(30),
      steps: fc.array(fc.constantFrom('publish', 'answer', 'answer', 'commit', 'commit together'), { maxLength: 80, size: 'max' }),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ gaps, from, live, steps }) => {
        let time = 1;
        const times = gaps.map((gap) => (time += gap));
        const place = Math.min(from, gaps.length);
        const start = Math.min(live, gaps.length);
        const readers = new TwoReaders(times, start, place);
        for (const step of steps) {
          if (step === 'publish') readers.publish();
          else if (step === 'answer') await readers.answer();
          else for (let together = step === 'commit' ? 1 : 2 + ((time += 1) % 2); together > 0; together -= 1) readers.commit(step === 'commit' ? (time += 1) : time);
        }
        for (let turns = 0; turns < 200 && !readers.tap.live; turns += 1) await readers.answer();
        expect(readers.tap.live).toBe(true);
        await readers.joined;
        while (readers.live < readers.history.length) readers.publish();
        readers.commit((time += 1));
        readers.publish();
        expect(readers.given).toEqual(tokens(place, readers.history.length));
        expect(readers.tap.position.token).toBe(`t${readers.history.length}`);
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps the newest live events only while a long past is replayed', async () => {
    const readers = new TwoReaders([1], 1, 0);
    for (let index = 0; index < 12_000; index += 1) {
      readers.commit(2 + index);
      readers.publish();
    }
    while (!readers.tap.live) await readers.answer();
    expect(readers.given).toEqual(tokens(0, 12_001));
  });

  it('joins a busy live feed that was behind its place', async () => {
    const readers = new TwoReaders([1, 2, 3, 4], 1, 3);
    readers.publish();
    readers.publish();
    readers.publish();
    for (let time = 5; !readers.tap.live && time < 50; time += 1) {
      readers.commit(time);
      readers.publish();
      await readers.answer();
    }
    expect(readers.tap.live).toBe(true);
    expect(readers.given).toEqual(tokens(3, readers.history.length));
  });

  it('says a place that it has reached itself, while the live feed is still at an older one', async () => {
    const readers = new TwoReaders([1, 2, 3], 1, 0);
    for (let answers = 0; answers < 5; answers += 1) await readers.answer();
    expect(readers.tap.live).toBe(true);
    expect(readers.tap.position.token).toBe('t3');
    readers.publish();
    expect(readers.tap.position.token).toBe('t3');
  });

  it('is told once that the place is lost, and then nothing more', async () => {
    const readers = new TwoReaders([1, 2, 3], 1, null);
    await readers.joined;
    readers.publish();
    readers.tap.lost();
    readers.publish();
    expect(readers.lost).toBe(true);
    expect(readers.given).toEqual(['t2']);
  });

  it('is refused where the collection was dropped since', async () => {
    const readers = new TwoReaders([1], 1, 1);
    readers.history.push({ _id: { _data: 't2' }, operationType: 'drop' });
    const refused = expect(readers.joined).rejects.toThrow('no longer remembers');
    await readers.answer();
    await refused;
  });
});
