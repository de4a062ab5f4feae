import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

import type { ChangeSource, LiveHandle, RawChange } from './change-source.js';
import { classifyStreamError } from './classify-error.js';
import type { StatusBoard } from './status-board.js';
import { isDocumentChange } from './to-event.js';
import type { FeedState } from './types.js';

export interface StreamReaderOptions {
  readonly source: ChangeSource;
  readonly board: StatusBoard;
  readonly log: Logger;
  /** The database answers an open stream about four times a second; silent for this long it counts as away, in ms. */
  readonly silenceMs: number;
  /** Silent for this long the stream is given up and opened anew, in ms. */
  readonly stallMs: number;
  /** Changes dealt with in one turn of the event loop: a batch of thousands must not outrun who is sent them. */
  readonly changesPerTurn: number;
  /** Resume token behind the last change that `onChange` has dealt with. */
  readonly resumeToken: () => string;
  /** A history begins at this token: at the start, and again (`lost`) when the place in the old one is gone. */
  readonly onBeginning: (token: string, lost: boolean) => void;
  /** The next change; the one after it is not read before this has resolved. */
  readonly onChange: (change: RawChange) => void | Promise<void>;
  /** The database is asked for changes. */
  readonly onAsked: () => void;
  /** It has none: the stream has come to this token, where it is known. */
  readonly onEmpty: (token: string | null) => void;
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;
const FATAL_RETRY_MS = 30_000;
const TRIES_AT_START = 5;
const TRIES_BEFORE_RESYNC = 3;
const TRIES_BEFORE_FAILED = 5;
const CLOSE_PATIENCE_MS = 1_000;
/** A stream that stood for this long has recovered: errors before it are no repetition. */
const SETTLED_MS = 60_000;
/** A driver that loses its connections knows of no server for a moment; an open stream is answered more often than this. */
const UNREACHABLE_MS = 750;

/** The database has not answered an open stream for too long; the stream is given up. */
class StalledStreamError extends Error {
  override name = 'StalledStreamError';
}

/** The collection was dropped or renamed: what follows is another collection's history. */
class InvalidatedStreamError extends Error {
  override name = 'InvalidatedStreamError';
  readonly code = 280;
}

const INVALIDATING = new Set(['invalidate', 'drop', 'rename', 'dropDatabase']);

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function backoff(tries: number): number {
  return Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(tries, 10));
}

/**
 * Keeps one change stream open for as long as the application runs, and keeps the feed's state true:
 *
 *     STARTING ─► LIVE ◄─► RECONNECTING    the database is away; the same token is tried until it is back
 *                   │  ▲
 *                   ▼  │
 *               RESYNCING ─► FAILED         the place is lost (286, dropped collection, oversized event, an error that
 *                                           repeats); the token is dropped and the stream opened from now
 *
 * FAILED is tried again every 30 s: what an operator mends (a privilege, a replica set) needs no restart.
 */
export class StreamReader {
  readonly #options: StreamReaderOptions;
  readonly #stop = new AbortController();
  #handle: LiveHandle | null = null;
  /** True while nothing that the stream has returned is still being dealt with. */
  #waiting = false;
  /** `performance.now()` when the last change was dealt with: while a batch is, the stream itself asks for nothing. */
  #progressAt = 0;
  /** `performance.now()` when no server could be reached any more; null once the stream was answered after it. */
  #unreachableAt: number | null = null;
  #giveUpWaiting: (error: Error) => void = () => undefined;
  /** Counts the streams: one that was given up may still answer. */
  #generation = 0;
  #running: Promise<void> | null = null;

  constructor(options: StreamReaderOptions) {
    this.#options = options;
  }

