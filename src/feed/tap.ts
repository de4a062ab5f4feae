import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

import { expired, replayError } from './catch-up.js';
import type { ChangeSource } from './change-source.js';
import { classifyStreamError } from './classify-error.js';
import { type ClusterTime, compareTimes, type Position } from './cursor.js';
import { isDocumentChange, type EventMaker, type PositionedEvent } from './to-event.js';
import type { FeedTap } from './types.js';

/** An empty answer may be that of the command that opens the stream, before it has looked. */
const EMPTY_ANSWERS_AT_THE_END = 2;
const CHANGES_PER_TURN = 100;
const RETRY_MS = 500;
/** How many live events wait for the replay at most. The oldest go first: the replay will bring them as well. */
const MAX_WAITING = 10_000;

export interface TapSources {
  readonly source: Pick<ChangeSource, 'replay'>;
  readonly maker: EventMaker;
  /** Names the run of what is replayed. */
  readonly epoch: string;
  /** Where the live feed stands. */
  readonly livePosition: () => Position;
  /** Resolves when the live feed is past everything that was committed before the call. */
  readonly barrier: () => Promise<void>;
}

/**
 * One tap of the feed: given every event behind its place, once and in order, before any subscriber is.
 *
 * With a place in the past it first replays from there by a stream of its own, while what the live feed brings waits.
 * Both streams have the same order. They are joined at the first replayed event that waits, too; or where the database
 * has nothing further: then what waited before that was asked has been replayed. What the replay was ahead of the live
 * feed is left out when it comes there.
 */
export class Tap {
  readonly #tap: FeedTap;
  readonly #sources: TapSources;
  #replaying: boolean;
  #closed = false;
  /** From the live feed, while the past is replayed: the newest of `#arrived`. */
  #waiting: PositionedEvent[] = [];
  #arrived = 0;
  /** Behind the last event that was given; null once the live feed is at the same place. */
  #last: Position | null = null;
  /** Tokens of what was given of the cluster time of `#last`: the changes of a transaction share one. */
  #givenAtLast = new Set<string>();

  constructor(tap: FeedTap, sources: TapSources, after: Position | null) {
    this.#tap = tap;
    this.#sources = sources;
    this.#last = after;
    this.#replaying = after !== null;
    if (after !== null) this.#givenAtLast.add(after.token);
  }

  /** Behind the last event that was given. */
  get position(): Position {
    return this.#last ?? this.#sources.livePosition();
  }

  get live(): boolean {
    return !this.#replaying;
  }

  /** What the live feed brings. */
  publish(event: PositionedEvent): void {
    if (this.#closed) return;
    if (this.#replaying) {
      if (this.#givenAtLast.has(event.position.token)) return;
      this.#arrived += 1;
      this.#waiting.push(event);
      if (this.#waiting.length > MAX_WAITING) this.#waiting.splice(0, MAX_WAITING / 2);
      return;
    }
    if (this.#last !== null) {
      if (this.#isPassed(event.position, this.#last)) return;
      this.#last = null;
    }
    this.#tap.onEvent(event);
  }

  lost(): void {
    if (this.#closed) return;
    this.close();
    this.#tap.onLost();
  }

  close(): void {
    this.#closed = true;
    this.#waiting = [];
  }

  /**
   * Resolves when the tap is live.
   * @throws CursorExpiredError, InvalidInputError where the place is of no use; gives up without a word when closed
   */
  async join(): Promise<void> {
    while (this.#replaying && !this.#closed) {
      try {
        await this.#replay();
      } catch (error) {
        if (classifyStreamError(error, true) !== 'transient') throw replayError(error);
        await sleep(RETRY_MS, undefined, { ref: false });
      }
    }
  }

  async #replay(): Promise<void> {
    const { source, maker, epoch } = this.#sources;
    const stream = source.replay(this.position.token);
    let empty = 0;
    let given = 0;
    try {
      while (!this.#closed) {
        const arrivedBefore = this.#arrived;
        const change = await stream.tryNext();
        if (change === null) {
          empty += 1;
          if (empty < EMPTY_ANSWERS_AT_THE_END) continue;
          this.#waiting.splice(0, Math.max(0, this.#waiting.length - (this.#arrived - arrivedBefore)));
          if (this.#waiting.length === 0) return this.#joinLive();
          continue;
        }
        if (!isDocumentChange(change)) throw expired(new Error(`the collection saw ${change.operationType} since then`));
        const time = change.clusterTime ? { t: change.clusterTime.t, i: change.clusterTime.i } : null;
        const event = await maker.make(change, { epoch, seq: (given += 1), time, token: change._id._data });
        if (this.#closed) return;
        this.#forgetBefore(time);
        if (this.#waiting[0]?.position.token === event.position.token) return this.#joinLive();
        this.#give(event);
        if (given % CHANGES_PER_TURN === 0) await nextTurn();
      }
    } finally {
      await stream.close().catch(() => undefined);
    }
  }

  #give(event: PositionedEvent): void {
    const { position } = event;
    if (position.time === null || this.#last?.time == null || compareTimes(position.time, this.#last.time) !== 0) this.#givenAtLast.clear();
    this.#givenAtLast.add(position.token);
    this.#last = position;
    this.#tap.onEvent(event);
  }

  /** What the live feed brought of earlier changes was replayed, or lies before the place where this tap began. */
  #forgetBefore(time: ClusterTime | null): void {
    if (time === null) return;
    const isPast = ({ position }: PositionedEvent): boolean => position.time !== null && compareTimes(position.time, time) < 0;
    const kept = this.#waiting.findIndex((event) => !isPast(event));
    if (kept !== 0) this.#waiting.splice(0, kept < 0 ? this.#waiting.length : kept);
  }

  /** Whether the replay has gone past a live change: it has all of a transaction, which is committed at once. */
  #isPassed({ time, token }: Position, last: Position): boolean {
    return time === null || last.time === null ? this.#givenAtLast.has(token) : compareTimes(time, last.time) <= 0;
  }

  /** What waits has not been replayed. */
  #joinLive(): void {
    this.#replaying = false;
    if (this.#waiting.length > 0) {
      this.#last = null;
      for (const event of this.#waiting.splice(0)) this.#tap.onEvent(event);
      return;
    }
    // Until the live feed is past what was replayed, its place is an older one than this tap's.
    const last = this.#last;
    this.#sources.barrier().then(
      () => {
        if (this.#last === last) this.#last = null;
      },
      () => undefined,
    );
  }
}
