import type { Logger } from 'pino';

import { Newest } from '../feed/newest.js';
import type { TappedFeed } from '../feed/types.js';
import type { TaskTrackerModel } from '../model/task-tracker.js';
import { DEFAULT_MAX_TIME_MS, StoredExecutions } from '../queries/executions.js';
import { text } from '../queries/validate.js';
import { createDatabaseSource } from './database-source.js';
import { errorRangeOf, namePart, queueList, queueOrAll, seriesOf, timeout } from './requests.js';
import { type FigureSource, mostFrequent } from './source.js';
import { StoredProcessing } from './stored-processing.js';
import { StuckWatchers } from './stuck-watch.js';
import { stuckThreshold } from './thresholds.js';
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
}

export interface RunningStatistics extends Statistics {
  /** Ends every watcher and stops every timer. Idempotent. */
  close(): Promise<void>;
}

class TaskStatistics implements RunningStatistics {
  readonly #log: Logger;
  readonly #feed: TappedFeed;
  readonly #clock: () => number;
  readonly #executions: StoredExecutions;
  readonly #database: FigureSource;
  readonly #stuck: StuckWatchers;
  readonly #newest = new Newest<StatisticsStatus>(() => this.status());
  readonly #errorListeners = new Set<(news: ErrorGroupNews) => void>();
  #stored: StoredProcessing | null = null;
  #closed = false;

  constructor(options: StatisticsOptions) {
    const { model, maxTimeMs = DEFAULT_MAX_TIME_MS, clock = () => new Date() } = options;
    this.#log = options.log;
    this.#feed = options.feed;
    this.#clock = () => clock().getTime();
    this.#executions = new StoredExecutions(model, maxTimeMs);
    this.#database = createDatabaseSource({ model, maxTimeMs, clock });
    this.#stuck = new StuckWatchers(this.#clock);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#stuck.close();
    this.#stored?.close();
    this.#newest.close();
    this.#errorListeners.clear();
  }

  #source(): FigureSource {
    return this.#database;
  }

  async queueCounts(queueName: string) {
    return this.#source().queueCounts(text(queueName, ['queueName']));
  }

  async manyQueueCounts(queueNames: readonly string[]) {
    return this.#source().manyQueueCounts(queueList(queueNames));
  }

  async queueNames(nameContains?: string) {
    namePart(nameContains);
    return this.#source().queueNames(nameContains);
  }

  async oldestQueuedAt(queueNames: readonly string[]) {
    return this.#source().oldestQueuedAt(queueList(queueNames));
  }

  async stuckCounts(queueNames: readonly string[], timeoutMs: number) {
    return this.#source().stuckCounts(queueList(queueNames), timeout(timeoutMs));
  }

  async throughput(request: Parameters<Statistics['throughput']>[0]) {
    return this.#source().throughput(seriesOf(request, this.#clock()));
  }

  async history(request: Parameters<Statistics['history']>[0]) {
    return this.#source().history(seriesOf(request, this.#clock()));
  }

  async errorGroups(request: Parameters<Statistics['errorGroups']>[0]) {
    const range = errorRangeOf(request, this.#clock());
    return mostFrequent(await this.#source().errorGroups(range), range.first);
  }

  async errorGroup(fingerprint: string, queueName?: string | null) {
    return this.#source().errorGroup(text(fingerprint, ['fingerprint']), queueOrAll(queueName));
  }

  async stuckThresholds(queueNames: readonly string[]) {
    const names = queueList(queueNames);
    const runs = await this.#source().runLatencies(names);
    return runs.map((run, index) => stuckThreshold(names[index] as string, run));
  }

  watchStuck(queueName: string | null, timeoutMs: number): AsyncIterableIterator<unknown> {
    const watch = this.#stuck.watch(queueOrAll(queueName), timeout(timeoutMs));
    this.#followProcessing();
    return watch;
  }

  onErrorGroup(listener: (news: ErrorGroupNews) => void): () => void {
    this.#errorListeners.add(listener);
    return () => this.#errorListeners.delete(listener);
  }

  status(): StatisticsStatus {
    return {
      state: 'UNAVAILABLE',
      scanned: null,
      expected: null,
      progress: 0,
      readySince: null,
      lastCheckpointAt: null,
      lastReconciliationAt: null,
      lastDrift: 0,
      reason: 'Figures are counted by the database.',
    };
  }

  watchStatus(): AsyncIterableIterator<StatisticsStatus> {
    return this.#newest.watch();
  }

  /** What is processing, from a read of the database while no fold says it. */
  #followProcessing(): void {
    if (this.#closed || this.#stored !== null) return;
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

const RETRY_MS = 1_000;

/** All figures of one application. */
export function createStatistics(options: StatisticsOptions): RunningStatistics {
  return new TaskStatistics(options);
}