  /** Resolves when the stream stands. Rejects when it cannot be opened. */
  async start(): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      try {
        const handle = await this.#openFromNow(false);
        this.#running = this.#run(handle);
        return;
      } catch (error) {
        if (classifyStreamError(error, false) !== 'transient' || tries >= TRIES_AT_START) throw error;
        await this.#pause(backoff(tries));
      }
    }
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#abandon(this.#handle);
    await this.#running;
  }

  #open(from: string | null): Promise<LiveHandle> {
    this.#generation += 1;
    const generation = this.#generation;
    const isCurrent = (): boolean => generation === this.#generation;
    return this.#options.source.open(from, {
      onAsked: () => {
        if (isCurrent()) this.#options.onAsked();
      },
      onEmpty: () => {
        if (isCurrent()) this.#options.onEmpty(this.#handle?.token ?? null);
      },
    });
  }

  async #openFromNow(lost: boolean): Promise<LiveHandle> {
    const handle = await this.#open(null);
    if (handle.token === null) {
      await handle.close();
      throw new Error('the database gave no resume token for a change stream');
    }
    this.#options.onBeginning(handle.token, lost);
    return handle;
  }

  async #run(first: LiveHandle): Promise<void> {
    let next: LiveHandle | null = first;
    let failures = 0;
    while (!this.#stop.signal.aborted) {
      const handle: LiveHandle | null = next;
      next = null;
      const startedAt = performance.now();
      try {
        this.#handle = handle ?? (await this.#open(this.#options.resumeToken()));
        await this.#read(this.#handle, () => {
          failures = 0;
        });
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        failures = performance.now() - startedAt > SETTLED_MS ? 1 : failures + 1;
        await this.#abandon(this.#handle);
        next = await this.#recover(error, failures);
        if (next !== null) failures = 0;
      }
    }
    await this.#abandon(next);
  }

  async #abandon(handle: LiveHandle | null): Promise<void> {
    this.#waiting = false;
    this.#handle = null;
    if (handle === null) return;
    // A connection that is gone may never answer the request to close.
    await Promise.race([handle.close().catch(() => undefined), sleep(CLOSE_PATIENCE_MS, undefined, { ref: false })]);
  }

  /** @returns a stream opened from now where history was lost; null where the last token is to be tried again */
  async #recover(error: unknown, failures: number): Promise<LiveHandle | null> {
    const failure = classifyStreamError(error, true);
    if (failure === 'history-lost' || failure === 'token-refused' || (failure === 'unknown' && failures >= TRIES_BEFORE_RESYNC)) {
      return this.#resync(messageOf(error));
    }
    if (failure === 'fatal') {
      this.#setState('FAILED', messageOf(error));
      await this.#pause(FATAL_RETRY_MS);
    } else {
      this.#setState('RECONNECTING', messageOf(error));
      await this.#pause(backoff(failures - 1));
    }
    return null;
  }

  /** Opens from now, for as long as it takes. */
  async #resync(reason: string): Promise<LiveHandle | null> {
    this.#setState('RESYNCING', reason);
    for (let tries = 1; !this.#stop.signal.aborted; tries += 1) {
      try {
        return await this.#openFromNow(true);
      } catch (error) {
        const fatal = classifyStreamError(error, false) === 'fatal';
        this.#setState(fatal || tries >= TRIES_BEFORE_FAILED ? 'FAILED' : 'RESYNCING', messageOf(error));
        await this.#pause(fatal ? FATAL_RETRY_MS : backoff(tries));
      }
    }
    return null;
  }

  /** @param onProgress a change was dealt with: where the next one fails, it is another one that does */
  async #read(handle: LiveHandle, onProgress: () => void): Promise<void> {
    this.#setState('LIVE', null);
    for (let inTurn = 0; ; ) {
      this.#waiting = true;
      const change = await this.#nextOrStall(handle);
      this.#waiting = false;
      if (isDocumentChange(change)) {
        const done = this.#options.onChange(change);
        if (done !== undefined) await done;
      } else if (INVALIDATING.has(change.operationType)) {
        throw new InvalidatedStreamError(`the collection saw ${change.operationType}`);
      }
      this.#progressAt = performance.now();
      onProgress();
      inTurn += 1;
      if (inTurn < this.#options.changesPerTurn) continue;
      inTurn = 0;
      await nextTurn();
    }
  }

  /** Waits for the next change, but not on a stream that the database has long stopped answering. */
  #nextOrStall(handle: LiveHandle): Promise<RawChange> {
    return new Promise((resolve, reject) => {
      this.#giveUpWaiting = reject;
      handle.next().then(resolve, reject);
    });
  }

  /** To be called about once a second: notices a database that has gone quiet. @returns whether the stream is well */
  checkPulse(): boolean {
    const handle = this.#handle;
    if (handle === null) return false;
    const now = performance.now();
    const answeredAt = Math.max(handle.lastAnswerAt, this.#progressAt);
    const silence = now - answeredAt;
    const { silenceMs, stallMs } = this.#options;
    if (silence > stallMs) this.#giveUpWaiting(new StalledStreamError(`the database has not answered for ${stallMs} ms`));
    if (silence > silenceMs) {
      this.#setState('RECONNECTING', `the database has not answered for more than ${silenceMs} ms`);
      return false;
    }
    if (this.#isUnreachable(now, answeredAt)) {
      this.#setState('RECONNECTING', 'no server of the database can be reached');
      return false;
    }
    if (this.#waiting) this.#setState('LIVE', null);
    return true;
  }

  /** A server that is back has not answered the stream yet. */
  #isUnreachable(now: number, answeredAt: number): boolean {
    this.#unreachableAt = this.#options.source.unreachableSince?.() ?? this.#unreachableAt;
    if (this.#unreachableAt !== null && answeredAt > this.#unreachableAt) this.#unreachableAt = null;
    return this.#unreachableAt !== null && now - this.#unreachableAt >= UNREACHABLE_MS;
  }

  /** `performance.now()` of the last answer of the database; null while no stream is open. */
  get lastAnswerAt(): number | null {
    return this.#handle?.lastAnswerAt ?? null;
  }

  /** A newer resume token for the place that `onChange` has reached, while nothing that was read is yet to be dealt with. */
  get freshToken(): string | null {
    return this.#waiting ? (this.#handle?.token ?? null) : null;
  }

  #setState(state: FeedState, reason: string | null): void {
    if (!this.#options.board.set(state, reason)) return;
    if (state === 'LIVE') this.#options.log.info({ feed: state }, 'the feed is live');
    else this.#options.log.warn({ feed: state, reason }, `the feed is ${state.toLowerCase()}`);
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }
}
