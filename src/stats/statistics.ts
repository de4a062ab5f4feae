import type { Logger } from 'pino';

import type { QueueScope } from '../access/queue-scope.js';
import { Newest } from '../feed/newest.js';
import type { TappedFeed, TaskChangeEvent } from '../feed/types.js';
import type { TaskTrackerModel } from '../model/task-tracker.js';
import type { ReadDeadline } from '../queries/deadline.js';
import { DEFAULT_MAX_TIME_MS, StoredExecutions } from '../queries/executions.js';
import { Checkpoints } from './checkpoint.js';
import { createDatabaseSource, type DatabaseSource } from './database-source.js';
import { FoldEngine, type PreImages } from './engine.js';
import { FigureReads } from './figure-reads.js';
import { createFoldSource } from './fold-source.js';
import { FoldWithin } from './fold/fold-within.js';
import type { CountedFailure, Fold, FoldReading } from './fold/types.js';
import type { KeptFigures } from './kept-figures.js';
import type { Drift } from './reconciliation.js';
import { queueOrAll, timeout } from './requests.js';
import type { FigureSource } from './source.js';
import { type FailureListener, type StatisticsGround, StatisticsWithin } from './statistics-within.js';
import { StatisticsUntil } from './statistics-until.js';
import { StoredProcessing } from './stored-processing.js';
import { StuckWatchers } from './stuck-watch.js';
import type { ErrorGroupNews, Statistics, StatisticsStatus } from './types.js';

export interface StatisticsOptions {
  /** The model on the application's connection, which must be open. */
  readonly model: TaskTrackerModel;
  readonly feed: TappedFeed;
  readonly log: Logger;
  /** How long each read may take in the database, in ms. Default 10,000. */
  readonly maxTimeMs?: number | undefined;
  /** The time now. Default: the system's clock. */
  readonly clock?: (() => Date) | undefined;
  /** What figures are kept in memory with; absent: each is counted by the database when asked. */
  readonly stream?: StreamOptions | undefined;
}

export interface StreamOptions {
  readonly preImages: PreImages;
  /** How often a checkpoint is saved, in ms, if anything changed. Default 60,000. */
  readonly checkpointIntervalMs?: number | undefined;
  /** About how often counts are compared with the database's, in ms. Default 15 minutes. */
  readonly reconcileIntervalMs?: number | undefined;
  /** Documents that the scan reads at a time. Default: as many as the database reads in about 150 ms. */
  readonly chunkSize?: number | undefined;
}

export interface RunningStatistics extends Statistics {
  /** Begins to fill the figures in memory, in the background. The feed must stand. */
  start(): void;
  /**
   * Compares the counts in memory with the database's now. Null where there are none, or that could not be done.
   * Counts that are wrong are made anew in the background.
   */
  reconcile(): Promise<readonly Drift[] | null>;
  /** What is in memory, of all queues; null while figures do not come from there. Not to be kept. */
  kept(): KeptFigures | null;
  /**
   * Saves a checkpoint, ends every watcher and stops every timer. Idempotent.
   * @param withinMs how long the checkpoint may take. Default 5,000.
   */
  close(withinMs?: number): Promise<void>;
}

const CHECKPOINT_INTERVAL_MS = 60_000;
const RECONCILE_INTERVAL_MS = 15 * 60_000;
/** A scan of all documents, or a count of them, may take longer than what a request waits for. */
const SCAN_TIME_MS = 5 * 60_000;
const CLOSE_MS = 5_000;
const RETRY_MS = 1_000;
/** Scopes whose queues are remembered. */
const MAX_SCOPES = 1_000;

const SWITCHED_OFF: StatisticsStatus = Object.freeze({
  state: 'UNAVAILABLE',
  scanned: null,
  expected: null,
  progress: 0,
  readySince: null,
  lastCheckpointAt: null,
  lastReconciliationAt: null,
  lastDrift: 0,
  reason: 'Figures are not kept in memory: each is counted by the database when asked.',
});

