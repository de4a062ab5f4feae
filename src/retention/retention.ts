import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Connection, mongo } from 'mongoose';

import type { AuditSink } from '../audit/types.js';
import type { LifecycleContext } from '../lifecycle/context.js';
import { createLifecycleContext, type LifecycleOptions } from '../lifecycle/lifecycle.js';
import { ChunkRacedError } from '../lifecycle/many.js';
import { inTransaction } from '../lifecycle/transaction.js';
import { RETENTION_ACTOR } from '../model/moves.js';
import type { Held } from '../operations/lease.js';
import { inOneTransaction, isConflict } from '../operations/once.js';
import { type RetentionCounts, type RetentionDays, type Rule, rulesOf } from './rules.js';
import { RetentionSchedule } from './schedule.js';
import { NO_FIGURES, type Retention, type RetentionFigures, type RetentionRun } from './types.js';

export interface RetentionOptions extends Omit<LifecycleOptions, 'audit'> {
  readonly connection: Connection;
  readonly audit: AuditSink;
  readonly days: RetentionDays;
  /** Time between two runs, whichever replicas make them, in ms. */
  readonly intervalMs: number;
  /** How long a run whose replica has died is left alone, in ms. Default 15,000. */
  readonly leaseMs?: number | undefined;
}

const DEFAULT_LEASE_MS = 15_000;
const CHUNK = 200;
const READ_LIMIT_MS = 60_000;
const CONFLICT_PAUSE_MS = 50;
const MOST_CONFLICTS = 50;
/** A run that is due, or was left, is looked for at least this often, in ms. */
const LONGEST_LOOK_MS = 60_000;

/** The run is another replica's by now. */
class RunLostError extends Error {
  override name = 'RunLostError';
}

/** Retention over the model's connection. Runs by itself from `begin()` on; `runOnce` and `preview` do without. */
export function createRetention(options: RetentionOptions): Retention & { begin(): void } {
  return new RetentionRunner(options);
}

