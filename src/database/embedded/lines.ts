import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** The last lines that a process printed, and whoever wants to see each one. */
export class RecentLines {
  readonly #kept: string[] = [];
  readonly #listeners = new Set<(line: string) => void>();

  constructor(private readonly limit: number) {}

  /** Reads a stream to its end, line by line. */
  follow(stream: Readable): void {
    const lines = createInterface({ input: stream });
    lines.on('line', (line) => {
      this.#kept.push(line);
      if (this.#kept.length > this.limit) this.#kept.shift();
      for (const listener of this.#listeners) listener(line);
    });
  }

  /** Calls back for each further line until the returned function is called. */
  onLine(listener: (line: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  last(count: number): string[] {
    return this.#kept.slice(-count);
  }
}
