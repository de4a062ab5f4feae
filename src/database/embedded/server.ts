import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

import type { Logger } from 'pino';

import { EmbeddedStartError } from '../errors.js';
import { endWithOwner } from './owner-watch.js';
import { RecentLines } from './lines.js';
import { freePort } from './port.js';
import type { ServerProgram } from './program.js';

const KEPT_LINES = 40;
const SHOWN_LINES = 12;
/** A database that was killed replays its log first: 2.7 s were measured at 277,000 documents. */
const START_TIMEOUT_MS = 60_000;
/** A clean stop writes a checkpoint. Past this the process is killed; the journal keeps what was acknowledged. */
const STOP_TIMEOUT_MS = 8_000;
/** Waits before each restart of a server that died. One that then ran for a minute has all tries again. */
const RESTART_DELAYS_MS = [0, 250, 500, 1_000, 2_000];
const SETTLED_AFTER_MS = 60_000;
/** A port found free can be taken before the server binds it. */
const PORT_TRIES = 3;

export interface EmbeddedServerOptions {
  log: Logger;
  /** Fixed port, or 0 for any free one. */
  port: number;
  startTimeoutMs?: number | undefined;
  /** Told in one line when a start takes long. */
  onProgress?: ((line: string) => void) | undefined;
}

/**
 * One embedded server process and its life: it is up when start() resolves, it is started again at the same port when it
 * dies, it ends with close(), and it ends with this process however this process ends (kill -9 included).
 */
export class EmbeddedServer {
  #child: ChildProcess | undefined;
  #port = 0;
  #closing: Promise<void> | undefined;
  #restarting: Promise<void> | undefined;
  #triesLeft = RESTART_DELAYS_MS.length;

  private constructor(
    private readonly program: ServerProgram,
    private readonly options: EmbeddedServerOptions,
  ) {}

  /**
   * @throws DatabaseError: a known failure (folder or port in use), or EmbeddedStartError with the last lines printed.
   */
  static async start(program: ServerProgram, options: EmbeddedServerOptions): Promise<EmbeddedServer> {
    const server = new EmbeddedServer(program, options);
    for (let attempt = 1; ; attempt++) {
      const port = options.port === 0 && !program.picksPort ? await freePort() : options.port;
      try {
        await server.#launch(port);
        return server;
      } catch (error) {
        const raced = options.port === 0 && !program.picksPort && (error as Error).name === 'PortInUseError';
        if (!raced || attempt === PORT_TRIES) throw error;
      }
    }
  }

  get port(): number {
    return this.#port;
  }

  /** The current process; another one after a restart, undefined while there is none. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Stops the server and waits until it is gone. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#stop();
    return this.#closing;
  }

  async #stop(): Promise<void> {
    const child = this.#child;
    if (child !== undefined) await terminate(child);
    await this.#restarting;
  }

  async #launch(port: number): Promise<void> {
    const { log } = this.options;
    const { file, args } = this.program.command(port);
    // A process group of its own: Ctrl-C at the terminal reaches the owner alone, which stops the server last.
    const child = spawn(file, args, {
      stdio: [this.program.endsWithOwner ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    child.stdin?.on('error', () => undefined);
    const lines = new RecentLines(KEPT_LINES);
    if (child.stdout !== null) lines.follow(child.stdout);
    if (child.stderr !== null) lines.follow(child.stderr);
    lines.onLine((line) => log.trace({ server: this.program.name }, line));
    this.#child = child;
    try {
      this.#port = await this.#untilReady(child, lines);
      if (!this.program.endsWithOwner && child.pid !== undefined) endWithOwner(child.pid);
      await this.program.prepare?.(this.#port);
    } catch (error) {
      await terminate(child);
      this.#child = undefined;
      throw error;
    }
    const startedAt = Date.now();
    const onExit = (code: number | null, signal: NodeJS.Signals | null) => {
      this.#child = undefined;
      if (this.#closing !== undefined) return;
      if (Date.now() - startedAt > SETTLED_AFTER_MS) this.#triesLeft = RESTART_DELAYS_MS.length;
      log.warn({ server: this.program.name, code, signal, lastLines: lines.last(SHOWN_LINES) }, 'the embedded database died');
      this.#restarting = this.#restart();
    };
    if (child.exitCode !== null || child.signalCode !== null) onExit(child.exitCode, child.signalCode);
    else child.once('exit', onExit);
  }

  #untilReady(child: ChildProcess, lines: RecentLines): Promise<number> {
    let resolve: (port: number) => void = () => undefined;
    let reject: (error: Error) => void = () => undefined;
    const promise = new Promise<number>((onReady, onFailure) => {
      resolve = onReady;
      reject = onFailure;
    });
    const limit = this.options.startTimeoutMs ?? START_TIMEOUT_MS;
    const failed = (what: string) => {
      const last = lines.last(SHOWN_LINES);
      reject(
        this.program.explain(lines.last(KEPT_LINES)) ??
          new EmbeddedStartError(
            `${this.program.name} ${what}${last.length === 0 ? '' : `. Its last lines:\n  ${last.join('\n  ')}`}`,
            'Set MONGODB_URI to a replica set to use that instead, or move the data folder away if it is damaged.',
          ),
      );
    };
    const slow = setTimeout(() => this.options.onProgress?.(`${this.program.name} is still starting`), 3_000);
    const timeout = setTimeout(() => failed(`was not ready within ${limit / 1000} s`), limit);
    const stopListening = lines.onLine((line) => {
      const port = this.program.readyPort(line);
      if (port !== undefined) resolve(port);
    });
    const onError = (error: Error) => failed(`could not be run: ${error.message}`);
    // 'close' comes after the last line was read; 'exit' may come before.
    const onClose = (code: number | null, signal: NodeJS.Signals | null) =>
      failed(`ended while starting (${signal ?? `exit code ${code}`})`);
    child.once('error', onError).once('close', onClose);
    return promise.finally(() => {
      clearTimeout(slow);
      clearTimeout(timeout);
      stopListening();
      child.off('error', onError).off('close', onClose).on('error', () => undefined);
    });
  }

  async #restart(): Promise<void> {
    const { log } = this.options;
    while (this.#closing === undefined && this.#triesLeft > 0) {
      const wait = RESTART_DELAYS_MS[RESTART_DELAYS_MS.length - this.#triesLeft] ?? 0;
      this.#triesLeft -= 1;
      await delay(wait);
      if (this.#closing !== undefined) return;
      try {
        await this.#launch(this.#port);
        log.info({ server: this.program.name, port: this.#port, pid: this.pid }, 'the embedded database is up again');
        return;
      } catch (error) {
        log.warn({ server: this.program.name, err: error }, 'the embedded database did not start again');
      }
    }
    if (this.#closing === undefined) log.error({ server: this.program.name }, 'the embedded database stays down: too many restarts');
  }
}

/** Ends a process and waits for it: politely, then by force. */
async function terminate(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await gone;
  clearTimeout(force);
}