class RetentionRunner implements Retention {
  readonly #options: RetentionOptions;
  readonly #context: LifecycleContext;
  readonly #rules: readonly Rule[];
  readonly #schedule: RetentionSchedule;
  readonly #owner = randomUUID();
  readonly #stop = new AbortController();
  readonly #listeners = new Set<(run: RetentionRun) => void>();
  #figures = NO_FIGURES;
  #looking: Promise<void> | null = null;

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#context = createLifecycleContext(options);
    this.#rules = rulesOf(options.days);
    this.#schedule = new RetentionSchedule(options.connection, options.leaseMs ?? DEFAULT_LEASE_MS);
  }

  begin(): void {
    if (this.#rules.length > 0) this.#looking ??= this.#look();
  }

  async preview() {
    const now = this.#context.clock();
    const rules = [];
    for (const { name, days, condition } of this.#rules) {
      rules.push({ name, days, matched: await this.#context.documents.countDocuments(condition(now), { maxTimeMS: READ_LIMIT_MS }) });
    }
    return { rules };
  }

  runOnce(): Promise<RetentionRun | null> {
    return this.#run(true);
  }

  figures(): RetentionFigures {
    return this.#figures;
  }

  onRun(listener: (run: RetentionRun) => void): () => void {
    const own = (run: RetentionRun): void => listener(run);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { intervalMs, log } = this.#options;
    while (!this.#stop.signal.aborted) {
      try {
        await this.#run(false);
      } catch (error) {
        this.#figures = { ...this.#figures, failures: this.#figures.failures + 1 };
        log.warn({ err: error }, 'retention has failed; it is tried again');
      }
      await this.#pause(Math.min(intervalMs, LONGEST_LOOK_MS));
    }
  }

  /** @param atOnce whether or not a run is due */
  async #run(atOnce: boolean): Promise<RetentionRun | null> {
    const session = (await this.#options.connection.startSession()) as unknown as mongo.ClientSession;
    try {
      return await this.#runWith(session, atOnce);
    } finally {
      await session.endSession();
    }
  }

  async #runWith(session: mongo.ClientSession, atOnce: boolean): Promise<RetentionRun | null> {
    const { intervalMs, log } = this.#options;
    const taken = await this.#schedule.take(this.#owner, intervalMs, this.#context.clock(), atOnce, session);
    if (taken === null) return null;
    try {
      for (const rule of this.#rules) await this.#apply(rule, taken.held, session);
      if (this.#stop.signal.aborted) {
        await this.#schedule.release(taken.held);
        return null;
      }
      const run = await this.#end(taken.held);
      if (run !== null) this.#ended(run);
      return run;
    } catch (error) {
      if (error instanceof RunLostError) return null;
      // What was done stays done; any replica goes on at the next look.
      await this.#schedule.release(taken.held).catch((failure: unknown) => log.debug({ err: failure }, 'the lease of retention could not be given back; it expires'));
      throw error;
    }
  }

  async #apply(rule: Rule, held: Held, session: mongo.ClientSession): Promise<void> {
    const condition = rule.condition(this.#context.clock());
    let conflicts = 0;
    while (!this.#stop.signal.aborted) {
      try {
        // After a conflict one by one less, so that a document that others keep writing holds up nothing but itself.
        const done = await this.#chunk(session, rule, condition, held, Math.max(1, Math.floor(CHUNK / 2 ** conflicts)));
        if (done === 0) return;
        conflicts = 0;
        this.#count(rule, done);
      } catch (error) {
        if (!(isConflict(error) || error instanceof ChunkRacedError) || conflicts === MOST_CONFLICTS) throw error;
        conflicts += 1;
        await this.#pause(CONFLICT_PAUSE_MS * Math.random() * 2);
      }
    }
  }

  /** Some of what is old enough, in one transaction with the count of it. */
  #chunk(session: mongo.ClientSession, rule: Rule, condition: ReturnType<Rule['condition']>, held: Held, size: number): Promise<number> {
    return inOneTransaction(session, async () => {
      const documents = await this.#context.documents.find(condition, { session, limit: size, maxTimeMS: READ_LIMIT_MS }).toArray();
      if (documents.length === 0) return 0;
      const order = { session, actor: RETENTION_ACTOR, reason: rule.reason, operationId: undefined, recorded: false };
      const { moved } = await rule.make(this.#context, documents, order);
      if (!(await this.#schedule.advance(held, rule.name, moved, session))) throw new RunLostError('another replica has taken over');
      return moved;
    });
  }

  #end(held: Held): Promise<RetentionRun | null> {
    const { connection, audit } = this.#options;
    const at = this.#context.clock();
    return inTransaction(connection, async (session) => {
      const ended = await this.#schedule.end(held, at, session);
      if (ended === null) return null;
      const { counts, startedAt } = ended;
      const { deadLetters, archived, completed } = counts;
      if (deadLetters + archived + completed > 0) {
        const detail = `${deadLetters} dead letters archived, ${archived} archived and ${completed} completed executions deleted`;
        await audit.record([{ at, actor: RETENTION_ACTOR, action: 'RETENTION', detail }], session);
      }
      return { startedAt: startedAt ?? at, finishedAt: at, counts };
    });
  }

  #count({ name }: Rule, done: number): void {
    const counts: RetentionCounts = { ...this.#figures.counts, [name]: this.#figures.counts[name] + done };
    this.#figures = { ...this.#figures, counts };
  }

  #ended(run: RetentionRun): void {
    this.#figures = { ...this.#figures, runs: this.#figures.runs + 1, lastRun: run };
    this.#options.log.info({ ...run.counts, ms: run.finishedAt.getTime() - run.startedAt.getTime() }, 'retention has run');
    for (const listener of this.#listeners) listener(run);
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }
}
