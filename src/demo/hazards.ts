import { randomUUID } from 'node:crypto';
import { chmod, open, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** A file that will make trouble, and what happens to it after its task was enqueued. */
export interface Hazard {
  readonly path: string;
  readonly maxRetries: number;
  /** Size that the producer announced, where it differs from what is there yet. */
  readonly expectedBytes?: number;
  readonly afterEnqueue?: () => Promise<void>;
}

/** How long an upload in progress takes to be whole: longer than the first attempt waits, shorter than the last. */
const UPLOAD_MS = 5_000;
/** How long files stay that nobody will ask for again. */
const CLEAN_UP_MS = 60_000;

/** Makes files that fail in the ways in which files fail. Writes into one folder only. */
export class Hazards {
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #makers: readonly (() => Promise<Hazard>)[];
  #next = 0;

  constructor(
    private readonly folder: string,
    private readonly maxBytes: number,
  ) {
    this.#makers = [
      () => this.#broken('truncated', '{"flight": {"aircraft": "695d", "points": [[12.1, 48.2], [12.2'),
      () => this.#vanishing(),
      () => this.#uploading(),
      () => this.#broken('commented', '// exported by hand\n{ "flight": 7, }'),
      () => this.#tooBig(),
      () => this.#locked(),
      () => this.#broken('empty', ''),
    ];
  }

  /** The next kind in turn. */
  make(): Promise<Hazard> {
    const maker = this.#makers[this.#next++ % this.#makers.length] as () => Promise<Hazard>;
    return maker();
  }

  /** Forgets what was to happen later. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #path(kind: string): string {
    return path.join(this.folder, `${kind}-${randomUUID().slice(0, 8)}.json`);
  }

  #later(ms: number, action: () => Promise<void>): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action().catch(() => undefined); // The folder may be gone: the demonstration is ending.
    }, ms);
    this.#timers.add(timer);
  }

  async #write(kind: string, content: string): Promise<string> {
    const file = this.#path(kind);
    await writeFile(file, content);
    this.#later(CLEAN_UP_MS, () => rm(file, { force: true }));
    return file;
  }

  async #broken(kind: string, content: string): Promise<Hazard> {
    return { path: await this.#write(kind, content), maxRetries: 2 };
  }

  async #vanishing(): Promise<Hazard> {
    const file = await this.#write('vanished', '{"flight": 1}');
    return { path: file, maxRetries: 2, afterEnqueue: () => rm(file, { force: true }) };
  }

  /** Half of it is there; the rest arrives in time for a retry. */
  async #uploading(): Promise<Hazard> {
    const whole = JSON.stringify({ flight: 3, points: Array.from({ length: 50 }, (_, index) => [index, index * 2]) });
    const file = await this.#write('upload', whole.slice(0, whole.length / 2));
    this.#later(UPLOAD_MS, () => writeFile(file, whole));
    return { path: file, maxRetries: 3, expectedBytes: whole.length };
  }

  /** A sparse file: its size is above the limit, and it takes no room. */
  async #tooBig(): Promise<Hazard> {
    const file = await this.#write('recording', '');
    const handle = await open(file, 'r+');
    await handle.truncate(this.maxBytes + 1_000_000).finally(() => handle.close());
    return { path: file, maxRetries: 2 };
  }

  /** Nobody may read it; the superuser may nevertheless, and then it is simply valid. */
  async #locked(): Promise<Hazard> {
    const file = await this.#write('locked', '{"flight": 4}');
    await chmod(file, 0o000);
    return { path: file, maxRetries: 2 };
  }
}
