import { Connection } from './connection.js';
import { type Documents, documentsFor, DEFAULT_FIELDS, FEED_CURSOR, FEED_STATE } from './documents.js';
import { ConnectionLostError, ServerUnreachableError } from './errors.js';
import { ItemQueue } from './item-queue.js';
import { Lister } from './lister.js';
import { handlerOf, type Settings, settingsOf, type WatchOptions } from './options.js';
import type { FeedState, LossCode, Task, TaskChange, TaskKeys, WatchItem, WatchState, WatchStatus } from './types.js';
import { verdictOn } from './verdict.js';
import { shownUrl, webSocketUrl } from './web-socket.js';

/** A subscription that held this long was no failure, even if nothing came. */
const SETTLED_MS = 5_000;

/** Over how many first waits the new lists of clients that have lost their place are spread. */
const RELIST_SPREAD = 4;

/** A running watch: an async iterator of what `watchTasks` describes. */
export interface TaskWatch<T extends TaskKeys = Task> extends AsyncIterableIterator<WatchItem<T>> {
  /**
   * The place behind the last item that was read; moved on, once the next one is waited for, where nothing happened
   * since. Null until there is one. Kept when an item has been dealt with, and given as `after` to a later watch, nothing
   * is missed.
   */
  readonly cursor: string | null;
  readonly status: WatchStatus;
  /** Resolves when the watch has ended and has hung up; rejects with what ended it. */
  readonly finished: Promise<void>;
  /** Ends it at once; what has not been read is dropped. Idempotent. */
  close(): void;
  return(): Promise<IteratorResult<WatchItem<T>>>;
  [Symbol.asyncIterator](): TaskWatch<T>;
}

type ChangeEvent<T extends TaskKeys> = { readonly taskChanged: TaskChange<T> | { readonly kind: 'BOOKMARK'; readonly cursor: string } };
type FeedEvent = { readonly feedStatus: { readonly state: FeedState; readonly reason: string | null } };

class Watch<T extends TaskKeys> implements TaskWatch<T> {
  readonly finished: Promise<void>;
  readonly #options: WatchOptions<T>;
  readonly #settings: Settings;
  readonly #documents: Documents;
  readonly #queue: ItemQueue<T>;
  readonly #readsItself: boolean;
  #connection: Connection | null = null;
  /** Behind the last item that came: where to go on. Null: to be listed, or to be asked for. */
  #place: string | null;
  /** Why there is no place any more; null at the start. */
  #loss: LossCode | null = null;
  #lister: Lister<T> | null = null;
  #everConnected = false;
  #failures = 0;
  #followedSince: number | null = null;
  #closed = false;
  #wake: () => void = () => undefined;
  #status: WatchStatus = { state: 'connecting', since: new Date(), reason: null, failures: 0 };

  constructor(options: WatchOptions<T>) {
    this.#settings = settingsOf(options);
    webSocketUrl(options.url);
    this.#options = options;
    this.#documents = documentsFor(options.fields ?? DEFAULT_FIELDS);
    this.#place = options.after ?? null;
    this.#queue = new ItemQueue(this.#settings.bufferLimit, this.#place);
    const { signal } = options;
    const onAbort = (): void => this.close();
    if (signal?.aborted) this.close();
    signal?.addEventListener('abort', onAbort);
    const running = this.#run().finally(() => signal?.removeEventListener('abort', onAbort));
    const handle = handlerOf(options);
    this.#readsItself = handle !== null;
    this.finished = handle === null ? running : this.#read(handle, running);
    // Whoever iterates is thrown it; only of a watch that reads itself must `finished` be heard.
    running.catch(() => undefined);
  }

  get cursor(): string | null {
    return this.#queue.cursor;
  }

  get status(): WatchStatus {
    return this.#status;
  }

  // ---------------------------------------------------------------- for the reader

