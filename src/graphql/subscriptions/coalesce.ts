import { endIterator, type EndableIterator } from './iterators.js';

/** Something of an unknown key changed: every key must be read again. */
export const EVERY_KEY = Symbol('every key');

export interface CoalesceOptions<Event, Key, Value> {
  /** Told of changes. Owned from here on: ended when the result ends. */
  readonly source: AsyncIterator<Event>;
  /** Which keys an event makes stale. */
  readonly keysOf: (event: Event) => Iterable<Key | typeof EVERY_KEY>;
  /** Keys that are read at the start, before any event. */
  readonly initial: readonly (Key | typeof EVERY_KEY)[];
  /** The present state of stale keys, one value each; a key without a state has none. */
  readonly read: (stale: ReadonlySet<Key | typeof EVERY_KEY>) => Promise<readonly Value[]>;
  /** Least time between two reads, in ms. */
  readonly minIntervalMs: number;
  /** Whether a failed read is worth repeating after `retryMs`; otherwise it ends the iterator with that error. */
  readonly isTransient?: (error: unknown) => boolean;
  readonly retryMs?: number;
}

/**
 * The state of keys, sent at the start and again after changes: at most one read per `minIntervalMs`, the first change
 * after a quiet time at once, and the state after the last change always. Reads happen only when the consumer asks for
 * more, so a slow one skips states instead of queueing them; memory is one entry for each stale key.
 * `return()` ends it at once: its timer is cleared, its source ended, a pending `next()` resolved.
 */
export function coalesce<Event, Key, Value>(options: CoalesceOptions<Event, Key, Value>): EndableIterator<Value> {
  return new Coalescer(options);
}

class Coalescer<Event, Key, Value> implements EndableIterator<Value> {
  readonly #options: CoalesceOptions<Event, Key, Value>;
  #stale: Set<Key | typeof EVERY_KEY>;
  readonly #ready: Value[] = [];
  #notBefore = 0;
  /** Nothing more is wanted of us, or nothing more can come. */
  #closed = false;
  #sourceEnded = false;
  #failure: { readonly error: unknown } | null = null;
  #wake: (() => void) | null = null;
  #timer: NodeJS.Timeout | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: CoalesceOptions<Event, Key, Value>) {
    this.#options = options;
    this.#stale = new Set(options.initial);
    void this.#drain();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Value>> {
    const result = this.#turn.then(() => this.#produce());
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async return(): Promise<IteratorResult<Value>> {
    this.#close();
    await endIterator(this.#options.source);
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<Value>> {
    await this.return();
    throw error;
  }

  /** Reads the source as fast as it comes, so that a bounded queue behind it never fills up. */
  async #drain(): Promise<void> {
    const { source, keysOf } = this.#options;
    try {
      for (;;) {
        const item = await source.next();
        if (item.done || this.#closed) break;
        for (const key of keysOf(item.value)) this.#stale.add(key);
        if (this.#stale.size > 0) this.#notify();
      }
    } catch (error) {
      this.#failure = { error };
    }
    this.#sourceEnded = true;
    this.#notify();
  }

  async #produce(): Promise<IteratorResult<Value>> {
    for (;;) {
      if (this.#closed) return { done: true, value: undefined };
      const failure = this.#failure;
      if (failure) {
        this.#close();
        throw failure.error;
      }
      const value = this.#ready.shift();
      if (value !== undefined) return { done: false, value };
      if (this.#stale.size > 0) {
        const wait = this.#notBefore - Date.now();
        if (wait > 0) await this.#sleep(wait);
        else await this.#refill();
      } else if (this.#sourceEnded) {
        this.#close();
      } else {
        await this.#changed();
      }
    }
  }

  async #refill(): Promise<void> {
    const { read, minIntervalMs, isTransient, retryMs = 1_000 } = this.#options;
    const stale = this.#stale;
    this.#stale = new Set();
    this.#notBefore = Date.now() + minIntervalMs;
    try {
      this.#ready.push(...(await read(stale)));
    } catch (error) {
      if (this.#closed) return;
      if (!isTransient?.(error)) {
        await this.return();
        throw error;
      }
      for (const key of stale) this.#stale.add(key);
      this.#notBefore = Date.now() + Math.max(minIntervalMs, retryMs);
    }
  }

  /** Resolves when something became stale, or it is over. */
  #changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Resolves after `ms`, or when it is over. Changes meanwhile only add to what is stale. */
  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        if (this.#timer) clearTimeout(this.#timer);
        this.#timer = null;
        this.#wake = null;
        resolve();
      };
      this.#timer = setTimeout(finish, ms);
      this.#wake = () => {
        if (this.#closed || this.#failure) finish();
      };
    });
  }

  #notify(): void {
    const wake = this.#wake;
    // While asleep the waker decides for itself whether it is over; otherwise it has served its turn.
    if (!this.#timer) this.#wake = null;
    wake?.();
  }

  #close(): void {
    this.#closed = true;
    this.#ready.length = 0;
    this.#stale.clear();
    this.#notify();
  }
}
