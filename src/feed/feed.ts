import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';

import { Gate } from '../concurrency/gate.js';
import { Barriers } from './barrier.js';
import { catchUp, replayError, type JoinPoint } from './catch-up.js';
import type { ChangeSource, RawChange } from './change-source.js';
import { compareTimes, CursorCodec, type ClusterTime, notACursor, type Position } from './cursor.js';
import { CursorExpiredError, FeedClosedError, ResyncRequiredError } from './errors.js';
import { Ring } from './ring.js';
import { StatusBoard } from './status-board.js';
import { StreamReader } from './stream-reader.js';
import { Subscriber } from './subscriber.js';
import { Tap } from './tap.js';
import { createEventMaker, type EventMaker, type PositionedEvent } from './to-event.js';
import type { FeedStatus, FeedSubscribeOptions, FeedTap, OpenTap, TappedFeed, TaskChangeEvent } from './types.js';

export interface FeedOptions {
  readonly source: ChangeSource;
  /** `database.collection`: cursors of another one are refused. */
  readonly namespace: string;
  readonly log: Logger;
  /** Past events kept in memory for replay. Default 10,000. */
  readonly ringEvents?: number;
  /** Memory that they may take, in bytes, by a rough count. Default 64 MiB. */
  readonly ringBytes?: number;
  /** Events that may wait for one slow subscriber. Default 1,000. */
  readonly subscriberQueue?: number;
  /** A subscriber that was sent nothing for this long is sent a BOOKMARK, in ms. Default 10,000. */
  readonly bookmarkIntervalMs?: number;
  /** Streams that replay the past beyond memory at the same time; further subscribers wait. Default 4. */
  readonly concurrentCatchUps?: number;
  /** The database answers an open stream about four times a second; silent for this long it counts as away, in ms. Default 5,000. */
  readonly silenceMs?: number;
  /** Silent for this long the stream is given up and opened anew, in ms. Default 15,000. */
  readonly stallMs?: number;
}

export interface RunningFeed extends TappedFeed {
  /** Resolves when the stream stands. Rejects when the first try fails for good (not authorised, no replica set). */
  start(): Promise<void>;
  /** Ends every subscription with FeedClosedError and closes the stream. Idempotent. */
  close(): Promise<void>;
}

const SLOW_REPLAY_MS = 30_000;
/** The database answers an open stream about four times a second. */
const SILENT_MS = 1_000;
/** How far a replica or the database's clock may be ahead of this one: a place further ahead is not of this history. */
const AHEAD_SECONDS = 300;
const CHANGES_PER_TURN = 100;

const NOTHING: ReadonlySet<string> = new Set();

/** Whether a change lies before a place that came from another replica, which may be ahead of this one. */
function isBefore(change: Position, place: Position): boolean {
  if (change.token === place.token) return true;
  return change.time !== null && place.time !== null && compareTimes(change.time, place.time) < 0;
}

function timeOf(change: RawChange): ClusterTime | null {
  return change.clusterTime ? { t: change.clusterTime.t, i: change.clusterTime.i } : null;
}

class ChangeFeed implements RunningFeed {
  readonly #source: ChangeSource;
  readonly #codec: CursorCodec;
  readonly #maker: EventMaker;
  readonly #ring: Ring;
  readonly #board: StatusBoard;
  readonly #gate: Gate;
  readonly #queueLimit: number;
  readonly #bookmarkIntervalMs: number;
  readonly #tickMs: number;
  readonly #reader: StreamReader;
  readonly #live = new Set<Subscriber>();
  /** What a subscriber that has just joined was already given, until the live feed is past it. */
  readonly #leftOut = new Map<Subscriber, (event: PositionedEvent) => boolean>();
  readonly #catchingUp = new Set<Subscriber>();
  readonly #taps = new Set<Tap>();
  readonly #barriers = new Barriers();

