import { setMaxListeners } from 'node:events';

import { AbandonedError, QueryTimeoutError } from './errors.js';

/** What a read is given: options of the driver. */
export interface ReadLimit {
  /** After so long the database gives the read up. */
  readonly maxTimeMS: number;
  /** Ends the read on this side, and its connection with it, which tells a server that still reads. */
  readonly signal?: AbortSignal;
}

const MAX_TIME_EXPIRED = 50;
/** How much longer than `maxTimeMS` the database's own word for it is waited for: the connection is kept then. */
const GRACE_MS = 250;

/**
 * Until when one operation may read, however many reads it makes. Nothing is timed while none runs, so nothing has to be
 * closed.
 */
export class ReadDeadline {
  readonly #endsAt: number;
  /** Made for the first read: operations that are answered from memory need none. */
  #controller: AbortController | null = null;
  #isShared = false;
  #abandoned = false;
  #timer: NodeJS.Timeout | null = null;
  #running = 0;

  /** @param limitMs from now on, in ms */
  constructor(readonly limitMs: number) {
    this.#endsAt = performance.now() + limitMs;
  }

  /** Nobody waits for the answer any more: reads that run, and any that would begin, end with AbandonedError. */
  abandon(): void {
    this.#abandoned = true;
    this.#controller?.abort(new AbandonedError());
  }

  /**
   * Runs a read with what is left of the time.
   * @param mostMs how long it may take in any case
   * @throws QueryTimeoutError, AbandonedError
   */
  async run<T>(mostMs: number, read: (limit: ReadLimit) => Promise<T>): Promise<T> {
    if (this.#abandoned) throw new AbandonedError();
    const left = this.#endsAt - performance.now();
    if (left <= 0) throw new QueryTimeoutError(this.limitMs);
    const { signal } = this.#controllerOfRead();
    this.#timer ??= setTimeout(() => this.#controller?.abort(new QueryTimeoutError(this.limitMs)), left + GRACE_MS).unref();
    this.#running += 1;
    try {
      return await read({ maxTimeMS: Math.ceil(Math.min(left, mostMs)), signal });
    } finally {
      this.#running -= 1;
      if (this.#running === 0) {
        clearTimeout(this.#timer);
        this.#timer = null;
      }
    }
  }

  #controllerOfRead(): AbortController {
    if (this.#controller === null) return (this.#controller = new AbortController());
    // Most operations make one read; any number of them may listen.
    if (!this.#isShared) setMaxListeners(0, this.#controller.signal);
    this.#isShared = true;
    return this.#controller;
  }
}

/**
 * A read with a limit of its own, and with that of its operation where it is one of an operation's.
 * @throws QueryTimeoutError that names the limit, AbandonedError
 */
export async function limitedRead<T>(deadline: ReadDeadline | null, mostMs: number, read: (limit: ReadLimit) => Promise<T>): Promise<T> {
  try {
    return await (deadline === null ? read({ maxTimeMS: mostMs }) : deadline.run(mostMs, read));
  } catch (error) {
    if ((error as { code?: unknown }).code !== MAX_TIME_EXPIRED) throw error;
    throw new QueryTimeoutError(deadline === null ? mostMs : Math.min(mostMs, deadline.limitMs), { cause: error });
  }
}
