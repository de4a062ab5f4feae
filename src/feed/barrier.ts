import { compareTimes, type ClusterTime } from './cursor.js';

interface Waiting {
  /** How many answers must have been dealt with. */
  readonly answers: number;
  /** What the stream must have reached where the database says how far it is. */
  readonly until: ClusterTime | null;
  resolve(): void;
  reject(error: Error): void;
}

/** An answer may be that to a question from before the call; the one after it is to a question asked later. */
const ANSWERS = 2;

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
 * Points in time that the stream has passed: a barrier falls when the database has answered a question that was asked
 * after the call, and every change of that answer was dealt with. So what was committed before the call is known.
 * Where resume tokens tell the time, the stream must also have come to `until`: a router may answer before all shards
 * have, and a read may have seen what a majority had not acknowledged.
 */
export class Barriers {
  #answers = 0;
  #reached: ClusterTime | null = null;
  #waiting: Waiting[] = [];

  wait(until: ClusterTime | null): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ answers: this.#answers + ANSWERS, until, resolve, reject });
    });
  }

  /** One answer of the database was dealt with. @param token the place that the stream has reached with it, where it is known */
  answered(token: string | null): void {
    this.#answers += 1;
    this.#reached = (token === null ? null : timeOfToken(token)) ?? this.#reached;
    if (this.#waiting.length === 0) return;
    const passed = this.#waiting.filter((waiting) => this.#isPassed(waiting));
    if (passed.length === 0) return;
    this.#waiting = this.#waiting.filter((waiting) => !passed.includes(waiting));
    for (const { resolve } of passed) resolve();
  }

  #isPassed({ answers, until }: Waiting): boolean {
    if (answers > this.#answers) return false;
    return until === null || this.#reached === null || compareTimes(this.#reached, until) >= 0;
  }

  /** The stream lost its place or is closed: nothing that was awaited will come. */
  fail(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
