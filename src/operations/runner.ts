import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Connection } from 'mongoose';
import type { Logger } from 'pino';

import type { AuditSink } from '../audit/types.js';
import type { LifecycleContext } from '../lifecycle/context.js';
import { ChunkRacedError } from '../lifecycle/many.js';
import { inTransaction } from '../lifecycle/transaction.js';
import { auditOf } from './audit.js';
import { type ChunkParts, dealWith, OperationLostError, passOver } from './chunk.js';
import type { Held } from './lease.js';
import { isConflict } from './once.js';
import type { ChunkCounts, OperationDocument, OperationStore, Taken } from './store.js';
import type { OperationTargets } from './targets.js';

export interface RunnerOptions {
  readonly connection: Connection;
  readonly context: LifecycleContext;
  readonly store: OperationStore;
  readonly targets: OperationTargets;
  readonly audit: AuditSink;
  readonly log: Logger;
  /** Whether an error says that the database is away for now. */
  readonly isTransient: (error: unknown) => boolean;
  /** How often operations are looked for whose replica has died, in ms. */
  readonly pollMs: number;
}

/** Operations that one replica works on at a time. */
const AT_A_TIME = 2;
const FIRST_CHUNK = 50;
const LARGEST_CHUNK = 500;
/** A chunk is to take about this long, in ms: long enough to be worth a transaction, short enough to stop quickly. */
const QUICK_MS = 150;
const SLOW_MS = 500;
const CONFLICT_PAUSE_MS = 20;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;
/** So many executions one after the other that the database will not write, and the operation gives up. */
const MAX_REFUSED_IN_A_ROW = 20;
const DUPLICATE_KEY = 11_000;

/**
 * Works on operations in the background: those that are asked for here, and those that another replica has left. Takes
 * the lease of one, deals with its executions in chunks, and ends it. What cannot be written is passed over by itself,
 * after the chunk has shrunk to it.
 */
