import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

import type { ClusterTime } from '../feed/cursor.js';
import { kindOf } from '../queries/bson-order.js';
import { unlessAborted } from './abort.js';
import { countedOf } from './counted.js';
import type { Chunk } from './scan-reader.js';
import type { ScanPlace } from './scan-place.js';
import type { ChunkRead, ScannedFold } from './scanned-fold.js';

export interface BootstrapOptions {
  readonly scan: ScannedFold;
  readonly read: (from: ScanPlace, limit: number) => Promise<Chunk>;
  readonly barrier: (until: ClusterTime | null) => Promise<void>;
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Documents of a chunk. Default: as many as the database reads in about 150 ms. */
  readonly chunkSize?: number | undefined;
}

/** A chunk takes the database about as long as this, in ms: others get their turn, and its barrier few changes to wait for. */
const TARGET_MS = 150;
const FIRST_CHUNK = 1_000;
const SMALLEST_CHUNK = 100;
const LARGEST_CHUNK = 5_000;

/** Documents that are taken in at a time: the event loop turns in between. */
const PART = 200;

/** Images that are remembered until their barrier falls, at most: the scan waits. */
const MAX_UNSETTLED = 100_000;

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5_000;

interface Asked {
  readonly read: ChunkRead;
  readonly chunk: Promise<Chunk>;
}

/**
 * Fills the fold from where its scan has come to, to the end. The next chunk is read while one is taken in. A read that
 * fails is tried again, for as long as the database is away.
 *
 * Resolves when everything is in the fold and settled. Rejects when a barrier does (the feed has lost its place), or
 * with the signal's reason.
 */
export async function bootstrap(options: BootstrapOptions): Promise<void> {
  const { scan, signal } = options;
  const sizes = new ChunkSizes(options.chunkSize);
  const settling = new Settling(scan);
  let asked = scan.frontier.kind === 'end' ? null : ask(options, scan.frontier, sizes);
  try {
    while (asked !== null) {
      const { read } = asked;
      const chunk = await answered(options, asked, sizes);
      read.upTo = chunk.upTo;
      const barrier = options.barrier(chunk.until);
      barrier.catch(() => undefined);
      asked = chunk.upTo.kind === 'end' ? null : ask(options, chunk.upTo, sizes);
      await takeIn(scan, read, chunk, signal);
      settling.add(read, barrier);
      while (scan.unsettled > MAX_UNSETTLED) await unlessAborted(settling.oldest(), signal);
    }
    await unlessAborted(settling.all(), signal);
  } finally {
    asked?.chunk.catch(() => undefined);
  }
}

function ask({ scan, read }: BootstrapOptions, from: ScanPlace, sizes: ChunkSizes): Asked {
  const chunkRead = scan.beginRead(from);
  const startedAt = performance.now();
  const chunk = read(from, sizes.size).then((found) => {
    sizes.took(performance.now() - startedAt, found.documents.length);
    return found;
  });
  // It is awaited only when the chunk before it was taken in.
  chunk.catch(() => undefined);
  return { read: chunkRead, chunk };
}

/** The chunk that was asked for, however often the read fails. */
async function answered({ read: readChunk, signal, log }: BootstrapOptions, { read, chunk }: Asked, sizes: ChunkSizes): Promise<Chunk> {
  let answer = chunk;
  for (let tries = 0; ; tries += 1) {
    try {
      return await unlessAborted(answer, signal);
    } catch (error) {
      signal.throwIfAborted();
      log.warn({ err: error }, 'statistics: a part of the collection could not be read; tried again');
      sizes.halve();
      await sleep(Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(tries, 10)), undefined, { signal });
      // What was touched meanwhile stays: it is newer than what the failed read would have said.
      answer = readChunk(read.from, sizes.size);
    }
  }
}

/** In parts, so that changes and requests are not held up. */
async function takeIn(scan: ScannedFold, read: ChunkRead, { documents, upTo }: Chunk, signal: AbortSignal): Promise<void> {
  for (let start = 0; start < documents.length; start += PART) {
    const part = documents.slice(start, start + PART);
    const last = part.at(-1)?.['_id'];
    const isLast = start + PART >= documents.length;
    scan.take(read, part.map(countedOf), isLast ? upTo : { kind: kindOf(last), id: last });
    await nextTurn();
    signal.throwIfAborted();
  }
  if (documents.length === 0) scan.take(read, [], upTo);
  scan.endRead(read);
}

/** Chunks whose barrier has not fallen, in order. */
class Settling {
  readonly #scan: ScannedFold;
  #queue: Promise<void>[] = [];

  constructor(scan: ScannedFold) {
    this.#scan = scan;
  }

  add(read: ChunkRead, barrier: Promise<void>): void {
    const settled = Promise.all([this.#queue.at(-1), barrier]).then(() => this.#scan.settle(read));
    settled.catch(() => undefined);
    this.#queue.push(settled);
  }

  async oldest(): Promise<void> {
    await this.#queue.shift();
  }

  async all(): Promise<void> {
    await Promise.all(this.#queue);
  }
}

/** Follows how long the database takes. */
class ChunkSizes {
  #size: number;
  readonly #isFixed: boolean;

  constructor(fixed: number | undefined) {
    this.#size = fixed ?? FIRST_CHUNK;
    this.#isFixed = fixed !== undefined;
  }

  get size(): number {
    return this.#size;
  }

  took(ms: number, documents: number): void {
    // A short last chunk says nothing.
    if (documents < this.#size) return;
    const fitting = (this.#size * TARGET_MS) / Math.max(ms, 1);
    this.#change(Math.min(Math.max(fitting, this.#size / 2), this.#size * 2));
  }

  halve(): void {
    this.#change(this.#size / 2);
  }

  #change(size: number): void {
    if (!this.#isFixed) this.#size = Math.round(Math.min(Math.max(size, SMALLEST_CHUNK), LARGEST_CHUNK));
  }
}