class TaskStatistics extends FigureReads implements RunningStatistics {
  readonly #log: Logger;
  readonly #feed: TappedFeed;
  readonly #clock: () => number;
  readonly #executions: StoredExecutions;
  readonly #database: DatabaseSource;
  readonly #stuck: StuckWatchers;
  readonly #newest = new Newest<StatisticsStatus>(() => this.status());
  readonly #failureListeners = new Set<FailureListener>();
  readonly #engine: FoldEngine | null;
  #fold: { readonly fold: Fold; readonly source: FigureSource } | null = null;
  /** By scope: each remembers which queues are in it. */
  readonly #foldsWithin = new Map<string, FoldWithin>();
  #stored: StoredProcessing | null = null;
  #closed = false;

  constructor(options: StatisticsOptions) {
    super();
    const { model, maxTimeMs = DEFAULT_MAX_TIME_MS, clock = () => new Date() } = options;
    this.#log = options.log;
    this.#feed = options.feed;
    this.#clock = () => clock().getTime();
    this.#executions = new StoredExecutions(model, maxTimeMs);
    this.#database = createDatabaseSource({ model, maxTimeMs, clock });
    this.#stuck = new StuckWatchers(this.#clock, () => this.#feed.status().state === 'LIVE');
    this.#engine = options.stream === undefined ? null : this.#createEngine(options, options.stream);
  }

