import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

/** What is left after the limit is told to close all at once, and waited for no longer than this. */
const AFTER_LIMIT_MS = 250;

/** @param leftMs how long it may take; after that it is waited for no more */
type Close = (leftMs: number) => Promise<void>;

interface Part {
  readonly name: string;
  readonly close: Close;
  /** Is waited for however long it takes: it keeps a limit of its own. */
  readonly keepsOwnLimit: boolean;
}

/** Closes what was opened, last first, within one limit; each is closed even where another fails or hangs. */
export class Closers {
  readonly #parts: Part[] = [];
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  add(name: string, close: Close, { keepsOwnLimit = false } = {}): void {
    this.#parts.push({ name, close, keepsOwnLimit });
  }

  /** @param withinMs for all parts together. What hangs (a database that is away) goes on by itself, and is left behind. */
  async close(withinMs: number): Promise<void> {
    const until = performance.now() + withinMs;
    const late: Promise<void>[] = [];
    for (const part of this.#parts.splice(0).reverse()) {
      const left = Math.max(0, until - performance.now());
      const closed = this.#closed(part, left);
      if (part.keepsOwnLimit) await closed;
      else if (left === 0 || !(await isDone(closed, left))) late.push(closed.then(() => undefined));
    }
    if (late.length > 0 && !(await isDone(Promise.all(late), AFTER_LIMIT_MS))) {
      this.#log.warn({ withinMs }, 'not every part has closed in time: what still runs is left behind');
    }
  }

  async #closed({ name, close }: Part, leftMs: number): Promise<void> {
    try {
      await close(leftMs);
    } catch (error) {
      this.#log.error({ err: error, part: name }, 'a part could not be closed');
    }
  }
}

async function isDone(work: Promise<unknown>, withinMs: number): Promise<boolean> {
  const stop = new AbortController();
  const limit = sleep(withinMs, false, { signal: stop.signal }).catch(() => false);
  try {
    return await Promise.race([work.then(() => true), limit]);
  } finally {
    stop.abort();
  }
}
