import type { ServerResponse } from 'node:http';

import type { ServerCounts } from '../../metrics/server-counts.js';

/** Lets in so many requests at a time; each leaves when its response is over, however it ended. */
export class Turnstile {
  readonly #limit: number;
  readonly #counts: ServerCounts | undefined;
  #inside = 0;

  constructor(limit: number, counts?: ServerCounts) {
    this.#limit = limit;
    this.#counts = counts;
  }

  /** @returns false where as many are inside as may be */
  enter(response: ServerResponse): boolean {
    if (this.#inside >= this.#limit) return false;
    this.#change(1);
    response.once('close', () => this.#change(-1));
    return true;
  }

  #change(by: number): void {
    this.#inside += by;
    if (this.#counts !== undefined) this.#counts.exports = this.#inside;
  }
}
