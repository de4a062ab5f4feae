import { setTimeout as sleep } from 'node:timers/promises';

import type { Connection } from 'mongoose';
import type { Logger } from 'pino';

import { ensureIndexes, indexSpecsOf } from '../database/indexes.js';
import type { Feed } from '../feed/types.js';
import { DEDUPLICATION_INDEX } from '../model/indexes.js';
import { COLLECTION_NAME, type TaskTrackerModel } from '../model/task-tracker.js';
import type { Deduplication } from '../server/health.js';

const RETRY_MS = 1_000;

/** While the collection may be another one, nothing is known of its indexes. */
const UNKNOWN: Deduplication = { mode: 'check', reason: 'the collection may have been replaced: its indexes are being looked at' };

/**
 * The indexes of the collection: built where they are missing, at the start and whenever the feed has lost its place,
 * since a collection that was dropped or renamed has taken its indexes along. Until the one that deduplicates is there
 * again, enqueueing checks before each insert.
 */
export class KeptIndexes {
  readonly #connection: Connection;
  readonly #model: TaskTrackerModel;
  readonly #log: Logger;
  readonly #stop = new AbortController();
  #deduplication = UNKNOWN;

  constructor(connection: Connection, model: TaskTrackerModel, log: Logger) {
    this.#connection = connection;
    this.#model = model;
    this.#log = log;
  }

  get deduplication(): Deduplication {
    return this.#deduplication;
  }

  /** Builds what is missing and reports each; what cannot be built is no reason not to start. */
  async build(): Promise<void> {
    const reports = await ensureIndexes(this.#connection, COLLECTION_NAME, indexSpecsOf(this.#model.schema));
    for (const { name, state, reason } of reports) {
      if (state === 'built') this.#log.info({ index: name }, 'index built');
      if (state === 'failed') this.#log.warn({ index: name, reason }, 'index not built: see `tasktracker doctor`');
    }
    const own = reports.find(({ name }) => name === DEDUPLICATION_INDEX);
    if (own !== undefined && own.state !== 'failed') {
      this.#deduplication = { mode: 'index', reason: null };
      return;
    }
    const reason = own?.reason ?? 'the index is not among those of the model';
    this.#log.warn({ reason }, 'deduplication falls back to a check before each insert, which races');
    this.#deduplication = { mode: 'check', reason };
  }

  /** Builds again after each loss of the feed's place. Resolves when the feed closes; never rejects. */
  async follow(feed: Feed): Promise<void> {
    let seen = feed.status().resyncs;
    for await (const { state, resyncs } of feed.watchStatus()) {
      if (state === 'RESYNCING') this.#deduplication = UNKNOWN;
      if (resyncs === seen || state !== 'LIVE') continue;
      seen = resyncs;
      await this.#rebuild();
    }
  }

  /** Tries for as long as it takes: a database that has just lost its place may be away again. */
  async #rebuild(): Promise<void> {
    this.#deduplication = UNKNOWN;
    while (!this.#stop.signal.aborted) {
      try {
        await this.build();
        return;
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        this.#log.warn({ err: error }, 'the indexes could not be looked at; trying again');
        await sleep(RETRY_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      }
    }
  }

  close(): void {
    this.#stop.abort();
  }
}
