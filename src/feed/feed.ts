import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

import { catchUp, Gate, replayError, type JoinPoint } from './catch-up.js';
import type { ChangeSource, LiveHandle, RawChange } from './change-source.js';
import { classifyStreamError } from './classify-error.js';
import { compareTimes, CursorCodec, type ClusterTime, type Position } from './cursor.js';
import { FeedClosedError, ResyncRequiredError } from './errors.js';
import { Ring } from './ring.js';
import { StatusBoard } from './status-board.js';
import { Subscriber } from './subscriber.js';
import { createEventMaker, isDocumentChange, type EventMaker, type PositionedEvent } from './to-event.js';
import type { Feed, FeedStatus, FeedSubscribeOptions, TaskChangeEvent } from './types.js';

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
  /** The database answers an open stream about once a second; silent for this long it counts as away, in ms. Default 5,000. */
  readonly silenceMs?: number;
  /** Silent for this long the stream is given up and opened anew, in ms. Default 15,000. */
  readonly stallMs?: number;
}

/** A consumer inside the application (the statistics): called synchronously, in order, with every event. */
export interface FeedTap {
  onEvent(event: TaskChangeEvent): void;
  /** History was lost: what the tap knows may be wrong from here on. */
  onResync(): void;
}

export interface RunningFeed extends Feed {
  /** Resolves when the stream stands. Rejects when the first try fails for good (not authorised, no replica set). */
  start(): Promise<void>;
  /** Ends every subscription with FeedClosedError and closes the stream. Idempotent. */
  close(): Promise<void>;
  /** @returns a function that removes the tap */
  tap(tap: FeedTap): () => void;
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;
const FATAL_RETRY_MS = 30_000;
const TRIES_BEFORE_RESYNC = 3;
const SLOW_REPLAY_MS = 30_000;
const CLOSE_PATIENCE_MS = 1_000;

/** The database has not answered an open stream for too long; the stream is given up. */
class StalledStreamError extends Error {
  override name = 'StalledStreamError';
}

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
  readonly #log: Logger;
  readonly #codec: CursorCodec;
  readonly #maker: EventMaker;
  readonly #ring: Ring;
  readonly #board: StatusBoard;
  readonly #gate: Gate;
  readonly #queueLimit: number;
  readonly #bookmarkIntervalMs: number;
  readonly #silenceMs: number;
  readonly #stallMs: number;
  readonly #live = new Set<Subscriber>();
  /** What a subscriber that has just joined was already given, until the live feed is past it. */
  readonly #leftOut = new Map<Subscriber, (event: PositionedEvent) => boolean>();
  readonly #catchingUp = new Set<Subscriber>();
  readonly #taps = new Set<FeedTap>();
  readonly #stop = new AbortController();

  #epoch = randomBytes(6).toString('base64url');
  #position: Position | null = null;
  #handle: LiveHandle | null = null;
  /** True while nothing that the handle has returned is still on its way to the subscribers. */
  #handleIsQuiet = false;
  #lagMs: number | null = null;
  #lastEventAt: Date | null = null;
  #running: Promise<void> | null = null;
  #ticker: NodeJS.Timeout | null = null;