  #createEngine({ model, feed, log }: StatisticsOptions, stream: StreamOptions): FoldEngine {
    return new FoldEngine({
      feed,
      log,
      executions: new StoredExecutions(model, SCAN_TIME_MS),
      checkpoints: new Checkpoints(model.db, model.collection.collectionName),
      preImages: stream.preImages,
      clock: this.#clock,
      checkpointIntervalMs: stream.checkpointIntervalMs ?? CHECKPOINT_INTERVAL_MS,
      reconcileIntervalMs: stream.reconcileIntervalMs ?? RECONCILE_INTERVAL_MS,
      chunkSize: stream.chunkSize,
      onFold: (fold) => this.#use(fold),
      onCounted: (event, failure) => this.#counted(event, failure),
      onStatus: () => this.#newest.changed(),
    });
  }

  start(): void {
    this.#engine?.start();
  }

  async reconcile(): Promise<readonly Drift[] | null> {
    return (await this.#engine?.reconcile()) ?? null;
  }

  kept(): KeptFigures | null {
    return this.#feed.status().state === 'FAILED' ? null : (this.#fold?.fold ?? null);
  }

  async close(withinMs = CLOSE_MS): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#engine?.close(withinMs);
    this.#stuck.close();
    this.#stored?.close();
    this.#newest.close();
    this.#failureListeners.clear();
  }

  protected now(): number {
    return this.#clock();
  }

  /** From memory also while the feed is being connected again, but not while nobody knows whether it ever will be. */
  protected source(): FigureSource {
    if (this.#fold === null || this.#feed.status().state === 'FAILED') return this.#database;
    return this.#fold.source;
  }

  #sourceUntil(deadline: ReadDeadline): FigureSource {
    const database = this.#database.until(deadline);
    if (this.#fold === null || this.#feed.status().state === 'FAILED') return database;
    return createFoldSource(this.#fold.fold, this.#feed, database, this.#clock);
  }

  #sourceWithin(scope: QueueScope, deadline: ReadDeadline | null): FigureSource {
    const ofScope = this.#database.within(scope);
    const database = deadline === null ? ofScope : ofScope.until(deadline);
    const fold = this.#feed.status().state === 'FAILED' ? null : this.#foldWithin(scope);
    return fold === null ? database : createFoldSource(fold, this.#feed, database, this.#clock);
  }

  /** Null while memory does not say which part of its figures is of the scope. */
  #foldWithin(scope: QueueScope): FoldReading | null {
    if (this.#fold === null || this.#fold.fold.foldsLists) return null;
    const known = this.#foldsWithin.get(scope.key) ?? new FoldWithin(this.#fold.fold, scope);
    if (this.#foldsWithin.size >= MAX_SCOPES) this.#foldsWithin.clear();
    this.#foldsWithin.set(scope.key, known);
    return known;
  }

  within(scope: QueueScope): Statistics {
    const ground: StatisticsGround = {
      source: (of, deadline) => this.#sourceWithin(of, deadline),
      now: this.#clock,
      fold: (of) => this.#foldWithin(of),
      watchStuck: (queueName, timeoutMs, of) => this.#watchStuck(queueName, timeoutMs, of),
      onFailure: (listener) => this.#onFailure(listener),
      status: () => this.status(),
      watchStatus: () => this.watchStatus(),
      within: (other) => this.within(other),
    };
    return new StatisticsWithin(ground, scope);
  }

  until(deadline: ReadDeadline): Statistics {
    return new StatisticsUntil({ whole: this, source: () => this.#sourceUntil(deadline), now: this.#clock }, deadline);
  }

  #use(fold: Fold | null): void {
    this.#foldsWithin.clear();
    this.#fold = fold && { fold, source: createFoldSource(fold, this.#feed, this.#database, this.#clock) };
    this.#stored?.close();
    this.#stored = null;
    this.#stuck.use(fold);
    if (fold === null && this.#stuck.size > 0) this.#followProcessing();
  }

  #counted(event: TaskChangeEvent, failure: CountedFailure | null): void {
    this.#stuck.changed(event.documentId, event.task);
    if (failure === null) return;
    for (const listener of this.#failureListeners) listener(failure, event);
  }

  watchStuck(queueName: string | null, timeoutMs: number): AsyncIterableIterator<unknown> {
    return this.#watchStuck(queueName, timeoutMs, null);
  }

  #watchStuck(queueName: string | null, timeoutMs: number, scope: QueueScope | null): AsyncIterableIterator<unknown> {
    const watch = this.#stuck.watch(queueOrAll(queueName), timeout(timeoutMs), scope);
    this.#followProcessing();
    return watch;
  }

  onErrorGroup(listener: (news: ErrorGroupNews) => void): () => void {
    return this.#onFailure((failure) => listener(failure));
  }

  #onFailure(listener: FailureListener): () => void {
    this.#failureListeners.add(listener);
    return () => this.#failureListeners.delete(listener);
  }

  status(): StatisticsStatus {
    return this.#engine?.status() ?? SWITCHED_OFF;
  }

  watchStatus(): AsyncIterableIterator<StatisticsStatus> {
    return this.#newest.watch();
  }

  /** What is processing, from a read of the database while no fold says it. */
  #followProcessing(): void {
    if (this.#closed || this.#stored !== null || this.#fold !== null) return;
    const stored = new StoredProcessing({
      executions: this.#executions,
      feed: this.#feed,
      clock: this.#clock,
      onChange: (event) => this.#stuck.changed(event.documentId, event.task),
      onLost: () => this.#dropStored(stored),
    });
    this.#stored = stored;
    stored.load().then(
      () => {
        if (this.#stored === stored) this.#stuck.use(stored);
      },
      (error: unknown) => {
        this.#log.warn({ err: error }, 'what is processing could not be read: tried again');
        setTimeout(() => this.#dropStored(stored), RETRY_MS).unref();
      },
    );
  }

  #dropStored(stored: StoredProcessing): void {
    stored.close();
    if (this.#stored !== stored) return;
    this.#stored = null;
    this.#stuck.use(null);
    if (this.#stuck.size > 0) this.#followProcessing();
  }
}

/** All figures of one application. */
export function createStatistics(options: StatisticsOptions): RunningStatistics {
  return new TaskStatistics(options);
}
