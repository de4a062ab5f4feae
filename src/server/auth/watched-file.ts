import { type StatsListener, unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';

/**
 * How often a file is looked at, in ms. By its times and inode: what watches folders misses files that are bound into a
 * container or swapped by a symbolic link, as Kubernetes does.
 */
const LOOK_EVERY_MS = 1_000;

export interface WatchedFileOptions {
  readonly path: string;
  readonly onChange: (text: string) => void;
  /** It cannot be read (any more), or `onChange` threw. */
  readonly onError: (error: unknown) => void;
}

/** Calls back with the text of a file after each change, until closed. Keeps no process alive. */
export class WatchedFile {
  readonly #options: WatchedFileOptions;
  readonly #listener: StatsListener;
  #closed = false;

  constructor(options: WatchedFileOptions) {
    this.#options = options;
    this.#listener = () => void this.#read();
    watchFile(options.path, { interval: LOOK_EVERY_MS, persistent: false }, this.#listener);
  }

  async #read(): Promise<void> {
    const { path, onChange, onError } = this.#options;
    try {
      const text = await readFile(path, 'utf8');
      if (!this.#closed) onChange(text);
    } catch (error) {
      if (!this.#closed) onError(error);
    }
  }

  close(): void {
    this.#closed = true;
    unwatchFile(this.#options.path, this.#listener);
  }
}