  next(): Promise<IteratorResult<WatchItem<T>>> {
    if (this.#readsItself) return Promise.reject(new TypeError('a watch with onChange, onList or onGap reads itself and is not iterated'));
    return this.#queue.next();
  }

  return(): Promise<IteratorResult<WatchItem<T>>> {
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  throw(error: unknown): Promise<IteratorResult<WatchItem<T>>> {
    this.close();
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue.discard();
    this.#hangUp();
    this.#wake();
    this.#set('ended', null);
  }

  async #read(handle: (item: WatchItem<T>) => void | Promise<void>, running: Promise<void>): Promise<void> {
    try {
      for (let each = await this.#queue.next(); !each.done; each = await this.#queue.next()) await handle(each.value);
    } finally {
      this.close();
      await running.catch(() => undefined);
    }
  }

  // ---------------------------------------------------------------- for the server

  async #run(): Promise<void> {
    // Whoever made it has it in hand before the first thing happens.
    await Promise.resolve();
    try {
      while (!this.#closed) {
        try {
          await this.#follow();
        } catch (error) {
          if (this.#closed) break;
          await this.#recover(error);
        }
      }
    } catch (error) {
      this.#queue.end(error instanceof Error ? error : new Error(String(error)));
      this.#set('ended', error instanceof Error ? error.message : String(error));
      this.#closed = true;
      throw error;
    } finally {
      this.#hangUp();
    }
  }

  /** Connects, finds its place, and takes what comes. Resolves when the reader is too far behind. */
  async #follow(): Promise<void> {
    this.#followedSince = null;
    if (this.#queue.full) {
      this.#set('paused', `the reader is ${this.#queue.size} items behind`);
      await this.#queue.room();
      if (this.#closed) return;
      this.#set('reconnecting', null);
    }
    if (this.#connection?.lost) this.#hangUp();
    const connection = (this.#connection ??= await Connection.open(this.#options));
    if (this.#closed) return;
    await connection.ready;
    this.#everConnected = true;
    const place = this.#place ?? (await this.#findPlace(connection));
    await this.#takeChanges(connection, place);
    this.#hangUp();
  }

  async #findPlace(connection: Connection): Promise<string> {
    const { list, pageSize, maxTasks } = this.#settings;
    const cause = this.#loss;
    if (list) {
      this.#set('listing', null);
      const { filter } = this.#options;
      this.#lister ??= new Lister({ query: this.#documents.page, filter, pageSize, maxTasks, cause });
      const item = await this.#lister.list(connection);
      this.#lister = null;
      this.#queue.push(item);
      this.#place = item.cursor;
    } else {
      const { feed } = await connection.request<{ readonly feed: { readonly cursor: string } }>({ query: FEED_CURSOR });
      if (cause === null) this.#queue.advance(feed.cursor);
      else this.#queue.push({ type: 'gap', cause, cursor: feed.cursor });
      this.#place = feed.cursor;
    }
    this.#loss = null;
    return this.#place;
  }

  #takeChanges(connection: Connection, after: string): Promise<void> {
    const { filter } = this.#options;
    return new Promise((resolve, reject) => {
      const stop = connection.subscribe<ChangeEvent<T>>({ query: this.#documents.changes, variables: { filter, after } }, {
        next: ({ taskChanged: change }) => {
          this.#failures = 0;
          this.#place = change.cursor;
          if (change.kind === 'BOOKMARK') {
            this.#queue.advance(change.cursor);
            return;
          }
          this.#queue.push({ type: 'change', change, cursor: change.cursor });
          if (!this.#queue.full) return;
          stop();
          stopState();
          resolve();
        },
        end: (error) => {
          stopState();
          reject(error ?? new ConnectionLostError('the server ended the subscription', undefined));
        },
      });
      const stopState = connection.subscribe<FeedEvent>({ query: FEED_STATE }, {
        next: ({ feedStatus: { state, reason } }) => {
          if (state === 'LIVE') this.#set('live', null);
          else this.#set('stalled', `the server's feed is ${state}${reason === null ? '' : `: ${reason}`}`);
        },
        // The changes decide; where only this one ends, there is no more to be told.
        end: () => undefined,
      });
      this.#followedSince = performance.now();
    });
  }

  #hangUp(): void {
    this.#connection?.close();
    this.#connection = null;
  }

  // ---------------------------------------------------------------- what goes wrong

  /** Waits before the next try; throws what ends the watch. */
  async #recover(error: unknown): Promise<void> {
    if (error instanceof ConnectionLostError) this.#hangUp();
    const verdict = verdictOn(error, this.#everConnected ? undefined : shownUrl(this.#options.url));
    if (verdict.action === 'end') throw verdict.error;
    if (this.#followedSince !== null && performance.now() - this.#followedSince >= SETTLED_MS) this.#failures = 0;
    this.#failures += 1;
    if (verdict.action === 'relist') {
      this.#place = null;
      this.#lister = null;
      this.#loss = verdict.cause;
    }
    const { retryAttempts, failFast } = this.#settings;
    if (this.#failures > retryAttempts || (failFast && !this.#everConnected)) {
      throw new ServerUnreachableError(`${shownUrl(this.#options.url)} cannot be watched: ${verdict.reason}`, { cause: error });
    }
    this.#set('reconnecting', verdict.reason);
    await this.#pause(verdict.action === 'relist');
  }

  /**
   * Longer from failure to failure, and never the same for all clients of one server: those that have lost their place
   * were told so at one moment, and are not to list at one moment.
   */
  async #pause(spread: boolean): Promise<void> {
    const { firstRetryMs, lastRetryMs } = this.#settings;
    const longest = Math.min(lastRetryMs, firstRetryMs * 2 ** Math.min(this.#failures - 1, 30));
    const wait = spread ? Math.random() * Math.min(lastRetryMs, longest * RELIST_SPREAD) : longest * (0.5 + Math.random() / 2);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, wait);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#closed) this.#wake();
    });
  }

  #set(state: WatchState, reason: string | null): void {
    const { state: before, reason: reasonBefore, since } = this.#status;
    if (before === 'ended' || (before === state && reasonBefore === reason)) return;
    this.#status = { state, reason, since: before === state ? since : new Date(), failures: this.#failures };
    this.#options.onStatus?.(this.#status);
  }
}

/**
 * Watches the executions that match a filter, over one WebSocket: lists them, then tells every change, and goes on where
 * it stopped for as long as it takes: after a lost connection, a restarted server, at another replica.
 *
 * It yields `list` (everything that matches: takes the place of all that was known; again where the server no longer
 * remembers the watch's place) and `change` items. Nothing is missed between two items; an item may come twice. Changes
 * of one execution are in order. `TaskFold` makes the present list of them. It begins at once, and ends with `close()`,
 * `return()` (leaving a `for await`) or `signal`; else with a WatchError that `next()` throws. While nobody answers, it
 * waits: give `onStatus` to hear of it, or `failFast`.
 *
 * @throws TypeError for options that cannot be taken
 */
export function watchTasks<T extends TaskKeys = Task>(options: WatchOptions<T>): TaskWatch<T> {
  return new Watch<T>(options);
}
