import { setTimeout as sleep } from 'node:timers/promises';

import type { mongo } from 'mongoose';
import type { Logger } from 'pino';

import type { StoredDocument } from '../model/execution.js';
import type { RawChange } from './change-source.js';
import { ClosedStreamError, nextChange } from './next-change.js';

/** A document was written, as it was by this write (null where it was deleted); or, where the place in history was lost, anything may have been. */
export type CollectionChange = { readonly id: unknown; readonly document: StoredDocument | null; readonly isNew: boolean } | 'anything';

export interface CollectionWatchOptions {
  /** Asked anew for each stream. */
  readonly collection: () => mongo.Collection;
  readonly log: Logger;
}

/** How long the database may hold back an empty answer, in ms. */
const AWAIT_MS = 1_000;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;

/** History is gone, or is another collection's. */
const LOST = new Set([280, 286, 222, 260]);

/**
 * What is written to one of our own small collections, by whatever replica: one change stream for all who listen, open
 * only while somebody does. When a stream stands that does not go on where the last one ended, listeners are told
 * `anything`: read what you show. An outage costs them nothing else.
 */
export class CollectionWatch {
  readonly #options: CollectionWatchOptions;
  readonly #listeners = new Set<(change: CollectionChange) => void>();
  #running: { readonly stop: AbortController; readonly done: Promise<void> } | null = null;

  constructor(options: CollectionWatchOptions) {
    this.#options = options;
  }

  /** Calls back with what happens once the stream stands, which the first call (`anything`) tells. Returns how to stop. */
  listen(listener: (change: CollectionChange) => void): () => void {
    // Each call is a subscription of its own, also of the same function.
    const own = (change: CollectionChange): void => listener(change);
    this.#listeners.add(own);
    if (this.#running === null) this.#start();
    // Who joins a stream that may stand already cannot tell whether it does.
    else own('anything');
    return () => {
      this.#listeners.delete(own);
      if (this.#listeners.size === 0) this.#stop();
    };
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    const running = this.#running;
    this.#stop();
    await running?.done;
  }

  #start(): void {
    const stop = new AbortController();
    this.#running = { stop, done: this.#run(stop.signal) };
  }

  #stop(): void {
    this.#running?.stop.abort();
    this.#running = null;
  }

  async #run(signal: AbortSignal): Promise<void> {
    let token: unknown = null;
    for (let tries = 0; !signal.aborted; tries += 1) {
      let stream: mongo.ChangeStream | null = null;
      const end = (): void => void stream?.close().catch(() => undefined);
      try {
        stream = this.#options.collection().watch([], { fullDocument: 'updateLookup', maxAwaitTimeMS: AWAIT_MS, ...(token === null ? {} : { resumeAfter: token }) });
        signal.addEventListener('abort', end);
        // The first answer of the database says that the stream stands; it comes before the wait for a change.
        if (token === null) stream.once('resumeTokenChanged', () => this.#tell(signal, 'anything'));
        while (!signal.aborted) {
          const change = (await nextChange(stream)) as unknown as RawChange | null;
          tries = 0;
          if (change !== null) this.#pass(signal, change);
          token = stream.resumeToken;
        }
      } catch (error) {
        if (signal.aborted) break;
        if (error instanceof ClosedStreamError || LOST.has(Number((error as { code?: unknown }).code))) token = null;
        this.#options.log.debug({ err: error }, 'the change stream of a collection of ours has broken; it is opened again');
        await sleep(Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(tries, 6)), undefined, { signal }).catch(() => undefined);
      } finally {
        signal.removeEventListener('abort', end);
        await stream?.close().catch(() => undefined);
      }
    }
  }

  #pass(signal: AbortSignal, { operationType, documentKey, fullDocument }: RawChange): void {
    if (documentKey === undefined) {
      this.#tell(signal, 'anything');
      return;
    }
    this.#tell(signal, { id: documentKey._id, document: fullDocument ?? null, isNew: operationType === 'insert' });
  }

  #tell(signal: AbortSignal, change: CollectionChange): void {
    if (signal.aborted) return;
    for (const listener of [...this.#listeners]) listener(change);
  }
}
