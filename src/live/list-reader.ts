import type { ListChange } from './types.js';

type Result = IteratorResult<ListChange>;

const DONE: Result = { done: true, value: undefined };

export interface ListReaderOptions {
  /** More changes than this do not wait: the list as it is after the last one is sent in their place. */
  readonly queueLimit: number;
  readonly onReturn: (reader: ListReader) => void;
}

/** One reader of a list, as an async iterator. */
export class ListReader implements AsyncIterableIterator<ListChange> {
  readonly #options: ListReaderOptions;
  #queue: ListChange[] = [];
  #waiting: ((result: Result | Promise<Result>) => void)[] = [];
  #end: { readonly error: Error | null } | null = null;

  constructor(options: ListReaderOptions) {
    this.#options = options;
  }

  push(change: ListChange): void {
    if (this.#end !== null) return;
    const waiting = this.#waiting.shift();
    if (waiting) waiting({ done: false, value: change });
    else if (change.kind === 'SNAPSHOT') this.#queue = [change];
    else if (this.#queue.length >= this.#options.queueLimit) this.#queue = [change.snapshot];
    else this.#queue.push(change);
  }

  /** Ends it with an error after what is queued. */
  fail(error: Error): void {
    this.#finish(error);
  }

  #finish(error: Error | null): void {
    if (this.#end !== null) return;
    this.#end = { error };
    const [first, ...others] = this.#waiting;
    this.#waiting = [];
    first?.(this.#ending());
    for (const waiting of others) waiting(DONE);
  }

  #ending(): Promise<Result> {
    const error = this.#end?.error ?? null;
    this.#end = { error: null };
    return error === null ? Promise.resolve(DONE) : Promise.reject(error);
  }

  next(): Promise<Result> {
    const change = this.#queue.shift();
    if (change !== undefined) return Promise.resolve({ done: false, value: change });
    if (this.#end !== null) return this.#ending();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<Result> {
    this.#queue = [];
    this.#finish(null);
    this.#options.onReturn(this);
    return Promise.resolve(DONE);
  }

  throw(error: unknown): Promise<Result> {
    void this.return();
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