export class BulkRunner {
  readonly #options: RunnerOptions;
  readonly #owner = randomUUID();
  readonly #stop = new AbortController();
  readonly #active = new Map<string, Promise<void>>();
  #wake: () => void = () => undefined;
  #seeking: Promise<void> | null = null;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#seeking ??= this.#seek();
  }

  /** There is an operation to work on. */
  wake(): void {
    this.#wake();
  }

  /** Resolves when no chunk of this replica is under way. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    await this.#seeking;
    await Promise.all(this.#active.values());
  }

  async #seek(): Promise<void> {
    const { store, pollMs, log } = this.#options;
    while (!this.#stop.signal.aborted) {
      // Before the look, so that what is asked for meanwhile is not missed.
      const woken = this.#woken(pollMs);
      try {
        while (this.#active.size < AT_A_TIME && !this.#stop.signal.aborted) {
          const taken = await store.take(this.#owner, [...this.#active.keys()]);
          if (taken === null) break;
          this.#work(taken);
        }
      } catch (error) {
        log.warn({ err: error }, 'bulk operations could not be looked for; trying again');
      }
      await woken;
    }
  }

  /** That a replica died no document tells: only time does, so they are looked for at intervals. */
  #woken(pollMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pollMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #work({ operation, held, session }: Taken): void {
    const { log } = this.#options;
    const { _id, action, processed, matched } = operation;
    log.info({ operation: _id, action, processed, matched, term: held.term }, held.term === 1 ? 'bulk operation begins' : 'bulk operation is gone on with');
    const { context, store } = this.#options;
    const work = this.#run({ context, store, session }, operation, held)
      .catch((error: unknown) => log.error({ err: error, operation: _id }, 'bulk operation stopped; it is taken up again'))
      .finally(async () => {
        await session.endSession().catch(() => undefined);
        this.#active.delete(_id);
        this.#wake();
      });
    this.#active.set(_id, work);
  }

  async #run(parts: ChunkParts, operation: OperationDocument, held: Held): Promise<void> {
    const { store } = this.#options;
    let current = operation;
    let size = FIRST_CHUNK;
    let tries = 0;
    let refusedInARow = 0;
    while (!this.#stop.signal.aborted) {
      try {
        if (current.processed >= current.matched) return await this.#complete(current, held);
        const ids = await this.#next(current, size);
        if (ids === null) return await this.#fail(current, held, 'The list of the executions that it is about is not there any more.');
        const startedAt = performance.now();
        const counts = await dealWith(parts, current, held, ids);
        current = moved(current, counts);
        size = sizeAfter(size, performance.now() - startedAt);
        tries = 0;
        refusedInARow = 0;
      } catch (error) {
        if (error instanceof OperationLostError) return;
        const again = await this.#again(error, parts, current, held, size, tries);
        if (again === 'refused') refusedInARow += 1;
        if (refusedInARow >= MAX_REFUSED_IN_A_ROW) return this.#fail(current, held, `The database would not write ${refusedInARow} executions one after the other; the log says why.`);
        tries = again === 'later' ? tries + 1 : 0;
        size = Math.max(1, Math.floor(size / (again === 'one by one' ? LARGEST_CHUNK : 2)));
        // What threw may have been written: the document says how far it has come.
        const found = await this.#look(current._id);
        if (found === null || found.state !== 'RUNNING' || found.lease.owner !== held.owner || found.lease.term !== held.term) return;
        current = found;
      }
    }
    await store.release(operation._id, held).catch((error: unknown) => this.#options.log.debug({ err: error }, 'a lease could not be given back; it expires'));
  }

  /** What is to be done after an error, and what can be done about it at once. */
  async #again(error: unknown, parts: ChunkParts, operation: OperationDocument, held: Held, size: number, tries: number): Promise<'soon' | 'later' | 'one by one' | 'refused'> {
    const { isTransient, log } = this.#options;
    if (isTransient(error)) {
      log.warn({ err: error, operation: operation._id }, 'the database is away; the bulk operation waits');
      await this.#pause(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(tries, 6)));
      return 'later';
    }
    if (isConflict(error) || error instanceof ChunkRacedError) {
      await this.#pause(CONFLICT_PAUSE_MS * Math.random() * 2);
      return 'soon';
    }
    if (size > 1) return 'one by one';
    const [id] = (await this.#next(operation, 1)) ?? [];
    // Somebody enqueued the task at the same moment: there is nothing left to retry.
    const isRace = (error as { code?: unknown }).code === DUPLICATE_KEY;
    const message = `The database would not write the execution with the _id ${String(id)}; the log says why.`;
    if (!isRace) log.error({ err: error, operation: operation._id, documentId: id }, 'a bulk operation could not write an execution; it is passed over');
    const counts: ChunkCounts = isRace ? { succeeded: 0, skipped: 1, failures: [] } : { succeeded: 0, skipped: 0, failures: [{ code: 'WRITE_REFUSED', message }] };
    try {
      await passOver(parts, operation, held, counts);
    } catch (another) {
      if (!(another instanceof OperationLostError)) log.warn({ err: another, operation: operation._id }, 'an execution could not be passed over; trying again');
      await this.#pause(FIRST_PAUSE_MS);
    }
    return isRace ? 'soon' : 'refused';
  }

  async #next({ _id, processed, matched }: OperationDocument, size: number): Promise<readonly unknown[] | null> {
    const ids = await this.#options.targets.from(_id, processed, Math.min(size, matched - processed));
    return ids === null || ids.length === 0 ? null : ids;
  }

  /** The operation as it stands, however long the database is away; null where it is gone, or this is to stop. */
  async #look(id: string): Promise<OperationDocument | null> {
    for (let tries = 0; !this.#stop.signal.aborted; tries += 1) {
      try {
        return await this.#options.store.byId(id);
      } catch (error) {
        if (!this.#options.isTransient(error)) throw error;
        await this.#pause(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(tries, 6)));
      }
    }
    return null;
  }

  #complete(operation: OperationDocument, held: Held): Promise<void> {
    return this.#end(operation, held, 'COMPLETED');
  }

  #fail(operation: OperationDocument, held: Held, error: string): Promise<void> {
    return this.#end(operation, held, 'FAILED', error);
  }

  async #end(operation: OperationDocument, held: Held, state: 'COMPLETED' | 'FAILED', error?: string): Promise<void> {
    const { connection, context, store, targets, audit, log } = this.#options;
    const at = context.clock();
    const ended = await inTransaction(connection, async (session) => {
      if (!(await store.end(operation._id, state, { at, held, ...(error !== undefined && { error }) }, session))) return false;
      await audit.record([auditOf({ ...operation, state, error: error ?? null }, operation.requestedBy, at)], session);
      return true;
    });
    if (!ended) return;
    const { _id, succeeded, skipped, failed } = operation;
    log.info({ operation: _id, state, succeeded, skipped, failed, error }, 'bulk operation has ended');
    await targets.remove(_id).catch((failure: unknown) => log.debug({ err: failure }, 'the list of an operation could not be removed; it expires'));
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }
}

function moved(operation: OperationDocument, { succeeded, skipped, failures }: ChunkCounts): OperationDocument {
  return {
    ...operation,
    processed: operation.processed + succeeded + skipped + failures.length,
    succeeded: operation.succeeded + succeeded,
    skipped: operation.skipped + skipped,
    failed: operation.failed + failures.length,
  };
}

function sizeAfter(size: number, ms: number): number {
  if (ms < QUICK_MS) return Math.min(LARGEST_CHUNK, size * 2);
  return ms > SLOW_MS ? Math.max(1, Math.floor(size / 2)) : size;
}
