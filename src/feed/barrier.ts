import { compareTimes, type ClusterTime } from './cursor.js';

interface Waiting {
  /** How many questions had been asked at the call. */
  readonly asked: number;
  /** A time of the database at or after the call; null while it is not known. */
  until: ClusterTime | null;
  resolve(): void;
  reject(error: Error): void;
}

/** Before this no replica set wrote anything: what looks like an earlier time is no time. */
const FIRST_SECOND = 1_000_000_000;

/**
 * The cluster time that a resume token of MongoDB begins with (a KeyString: the type byte of a timestamp, then seconds
 * and counter); null for tokens of other servers.
 */
export function timeOfToken(token: string): ClusterTime | null {
  const parts = /^82([0-9a-f]{8})([0-9a-f]{8})/i.exec(token);
  if (parts === null) return null;
  const t = Number.parseInt(parts[1] as string, 16);
  return t < FIRST_SECOND ? null : { t, i: Number.parseInt(parts[2] as string, 16) };
}

/**
 * Points in time that the stream has passed. A barrier falls when everything that was committed before the call has
 * been dealt with, and that is known
 *
 * - when the database has nothing to answer to a question that was asked after the call. An answer that holds changes
 *   proves nothing: answers are limited in size, and a stream that was away has much to catch up with. Where resume
 *   tokens tell the time, the stream must also have come to `until`: a router may answer before all shards have, and a
 *   read may have seen what a majority had not acknowledged.
 * - or when a change comes that was committed after `until`, for changes come in the order of their times.
 */
export class Barriers {
  #asked = 0;
  #waiting: Waiting[] = [];

  /** @param until the database's time at or after the call, or a promise of it; null where it is not known */
  wait(until: ClusterTime | null | Promise<ClusterTime | null>): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { asked: this.#asked, until: null, resolve, reject };
      this.#waiting.push(waiting);
      if (until instanceof Promise) until.then((time) => (waiting.until = time), () => undefined);
      else waiting.until = until;
    });
  }

  /** The database is asked for changes. */
  asked(): void {
    this.#asked += 1;
  }

  /** It has none. @param token the place that the stream has reached, where it is known */
  empty(token: string | null): void {
    const reached = token === null ? null : timeOfToken(token);
    this.#pass(({ asked, until }) => asked < this.#asked && (until === null || reached === null || compareTimes(reached, until) >= 0));
  }

  /** A change that was committed at this time is dealt with. */
  came(time: ClusterTime | null): void {
    if (time !== null) this.#pass(({ until }) => until !== null && compareTimes(time, until) > 0);
  }

  #pass(isPassed: (waiting: Waiting) => boolean): void {
    if (this.#waiting.length === 0) return;
    const passed = this.#waiting.filter(isPassed);
    if (passed.length === 0) return;
    this.#waiting = this.#waiting.filter((waiting) => !passed.includes(waiting));
    for (const { resolve } of passed) resolve();
  }

  /** The stream lost its place or is closed: nothing that was awaited will come. */
  fail(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
