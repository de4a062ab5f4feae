import type { ExecutionResult } from 'graphql';

import type { ConnectionWriter } from './connection-writer.js';
import { type Bytes, textFrame, utf8 } from './frame.js';
import type { Payload } from './payload.js';

const DONE: IteratorResult<ExecutionResult> = { done: true, value: undefined };

export interface MemberOptions {
  /** The client's id of the operation. */
  readonly id: string;
  readonly writer: ConnectionWriter;
  /** Events that may wait for this subscription while its client does not read. */
  readonly queueLimit: number;
  /** The last result of a subscription whose client reads too slowly. */
  readonly tooSlow: (cursor: string | null) => ExecutionResult;
  readonly onLeave: (member: Member) => void;
}

/**
 * One subscription of one client. To graphql-ws it is the iterator of its results, so that the protocol (ids, complete,
 * close) stays with graphql-ws; but events do not pass through that iterator. They are written to the connection as
 * finished frames, in which only the id is this member's own. The iterator yields only a last result that says why the
 * subscription ends, if there is one.
 */
export class Member implements AsyncIterableIterator<ExecutionResult> {
  readonly #options: MemberOptions;
  readonly #prefix: Bytes;
  #queue: Payload[] = [];
  #cursor: string | null = null;
  #left = false;
  #last: ExecutionResult | Error | null = null;
  #waiting: ((result: Promise<IteratorResult<ExecutionResult>>) => void) | null = null;
  #roomWanted: (() => void) | null = null;

  constructor(options: MemberOptions) {
    this.#options = options;
    this.#prefix = utf8(`{"id":${JSON.stringify(options.id)},"type":"next","payload":`);
  }

  deliver(payload: Payload): void {
    if (this.#left) return;
    if (this.#queue.length === 0 && !this.#options.writer.congested) {
      this.#write(payload);
      return;
    }
    if (this.#queue.length >= this.#options.queueLimit || !this.#options.writer.reserve(payload)) {
      this.#drop();
      this.end(this.#options.tooSlow(this.#cursor));
      return;
    }
    this.#queue.push(payload);
    if (this.#queue.length === 1) this.#options.writer.whenRelieved(this.#drain);
  }

  readonly #drain = (): void => {
    let sent = 0;
    while (sent < this.#queue.length && !this.#options.writer.congested) {
      const payload = this.#queue[sent] as Payload;
      this.#options.writer.release(payload);
      this.#write(payload);
      sent += 1;
    }
    this.#queue = this.#queue.slice(sent);
    if (this.#queue.length > 0) {
      this.#options.writer.whenRelieved(this.#drain);
      return;
    }
    this.#tellRoom();
    if (this.#left) this.#settle();
  };

  #write({ json, cursor }: Payload): void {
    this.#cursor = cursor;
    this.#options.writer.write(textFrame(`${this.#prefix}${json}}`));
  }

  #tellRoom(): void {
    this.#roomWanted?.();
    this.#roomWanted = null;
  }

  /**
   * For a source that serves this member alone, so that it can wait for it: null where nothing is queued, else resolves
   * when all of that has been sent, or the subscription has ended.
   */
  room(): Promise<void> | null {
    if (this.#left || this.#queue.length === 0) return null;
    return new Promise((resolve) => {
      this.#roomWanted = resolve;
    });
  }

  /** Forgets what is queued. */
  #drop(): void {
    for (const payload of this.#queue) this.#options.writer.release(payload);
    this.#queue = [];
  }

  /** Ends it from our side, after what is queued: with a last result that says why, with an error, or just completed. */
  end(last: ExecutionResult | Error | null): void {
    if (this.#left) return;
    this.#left = true;
    this.#last = last;
    this.#options.onLeave(this);
    this.#tellRoom();
    if (this.#queue.length === 0) this.#settle();
  }

  #settle(): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.(this.#ending());
  }

  #ending(): Promise<IteratorResult<ExecutionResult>> {
    const last = this.#last;
    this.#last = null;
    if (last instanceof Error) return Promise.reject(last);
    return Promise.resolve(last === null ? DONE : { done: false, value: last });
  }

  next(): Promise<IteratorResult<ExecutionResult>> {
    if (this.#left && this.#queue.length === 0) return this.#ending();
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** The client completed, or its connection closed: nothing more is sent. */
  return(): Promise<IteratorResult<ExecutionResult>> {
    this.#drop();
    this.#last = null;
    this.#options.writer.forget(this.#drain);
    if (!this.#left) {
      this.#left = true;
      this.#options.onLeave(this);
    }
    this.#tellRoom();
    this.#settle();
    return Promise.resolve(DONE);
  }

  throw(error: unknown): Promise<IteratorResult<ExecutionResult>> {
    void this.return();
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
