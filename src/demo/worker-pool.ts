import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';

import type { ApiWorkerSettings, FromWorker, OldWorkerSettings, ToWorker } from './worker-messages.js';

export interface WorkerSpec {
  readonly name: string;
  /** Path of the module that the process runs. */
  readonly module: string;
  readonly settings: ApiWorkerSettings | OldWorkerSettings;
  /** Whether only its long work is worth interrupting; else any. */
  readonly interruptOnlyLong: boolean;
}

interface Worker {
  readonly spec: WorkerSpec;
  child: ChildProcess | undefined;
  startedAt: number;
  crashes: number;
  /** It is to be killed as soon as it reports work. */
  doomed: boolean;
  killed: boolean;
  restart: NodeJS.Timeout | undefined;
}

const RESTART_MS = 1_000;
const LONGEST_RESTART_MS = 15_000;
const SETTLED_AFTER_MS = 30_000;
const STOP_TIMEOUT_MS = 6_000;

/** The worker processes: each is started again when it ends unasked, and all end with the pool. */
export class WorkerPool {
  readonly #workers: Worker[] = [];
  #closing = false;
  #replaced = 0;
  #next = 0;

  /** @param note is told in one line what happened to a worker. */
  constructor(private readonly note: (line: string) => void) {}

  get running(): number {
    return this.#workers.filter((worker) => worker.child !== undefined).length;
  }

  /** How many processes were started in place of one that ended unasked. */
  get replaced(): number {
    return this.#replaced;
  }

  start(spec: WorkerSpec): void {
    const worker: Worker = { spec, child: undefined, startedAt: 0, crashes: 0, doomed: false, killed: false, restart: undefined };
    this.#workers.push(worker);
    this.#spawn(worker);
  }

  /** Kills the next worker in turn (SIGKILL) in the middle of its next piece of work. */
  interruptOne(): void {
    const worker = this.#workers[this.#next++ % this.#workers.length];
    if (worker !== undefined) worker.doomed = true;
  }

  /** Asks every worker to settle what it has and end; past a few seconds they are killed. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all(
      this.#workers.map(async (worker) => {
        clearTimeout(worker.restart);
        const { child } = worker;
        if (child === undefined) return;
        const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
        tell(child, { kind: 'stop' });
        const force = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
        await gone;
        clearTimeout(force);
      }),
    );
  }

  #spawn(worker: Worker): void {
    const { spec } = worker;
    const child = fork(spec.module, [], { execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    worker.child = child;
    worker.startedAt = Date.now();
    worker.killed = false;
    if (child.stderr !== null) createInterface({ input: child.stderr }).on('line', (line) => this.note(`${spec.name}: ${line}`));
    child.on('error', (error) => this.note(`${spec.name}: ${error.message}`));
    child.on('message', (message) => this.#onMessage(worker, child, message as FromWorker));
    child.once('exit', (code, signal) => this.#onExit(worker, code, signal));
    tell(child, { kind: 'begin', settings: spec.settings });
  }

  #onMessage(worker: Worker, child: ChildProcess, message: FromWorker): void {
    if (!worker.doomed || message.kind !== 'started' || this.#closing) return;
    if (worker.spec.interruptOnlyLong && !message.long) return;
    worker.doomed = false;
    worker.killed = child.kill('SIGKILL');
  }

  #onExit(worker: Worker, code: number | null, signal: NodeJS.Signals | null): void {
    worker.child = undefined;
    if (this.#closing) return;
    if (worker.killed || Date.now() - worker.startedAt > SETTLED_AFTER_MS) worker.crashes = 0;
    const wait = Math.min(RESTART_MS * 2 ** worker.crashes, LONGEST_RESTART_MS);
    worker.crashes += 1;
    const what = worker.killed ? 'was killed in the middle of its work' : `ended unasked (${signal ?? `exit code ${code}`})`;
    this.note(`${worker.spec.name} ${what}; another one starts in ${wait / 1000} s`);
    worker.restart = setTimeout(() => {
      this.#replaced += 1;
      this.#spawn(worker);
    }, wait);
  }
}

/** A worker that has just ended takes no message: its exit says the rest. */
function tell(child: ChildProcess, message: ToWorker): void {
  if (child.connected) child.send(message, () => undefined);
}