  constructor(options: FeedOptions) {
    this.#source = options.source;
    this.#log = options.log;
    this.#codec = new CursorCodec(options.namespace);
    this.#maker = createEventMaker(options.source, this.#codec);
    this.#ring = new Ring({ events: options.ringEvents ?? 10_000, bytes: options.ringBytes ?? 64 * 1024 * 1024 });
    this.#gate = new Gate(options.concurrentCatchUps ?? 4);
    this.#queueLimit = options.subscriberQueue ?? 1_000;
    this.#bookmarkIntervalMs = options.bookmarkIntervalMs ?? 10_000;
    this.#silenceMs = options.silenceMs ?? 5_000;
    this.#stallMs = options.stallMs ?? 15_000;
    this.#board = new StatusBoard(() => ({
      cursor: this.cursor(),
      lagMs: this.#lagMs,
      lastEventAt: this.#lastEventAt,
      subscribers: this.#live.size + this.#catchingUp.size,
      ringSize: this.#ring.size,
    }));
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

  tap(tap: FeedTap): () => void {
    this.#taps.add(tap);
    return () => this.#taps.delete(tap);
  }

  async start(): Promise<void> {
    const handle = await this.#openFirst();
    this.#ticker = setInterval(() => this.#tick(), Math.min(1_000, this.#bookmarkIntervalMs / 2));
    this.#ticker.unref();
    this.#running = this.#run(handle);
  }

  async #openFirst(): Promise<LiveHandle> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await this.#openFromNow();
      } catch (error) {
        if (classifyStreamError(error, false) !== 'transient' || tries >= 5) throw error;
        await sleep(FIRST_RETRY_MS * 2 ** tries);
      }
    }
  }

  async close(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    if (this.#ticker) clearInterval(this.#ticker);
    for (const subscriber of [...this.#live, ...this.#catchingUp]) subscriber.shutDown();
    this.#board.close();
    await this.#handle?.close().catch(() => undefined);
    await this.#running;
  }

  // ---------------------------------------------------------------- the stream

  async #openFromNow(): Promise<LiveHandle> {
    const handle = await this.#source.open(null);
    const token = handle.token;
    if (token === null) {
      await handle.close();
      throw new Error('the database gave no resume token for a change stream');
    }
    this.#epoch = randomBytes(6).toString('base64url');
    this.#position = { epoch: this.#epoch, seq: 0, time: null, token };
    this.#ring.reset(1);
    return handle;
  }

  /** Reads one stream after another until the feed is closed. */
  async #run(first: LiveHandle): Promise<void> {
    let handle: LiveHandle | null = first;
    let failures = 0;
    while (!this.#stop.signal.aborted) {
      try {
        handle ??= await this.#source.open((this.#position as Position).token);
        this.#handle = handle;
        await this.#read(handle, () => {
          failures = 0;
        });
      } catch (error) {
        if (this.#stop.signal.aborted) break;
        failures += 1;
        await this.#giveUp(handle);
        handle = await this.#recover(error, failures);
        if (handle !== null) failures = 0;
      }
    }
    await this.#giveUp(handle);
  }

  async #giveUp(handle: LiveHandle | null): Promise<void> {
    this.#handleIsQuiet = false;
    this.#handle = null;
    if (handle === null) return;
    // A connection that is gone may never answer the request to close.
    await Promise.race([handle.close().catch(() => undefined), sleep(CLOSE_PATIENCE_MS, undefined, { ref: false })]);
  }

  /** @returns a stream opened from now where history was lost; null where the last token is to be tried again */
  async #recover(error: unknown, failures: number): Promise<LiveHandle | null> {
    const failure = classifyStreamError(error, true);
    const reason = error instanceof Error ? error.message : String(error);
    const lost =
      failure === 'history-lost' || failure === 'token-refused' || (failure === 'unknown' && failures >= TRIES_BEFORE_RESYNC);
    if (lost) return this.#resync(reason);
    if (failure === 'fatal') {
      this.#setState('FAILED', reason);
      await this.#pause(FATAL_RETRY_MS);
      return null;
    }
    this.#setState('RECONNECTING', reason);
    await this.#pause(Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 10)));
    return null;
  }

  /** Opens from now, for as long as it takes, and tells everybody that something may have been missed. */
  async #resync(reason: string): Promise<LiveHandle | null> {
    this.#setState('RESYNCING', reason);
    for (let tries = 1; !this.#stop.signal.aborted; tries += 1) {
      try {
        const handle = await this.#openFromNow();
        this.#board.countResync();
        const cursor = this.cursor();
        const error = new ResyncRequiredError(
          'The feed lost its place in the history of the database, so changes may have been missed: list again, then watch after the new feedCursor.',
          cursor,
        );
        for (const subscriber of [...this.#live, ...this.#catchingUp]) subscriber.fail(error);
        for (const tap of this.#taps) tap.onResync();
        return handle;
      } catch (error) {
        const fatal = classifyStreamError(error, false) === 'fatal';
        const message = error instanceof Error ? error.message : String(error);
        this.#setState(fatal || tries >= 5 ? 'FAILED' : 'RESYNCING', message);
        await this.#pause(fatal ? FATAL_RETRY_MS : Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(tries, 10)));
      }
    }
    return null;
  }

  async #read(handle: LiveHandle, onAnswer: () => void): Promise<void> {
    this.#setState('LIVE', null);
    for (;;) {
      this.#handleIsQuiet = true;
      const change = await this.#nextOrStall(handle);
      this.#handleIsQuiet = false;
      onAnswer();
      if (!isDocumentChange(change)) {
        if (change.operationType === 'invalidate' || change.operationType === 'drop' || change.operationType === 'rename' || change.operationType === 'dropDatabase') {
          throw Object.assign(new Error(`the collection saw ${change.operationType}`), { code: 280 });
        }
        continue;
      }
      const position: Position = {
        epoch: this.#epoch,
        seq: (this.#position as Position).seq + 1,
        time: timeOf(change),
        token: change._id._data,
      };
      const made = this.#maker.make(change, position);
      this.#publish(made instanceof Promise ? await made : made);
    }
  }

  /** Waits for the next change, but not on a stream that the database has long stopped answering. */
  #nextOrStall(handle: LiveHandle): Promise<RawChange> {
    return new Promise((resolve, reject) => {
      this.#stall = () => reject(new StalledStreamError(`the database has not answered for ${this.#stallMs} ms`));
      handle.next().then(resolve, reject);
    });
  }

  #stall: () => void = () => undefined;

  #publish(event: PositionedEvent): void {
    this.#position = event.position;
    this.#ring.push(event);
    const now = Date.now();
    this.#lagMs = Math.max(0, now - event.at.getTime());
    this.#lastEventAt = event.at;
    for (const tap of this.#taps) tap.onEvent(event);
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

  /** Keeps the place fresh while nothing happens, sends bookmarks, and notices a database that has gone quiet. */
  #tick(): void {
    const now = performance.now();
    const handle = this.#handle;
    if (handle !== null) {
      const silence = now - handle.lastAnswerAt;
      if (silence > this.#stallMs) this.#stall();
      if (silence > this.#silenceMs) this.#setState('RECONNECTING', `the database has not answered for ${Math.round(silence / 1000)} s`);
      else if (this.#handleIsQuiet) {
        this.#setState('LIVE', null);
        const token = handle.token;
        if (token !== null) this.#position = { ...(this.#position as Position), token };
      }
    }
    if (this.#board.state !== 'LIVE') return;
    let bookmark: PositionedEvent | null = null;
    for (const subscriber of this.#live) {
      if (subscriber.queued > 0 || now - subscriber.lastQueuedAt < this.#bookmarkIntervalMs) continue;
      bookmark ??= this.#maker.bookmark(this.#position as Position, new Date());
      subscriber.offer(bookmark);
    }
  }

  #setState(state: FeedStatus['state'], reason: string | null): void {
    if (!this.#board.set(state, reason)) return;
    if (state === 'LIVE') this.#log.info({ feed: state }, 'the feed is live');
    else this.#log.warn({ feed: state, reason }, `the feed is ${state.toLowerCase()}`);
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }

  // ---------------------------------------------------------------- subscribers

  subscribe(options: FeedSubscribeOptions = {}): AsyncIterableIterator<TaskChangeEvent> {
    if (this.#stop.signal.aborted) throw new FeedClosedError('TaskTracker is shutting down: subscribe again in a moment');
    const after = options.after === undefined ? null : this.#codec.decode(options.after);
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

  #firstBehind(after: Position): number | null {
    const known = this.#ring.firstBehind(after, this.#epoch);
    if (known !== null) return known;
    return after.token === this.#position?.token ? this.#ring.newest + 1 : null;
  }

  /** From memory where it reaches back far enough, else from a stream of its own; then live. */
  async #replay(subscriber: Subscriber, after: Position, first: number | null): Promise<void> {
    const join = first === null ? await this.#catchUp(subscriber, after) : { afterSeq: first - 1, delivered: NOTHING };
    if (join === null) return;
    const given = (event: PositionedEvent): boolean =>
      join.delivered.has(event.position.token) || isBefore(event.position, after);
    const epoch = this.#epoch;
    let seq = join.afterSeq + 1;
    while (this.#ring.newest - seq >= this.#queueLimit / 2) {
      const event = this.#ring.get(seq);
      if (event === undefined) break;
      if (!given(event)) subscriber.offer(event);
      seq += 1;
      await subscriber.room(SLOW_REPLAY_MS);
      if (subscriber.closed || epoch !== this.#epoch) return;
    }
    if (seq < this.#ring.oldest && seq <= this.#ring.newest) {
      subscriber.fail(
        new ResyncRequiredError('This subscriber fell behind what memory holds while the past was replayed: list again.', this.cursor()),
      );
      return;
    }
    this.#joinLive(subscriber, seq, given);
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
          subscriber.offer(event);
          await subscriber.room(SLOW_REPLAY_MS);
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