  #epoch = '';
  #position: Position | null = null;
  #lagMs: number | null = null;
  #lastEventAt: Date | null = null;
  #lastAnswerAt: Date | null = null;
  #ticker: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: FeedOptions) {
    this.#source = options.source;
    this.#codec = new CursorCodec(options.namespace);
    this.#maker = createEventMaker(options.source, this.#codec);
    this.#ring = new Ring({ events: options.ringEvents ?? 10_000, bytes: options.ringBytes ?? 64 * 1024 * 1024 });
    this.#gate = new Gate(options.concurrentCatchUps ?? 4);
    this.#queueLimit = options.subscriberQueue ?? 1_000;
    this.#bookmarkIntervalMs = options.bookmarkIntervalMs ?? 10_000;
    this.#tickMs = Math.min(1_000, this.#bookmarkIntervalMs / 2);
    this.#board = new StatusBoard(() => ({
      cursor: this.cursor(),
      lagMs: this.#behindMs(),
      lastEventAt: this.#lastEventAt,
      subscribers: this.#live.size + this.#catchingUp.size,
      ringSize: this.#ring.size,
    }));
    this.#reader = new StreamReader({
      source: options.source,
      board: this.#board,
      log: options.log,
      silenceMs: options.silenceMs ?? 5_000,
      stallMs: options.stallMs ?? 15_000,
      changesPerTurn: Math.max(1, Math.min(CHANGES_PER_TURN, Math.floor(this.#queueLimit / 4))),
      resumeToken: () => (this.#position as Position).token,
      onBeginning: (token, lost) => this.#begin(token, lost),
      onChange: (change) => this.#take(change),
      onAsked: () => this.#barriers.asked(),
      onEmpty: (token) => this.#barriers.empty(token),
    });
  }

  status(): FeedStatus {
    return this.#board.read();
  }

  watchStatus(): AsyncIterableIterator<FeedStatus> {
    return this.#board.watch();
  }

  cursor(): string {
    return this.#position === null ? '' : this.#codec.encode(this.#position);
  }

  async start(): Promise<void> {
    await this.#reader.start();
    this.#ticker = setInterval(() => this.#tick(), this.#tickMs);
    this.#ticker.unref();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#ticker) clearInterval(this.#ticker);
    for (const subscriber of [...this.#live, ...this.#catchingUp]) subscriber.shutDown();
    for (const tap of this.#taps) tap.close();
    this.#barriers.fail(new FeedClosedError('TaskTracker is shutting down'));
    this.#board.close();
    await this.#reader.close();
  }

  // ---------------------------------------------------------------- what comes

  #begin(token: string, lost: boolean): void {
    this.#epoch = randomBytes(6).toString('base64url');
    this.#position = { epoch: this.#epoch, seq: 0, time: null, token };
    this.#ring.reset(1);
    if (!lost) return;
    this.#board.countResync();
    const error = new ResyncRequiredError(
      'The feed lost its place in the history of the database, so changes may have been missed: list again, then watch after the new feedCursor.',
      this.cursor(),
    );
    this.#barriers.fail(error);
    const taps = [...this.#taps];
    this.#taps.clear();
    for (const tap of taps) tap.lost();
    for (const subscriber of [...this.#live, ...this.#catchingUp]) subscriber.fail(error);
  }

  #take(change: RawChange): void | Promise<void> {
    const position: Position = {
      epoch: this.#epoch,
      seq: (this.#position as Position).seq + 1,
      time: timeOf(change),
      token: change._id._data,
    };
    const made = this.#maker.make(change, position);
    if (made instanceof Promise) return made.then((event) => this.#publish(event));
    this.#publish(made);
  }

  #publish(event: PositionedEvent): void {
    this.#position = event.position;
    this.#ring.push(event);
    const now = Date.now();
    this.#lagMs = Math.max(0, now - event.at.getTime());
    this.#lastEventAt = event.at;
    for (const tap of this.#taps) tap.publish(event);
    this.#barriers.came(event.position.time);
    for (const subscriber of this.#live) {
      if (this.#leftOut.size > 0 && this.#wasGiven(subscriber, event)) continue;
      subscriber.offer(event);
    }
  }

  #wasGiven(subscriber: Subscriber, event: PositionedEvent): boolean {
    const given = this.#leftOut.get(subscriber);
    if (given === undefined) return false;
    if (given(event)) return true;
    this.#leftOut.delete(subscriber);
    return false;
  }

  /** Keeps the place fresh while nothing happens, and sends bookmarks: to the quiet ones among many that are busy, too. */
  #tick(): void {
    if (!this.#reader.checkPulse()) return;
    const token = this.#reader.freshToken ?? (this.#position as Position).token;
    const position = { ...(this.#position as Position), token };
    this.#position = position;
    let bookmark: PositionedEvent | null = null;
    for (const subscriber of this.#live) {
      // Due where it would be overdue at the next tick.
      if (subscriber.queued > 0 || !this.#isQuiet(subscriber, this.#bookmarkIntervalMs - this.#tickMs)) continue;
      bookmark ??= this.#maker.bookmark(position, new Date());
      subscriber.offer(bookmark);
    }
  }

  #isQuiet(subscriber: Subscriber, forMs: number): boolean {
    return performance.now() - subscriber.lastQueuedAt >= forMs;
  }

  /** Offers an event of the past. While a filter refuses one after another, bookmarks keep what was gone through. */
  #offerPast(subscriber: Subscriber, event: PositionedEvent): void {
    subscriber.offer(event);
    if (this.#isQuiet(subscriber, this.#bookmarkIntervalMs)) subscriber.offer(this.#maker.bookmark(event.position, new Date()));
  }

  /** @throws InvalidInputError for what this feed never gave, and for a place that it has not reached */
  #positionOf(cursor: string): Position {
    const position = this.#codec.decode(cursor);
    if (position.epoch === this.#epoch && position.seq > (this.#position as Position).seq) throw notACursor(['after']);
    return position;
  }

  /** Whoever is not answered may be behind by as much, whatever the last event said. */
  #behindMs(): number | null {
    const answeredAt = this.lastAnswerAt();
    const silence = answeredAt === null ? 0 : Date.now() - answeredAt.getTime();
    return silence >= SILENT_MS ? Math.max(silence, this.#lagMs ?? 0) : this.#lagMs;
  }

  // ---------------------------------------------------------------- taps

  tap(tap: FeedTap, { after }: { readonly after?: string | undefined } = {}): OpenTap {
    if (this.#closed) throw new FeedClosedError('TaskTracker is shutting down');
    const sources = {
      source: this.#source,
      maker: this.#maker,
      epoch: `${this.#epoch}~`,
      livePosition: () => this.#position as Position,
      barrier: () => this.barrier(),
    };
    const open = new Tap(tap, sources, after === undefined ? null : this.#positionOf(after));
    this.#taps.add(open);
    return {
      joined: open.join(),
      cursor: () => this.#codec.encode(open.position),
      time: () => open.position.time,
      close: () => {
        open.close();
        this.#taps.delete(open);
      },
    };
  }

  barrier(until: ClusterTime | null = null): Promise<void> {
    if (this.#closed) return Promise.reject(new FeedClosedError('TaskTracker is shutting down'));
    return this.#barriers.wait(until ?? this.#source.now?.() ?? null);
  }

  lastAnswerAt(): Date | null {
    const at = this.#reader.lastAnswerAt;
    if (at !== null) this.#lastAnswerAt = new Date(Date.now() - (performance.now() - at));
    return this.#lastAnswerAt;
  }

  // ---------------------------------------------------------------- subscribers

  subscribe(options: FeedSubscribeOptions = {}): AsyncIterableIterator<TaskChangeEvent> {
    if (this.#closed) throw new FeedClosedError('TaskTracker is shutting down: subscribe again in a moment');
    const after = options.after === undefined ? null : this.#positionOf(options.after);
    const startCursor = options.after ?? this.cursor();
    const subscriber = new Subscriber({
      accepts: options.accepts,
      bookmarks: options.bookmarks ?? true,
      queueLimit: this.#queueLimit,
      startCursor: () => startCursor,
      onClose: (closed) => {
        this.#live.delete(closed);
        this.#catchingUp.delete(closed);
        this.#leftOut.delete(closed);
      },
    });
    if (after !== null && this.#isAhead(after)) {
      subscriber.fail(new CursorExpiredError('This cursor points to a time that the database has not reached: list again, and watch after the new feedCursor.'));
      return subscriber;
    }
    const first = after === null ? this.#ring.newest + 1 : this.#firstBehind(after);
    if (first !== null && this.#ring.newest - first < this.#queueLimit) {
      this.#joinLive(subscriber, first, after === null ? null : (event) => isBefore(event.position, after));
    } else {
      this.#catchingUp.add(subscriber);
      this.#replay(subscriber, after as Position, first).catch((error: unknown) => {
        subscriber.fail(replayError(error) as Error);
      });
    }
    return subscriber;
  }

  /** A database that was restored to an earlier time has not reached what cursors of its later history point to. */
  #isAhead({ time }: Position): boolean {
    const reached = Math.max(Date.now() / 1_000, this.#position?.time?.t ?? 0);
    return time !== null && time.t > reached + AHEAD_SECONDS;
  }

  #firstBehind(after: Position): number | null {
    const known = this.#ring.firstBehind(after, this.#epoch);
    if (known !== null) return known;
    return after.token === this.#position?.token ? this.#ring.newest + 1 : null;
  }

  /**
   * From memory where it reaches back far enough, else from a stream of its own; then live. Where memory moves past a
   * reader meanwhile, it goes on from a stream of its own again.
   */
  async #replay(subscriber: Subscriber, after: Position, first: number | null): Promise<void> {
    let last = after;
    let next = first;
    for (;;) {
      let delivered = NOTHING;
      if (next === null) {
        const join = await this.#catchUp(subscriber, last);
        if (join === null || subscriber.closed) return;
        ({ delivered, last } = join);
        next = join.afterSeq + 1;
      }
      const given = (event: PositionedEvent): boolean => delivered.has(event.position.token) || isBefore(event.position, after);
      while (this.#ring.newest - next >= this.#queueLimit / 2) {
        const event = this.#ring.get(next);
        if (event === undefined) break;
        if (!given(event)) this.#offerPast(subscriber, event);
        last = event.position;
        next += 1;
        await subscriber.room(SLOW_REPLAY_MS);
        if (subscriber.closed) return;
      }
      if (next >= this.#ring.oldest) {
        this.#joinLive(subscriber, next, given);
        return;
      }
      next = null;
    }
  }

  /** Synchronous from the first replayed event to joining the live feed, so that nothing falls in between. */
  #joinLive(subscriber: Subscriber, first: number, given: ((event: PositionedEvent) => boolean) | null): void {
    this.#catchingUp.delete(subscriber);
    if (subscriber.closed) return;
    this.#live.add(subscriber);
    if (given !== null) this.#leftOut.set(subscriber, given);
    for (let seq = first; seq <= this.#ring.newest; seq += 1) {
      const event = this.#ring.get(seq) as PositionedEvent;
      if (!this.#wasGiven(subscriber, event)) subscriber.offer(event);
    }
  }

  async #catchUp(subscriber: Subscriber, after: Position): Promise<JoinPoint | null> {
    await this.#gate.enter();
    try {
      if (subscriber.closed) return null;
      return await catchUp({
        from: after,
        source: this.#source,
        maker: this.#maker,
        epoch: `${this.#epoch}~`,
        liveSeq: () => this.#ring.newest,
        liveSeqOf: (change) => this.#ring.seqOfToken(change._id._data, timeOf(change)),
        deliver: async (event) => {
          this.#offerPast(subscriber, event);
          // Whoever waits for its client keeps nobody else from reading on.
          if (subscriber.full) await this.#gate.outside(() => subscriber.room(SLOW_REPLAY_MS));
          return !subscriber.closed;
        },
        cancelled: () => subscriber.closed,
      });
    } finally {
      this.#gate.leave();
    }
  }
}

/** The feed of one collection. Nothing runs until `start()`. */
export function createFeed(options: FeedOptions): RunningFeed {
  return new ChangeFeed(options);
}
