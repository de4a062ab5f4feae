const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** A value that changes, and whoever watches it. A watcher that reads slowly is given the newest value, not all of them. */
export class Newest<T> {
  readonly #read: () => T;
  readonly #watchers = new Set<() => void>();
  #version = 0;
  #closed = false;

  /** @param read the value as it is now */
  constructor(read: () => T) {
    this.#read = read;
  }

  get watchers(): number {
    return this.#watchers.size;
  }

  /** To be called after each change. */
  changed(): void {
    this.#version += 1;
    for (const wake of this.#watchers) wake();
  }

  /** Ends every watcher. */
  close(): void {
    this.#closed = true;
    this.changed();
  }

  /** The value now, and after every change. */
  watch(): AsyncIterableIterator<T> {
    let seen = -1;
    let ended = false;
    let waiting: ((result: IteratorResult<T>) => void) | null = null;
    const take = (): IteratorResult<T> | null => {
      if (ended || this.#closed) {
        this.#watchers.delete(wake);
        return DONE;
      }
      if (seen === this.#version) return null;
      seen = this.#version;
      return { done: false, value: this.#read() };
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
