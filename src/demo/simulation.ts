import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Connection } from 'mongoose';

import { keepBelow } from './collection-bound.js';
import type { Display } from './display.js';
import { every, type Repeated } from './every.js';
import type { FoundFiles } from './files.js';
import { GraphQLClient } from './graphql-client.js';
import { Hazards } from './hazards.js';
import { Operator } from './operator.js';
import { Producer } from './producer.js';
import { API_QUEUES, NOTIFICATIONS } from './queues.js';
import { TaskApi } from './task-api.js';
import { Watchdog } from './watchdog.js';
import { WorkerPool } from './worker-pool.js';
import type { Workspace } from './workspace.js';

export interface SimulationOptions {
  readonly graphqlUrl: string;
  /** For the old-style worker, which writes to the collection itself. */
  readonly databaseUri: string;
  /** For deleting old executions. */
  readonly connection: Connection;
  readonly files: FoundFiles;
  readonly workspace: Workspace;
  /** New tasks per second, of all producers together. */
  readonly rate: number;
  /** Most documents that are kept. */
  readonly keep: number;
  readonly display: Display;
}

/** Largest file that is worked on, in bytes. */
const MAX_BYTES = 2_000_000;
/** A worker that has not settled its work by then is taken for lost: far below the 30 minutes of real systems. */
export const STUCK_AFTER_MS = 5_000;
/** The old-style worker makes this part of the new tasks itself. */
const OLD_SHARE = 1 / 3;
/** Producing pauses while so many wait. */
const MOST_QUEUED = 200;
const FIRST_INTERRUPT_MS = 12_000;
const INTERRUPT_MS = 40_000;

const HERE = path.dirname(fileURLToPath(import.meta.url));
const API_WORKER = path.join(HERE, 'api-worker.js');
/** A worker that writes with the original JavaScript model; in the repository only. */
export const OLD_WORKER = path.resolve(HERE, '../../demo/old-worker/worker.js');

/** Everything that happens in the demonstration: producers, workers and their accidents, watchdog, operator. */
export class Simulation {
  readonly #pool: WorkerPool;
  readonly #hazards: Hazards;
  readonly #stopping = new AbortController();
  readonly #api: TaskApi;
  readonly #loops: Repeated[] = [];
  readonly #names: string[] = [];
  #interrupt: NodeJS.Timeout | undefined;
  #paused = false;

  constructor(private readonly options: SimulationOptions) {
    this.#pool = new WorkerPool((line) => options.display.note(line));
    this.#hazards = new Hazards(options.workspace.incoming, MAX_BYTES);
    this.#api = new TaskApi(new GraphQLClient(options.graphqlUrl, { signal: this.#stopping.signal }));
  }

  get workerNames(): readonly string[] {
    return this.#names;
  }

  /** Starts the processes and everything around them. */
  async start(): Promise<void> {
    await this.#startWorkers();
    const { rate, keep, connection, files } = this.options;
    const api = this.#api;
    const producer = new Producer(api, files, this.#hazards, `${process.pid}-${Date.now()}`);
    const watchdog = new Watchdog(api, STUCK_AFTER_MS);
    const operator = new Operator(api);
    this.#repeat(1000 / (rate * (1 - OLD_SHARE)), async () => {
      if (!this.#paused) await producer.produce();
    });
    this.#repeat(1_000, () => watchdog.retryFailed());
    this.#repeat(2_000, async () => {
      const lost = await watchdog.failStuck();
      if (lost > 0) this.options.display.note(`watchdog: ${lost} stuck ${lost === 1 ? 'execution' : 'executions'} failed, to be retried`);
    });
    this.#repeat(7_000, () => operator.handleDeadLetters());
    this.#repeat(5_000, async () => void (await keepBelow(connection, keep)));
    this.#repeat(this.options.display.refreshMs, () => this.#showStatus());
    this.#interruptAfter(FIRST_INTERRUPT_MS);
  }

  /** Stops in the order in which nothing is left half done: loops, then workers. */
  async stop(): Promise<void> {
    clearTimeout(this.#interrupt);
    this.#stopping.abort();
    this.#hazards.close();
    await Promise.all(this.#loops.map((loop) => loop.stop()));
    await this.#pool.close();
  }

  async #startWorkers(): Promise<void> {
    const { graphqlUrl, databaseUri, workspace, files, rate, display } = this.options;
    const limits = { maxBytes: MAX_BYTES, outputFolder: workspace.output };
    for (const name of ['api-worker-1', 'api-worker-2']) {
      const settings = { ...limits, url: graphqlUrl, queueNames: API_QUEUES };
      this.#start({ name, module: API_WORKER, settings, interruptOnlyLong: true });
    }
    if (!existsSync(OLD_WORKER)) {
      display.note('The old-style worker is not part of this installation: it comes with the source.');
      return;
    }
    const fileList = await workspace.writeList('notifications.json', [...files.other, ...files.json].map((file) => file.path));
    const settings = { ...limits, uri: databaseUri, queueName: NOTIFICATIONS, fileList, rate: rate * OLD_SHARE };
    this.#start({ name: 'old-worker', module: OLD_WORKER, settings, interruptOnlyLong: false });
  }

  #start(spec: Parameters<WorkerPool['start']>[0]): void {
    this.#names.push(spec.name);
    this.#pool.start(spec);
  }

  #repeat(ms: number, action: () => Promise<void>): void {
    const onError = (error: unknown) => {
      if (!this.#stopping.signal.aborted) this.options.display.note(`demo: ${String(error)}`);
    };
    this.#loops.push(every(ms, action, onError));
  }

  #interruptAfter(ms: number): void {
    this.#interrupt = setTimeout(() => {
      this.#pool.interruptOne();
      this.#interruptAfter(INTERRUPT_MS);
    }, ms);
  }

  async #showStatus(): Promise<void> {
    const [counts, lastHour] = await Promise.all([this.#api.counts(), this.#api.lastHour()]);
    this.#paused = counts.queued > MOST_QUEUED;
    this.options.display.status({ counts, lastHour, workers: this.#pool.running, replaced: this.#pool.replaced });
  }
}
