/** A round that took less, in ms, is followed by the next at once. */
const SHORT_MS = 0.25;
/** Longest that changes wait for the next round, in ms. */
const LONGEST_REST_MS = 20;

/** What has something to write in the next round. */
export interface RoundWriter {
  flush(): void;
}

/**
 * When the connections of a server are written to. Of what one turn of the event loop produces for a connection, all
 * leaves in one write, at the end of the turn. Where such a round takes long, because there are thousands of connections,
 * the next one begins only when as much time has passed again: writing takes at most half of the time, and the more comes
 * meanwhile the fewer writes it is. A change that comes after a quiet time never waits.
 */
export class WriteRounds {
  #writers: RoundWriter[] = [];
  #restUntil = 0;

  /** To be flushed in the next round. */
  add(writer: RoundWriter): void {
    if (this.#writers.push(writer) > 1) return;
    const rest = this.#restUntil - performance.now();
    if (rest < SHORT_MS) setImmediate(this.#run);
    else setTimeout(this.#run, rest);
  }

  readonly #run = (): void => {
    const writers = this.#writers;
    this.#writers = [];
    const startedAt = performance.now();
    for (const writer of writers) writer.flush();
    const endedAt = performance.now();
    this.#restUntil = endedAt + Math.min(endedAt - startedAt, LONGEST_REST_MS);
  };
}
