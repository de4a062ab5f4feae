import { FeedClosedError, SlowConsumerError } from './errors.js';
import type { TaskChangeEvent } from './types.js';

type Waiting = (result: Promise<IteratorResult<TaskChangeEvent>> | IteratorResult<TaskChangeEvent>) => void;

/** What may wait for its reader: an event, and how much memory it takes, in bytes, where that is known. */
type Offered = TaskChangeEvent & { readonly size?: number };

const DONE: IteratorResult<TaskChangeEvent> = { done: true, value: undefined };
/** Events of the past are read for one subscriber alone: more of them than this are not read ahead of it, in bytes. */
const READ_AHEAD_BYTES = 256 * 1024;

export interface SubscriberOptions {
  readonly accepts: ((event: TaskChangeEvent) => boolean) | undefined;
  readonly bookmarks: boolean;
  /** Events that may wait for the reader before the subscription is ended as too slow. */
  readonly queueLimit: number;
  /** The cursor to go on behind if the reader never took an event. */
  readonly startCursor: () => string;
  readonly onClose: (subscriber: Subscriber) => void;
}

/**
 * One reader of the feed: a bounded queue of references to shared events, read as an async iterator.
 * A full queue ends the subscription with SlowConsumerError once the reader has taken what is queued:
 * memory stays bounded, other readers are not touched, and the error carries the cursor to go on from.
 */
export class Subscriber implements AsyncIterableIterator<TaskChangeEvent> {
  readonly #options: SubscriberOptions;
  #queue: Offered[] = [];
  #bytes = 0;
  #head = 0;
  #waiting: Waiting[] = [];
  #taken: TaskChangeEvent | null = null;
  #end: { readonly error: Error | null } | null = null;
  #roomWanted: (() => void) | null = null;
  /** `performance.now()` when the last event was queued for it; the bookmark timer reads it. */
  lastQueuedAt = performance.now();

  constructor(options: SubscriberOptions) {
    this.#options = options;
  }

  get closed(): boolean {
    return this.#end !== null;
  }

  get queued(): number {
    return this.#queue.length - this.#head;
  }

  /** Queues an event that its filter accepts. @returns false where it is closed, perhaps just now as too slow */
  offer(event: Offered): boolean {
    if (this.#end !== null) return false;
    if (event.kind === 'BOOKMARK') {
      if (!this.#options.bookmarks) return true;
    } else if (!this.#accepts(event)) {
      return !this.closed;
    }
    this.lastQueuedAt = performance.now();
    const waiting = this.#waiting.shift();
    if (waiting) {
      this.#taken = event;
      waiting({ done: false, value: event });
      return true;
    }
    if (this.queued >= this.#options.queueLimit) {
      this.#tooSlow(`more than ${this.#options.queueLimit} events were waiting for this subscriber`);
      return false;
    }
    this.#queue.push(event);
    this.#bytes += event.size ?? 0;
    return true;
  }

  #accepts(event: TaskChangeEvent): boolean {
    try {
      return this.#options.accepts?.(event) ?? true;
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
      return false;
    }
  }

  /** True while so much is queued that whoever replays the past should wait for `room`. */
  get full(): boolean {
    return this.#end === null && (this.queued > this.#options.queueLimit / 2 || this.#bytes > READ_AHEAD_BYTES);
  }

  /** Resolves when the reader has taken most of what was queued, or the subscription has ended. */
  room(withinMs: number): Promise<void> {
    if (!this.full) return Promise.resolve();
    return new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.#tooSlow(`this subscriber took nothing for ${withinMs} ms while past events were replayed`);
      }, withinMs);
      this.#roomWanted = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #tooSlow(why: string): void {
    const cursor = this.#taken?.cursor ?? this.#options.startCursor();
    this.#queue = [];
    this.#head = 0;
    this.#bytes = 0;
    this.fail(new SlowConsumerError(`${why}: subscribe again after the given cursor`, cursor));
  }

  /** Ends it with an error, after what is queued. */
  fail(error: Error): void {
    this.#finish(error);
  }

  /** Ends it because the application closes. */
  shutDown(): void {
    this.#finish(new FeedClosedError('TaskTracker is shutting down: subscribe again in a moment'));
  }

  #finish(error: Error | null): void {
    if (this.#end !== null) return;
    this.#end = { error };
    this.#roomWanted?.();
    this.#roomWanted = null;
    this.#options.onClose(this);
    const [first, ...others] = this.#waiting;
    this.#waiting = [];
    if (first) first(this.#ending());
    for (const waiting of others) waiting(DONE);
  }

  #ending(): Promise<IteratorResult<TaskChangeEvent>> {
    const error = this.#end?.error ?? null;
    this.#end = { error: null };
    return error === null ? Promise.resolve(DONE) : Promise.reject(error);
  }

  next(): Promise<IteratorResult<TaskChangeEvent>> {
    if (this.#head < this.#queue.length) {
      const event = this.#queue[this.#head] as Offered;
      this.#head += 1;
      this.#bytes -= event.size ?? 0;
      if (this.#head === this.#queue.length || this.#head > 256) {
        this.#queue = this.#queue.slice(this.#head);
        this.#head = 0;
      }
      if (this.#roomWanted !== null && !this.full) {
        this.#roomWanted();
        this.#roomWanted = null;
      }
      this.#taken = event;
      return Promise.resolve({ done: false, value: event });
    }
    if (this.#end !== null) return this.#ending();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<IteratorResult<TaskChangeEvent>> {
    this.#queue = [];
    this.#head = 0;
    this.#bytes = 0;
    this.#finish(null);
    return Promise.resolve(DONE);
  }

  throw(error: unknown): Promise<IteratorResult<TaskChangeEvent>> {
    void this.return();
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
