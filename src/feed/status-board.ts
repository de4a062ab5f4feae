import type { FeedState, FeedStatus } from './types.js';

type Snapshot = () => Omit<FeedStatus, 'state' | 'reason' | 'resyncs'>;

const DONE: IteratorResult<FeedStatus> = { done: true, value: undefined };

/** The state of the feed, and whoever watches it. A watcher that reads slowly is given the newest status, not all of them. */
export class StatusBoard {
  readonly #snapshot: Snapshot;
  readonly #watchers = new Set<() => void>();
  #state: FeedState = 'STARTING';
  #reason: string | null = 'The change stream is being opened.';
  #resyncs = 0;
  #version = 0;
  #closed = false;

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
  }

  get state(): FeedState {
    return this.#state;
  }

  set(state: FeedState, reason: string | null): boolean {
    if (this.#state === state && this.#reason === reason) return false;
    this.#state = state;
    this.#reason = reason;
    this.#changed();
    return true;
  }

  countResync(): void {
    this.#resyncs += 1;
    this.#changed();
  }

  read(): FeedStatus {
    return { ...this.#snapshot(), state: this.#state, reason: this.#reason, resyncs: this.#resyncs };
  }

  #changed(): void {
    this.#version += 1;
    for (const wake of this.#watchers) wake();
  }

  close(): void {
    this.#closed = true;
    this.#changed();
  }

  watch(): AsyncIterableIterator<FeedStatus> {
    let seen = -1;
    let ended = false;
    let waiting: ((result: IteratorResult<FeedStatus>) => void) | null = null;
    const take = (): IteratorResult<FeedStatus> | null => {
      if (ended || this.#closed) {
        this.#watchers.delete(wake);
        return DONE;
      }
      if (seen === this.#version) return null;
      seen = this.#version;
      return { done: false, value: this.read() };
    };
    const wake = (): void => {
      if (waiting === null) return;
      const result = take();
      if (result === null) return;
      const resolve = waiting;
      waiting = null;
      resolve(result);
    };
    this.#watchers.add(wake);
    return {
      next: () => {
        const result = take();
        if (result !== null) return Promise.resolve(result);
        return new Promise((resolve) => {
          waiting = resolve;
        });
      },
      return: () => {
        ended = true;
        wake();
        this.#watchers.delete(wake);
        return Promise.resolve(DONE);
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
}
