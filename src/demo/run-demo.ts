import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import type { Logger } from 'pino';

import { createTaskTracker, type TaskTrackerApp } from '../app.js';
import { awaitStop } from '../cli/signals.js';
import type { Config } from '../config.js';
import { connectDatabase } from '../database/connect.js';
import { openDatabase } from '../database/open.js';
import { PortTakenError } from '../server/bind.js';
import { DEMO_DATABASE, withDemoDatabase } from './demo-database.js';
import { Display, type Output } from './display.js';
import { sampleFiles } from './files.js';
import { OLD_WORKER, Simulation } from './simulation.js';
import { createWorkspace } from './workspace.js';

export interface DemoOptions {
  /** Folder whose files are worked on; it is only read. */
  readonly filesFolder: string;
  /** Most documents that are kept. */
  readonly keep: number;
  /** New tasks per second. */
  readonly rate: number;
  /** Port of the API. Undefined: the configured one, or any free one where that is taken. */
  readonly port: number | undefined;
  /** Ends by itself so long after it was up. Undefined: runs until it is stopped. */
  readonly durationMs: number | undefined;
  readonly output: Output;
}

/** The demonstration is part of the repository, not of the package: its worker of the original model is not there. */
export class NoCloneError extends Error {
  override name = 'NoCloneError';
  readonly remedy = 'Clone the repository, and run `npm ci && npm run demo` in it. `tasktracker serve` needs no clone.';
}

/** There is nothing under the folder to work on. */
export class NoFilesError extends Error {
  override name = 'NoFilesError';
  readonly remedy = 'Name a folder that holds some with --files.';
}

/** How long a start that is no longer wanted may take to come to an end. */
const UNWANTED_START_MS = 5_000;

/**
 * Runs the demonstration until it is asked to stop, and leaves nothing behind: no process, no file, and on a configured
 * server only its own database `tasktracker_demo`.
 *
 * @throws NoCloneError, NoFilesError, DatabaseError, PortTakenError; what was started until then is stopped first.
 */
export async function runDemo(config: Config, options: DemoOptions, log: Logger): Promise<void> {
  const display = new Display(options.output);
  const stop = awaitStop({ withParent: true });
  const closers: (() => Promise<unknown>)[] = [];
  try {
    const given = new AbortController();
    const starting = start(config, { ...options, signal: given.signal }, log, display, closers);
    const early = await Promise.race([starting, stop.asked]);
    if (early !== undefined) {
      // Asked to stop while it starts (a download may take long): what still starts ends with this process.
      given.abort();
      const ended = starting.catch((error: unknown) => log.debug({ err: error }, 'the start was given up'));
      await Promise.race([ended, delay(UNWANTED_START_MS)]);
    }
    const isOver = early === undefined && (await endsFirst(stop.asked, options.durationMs));
    display.end(isOver ? 'The time is over: stopping.' : 'Stopping.');
  } finally {
    for (const close of closers.reverse()) {
      await close().catch((error: unknown) => log.error({ err: error }, 'the demonstration could not stop one of its parts'));
    }
    stop.release();
  }
}

/** Waits until it is asked to stop, or the time is over. @returns whether it is */
async function endsFirst(asked: Promise<unknown>, durationMs: number | undefined): Promise<boolean> {
  if (durationMs === undefined) return asked.then(() => false);
  const timer = new AbortController();
  const over = delay(durationMs, true, { signal: timer.signal });
  try {
    return await Promise.race([asked.then(() => false), over]);
  } finally {
    over.catch(() => undefined);
    timer.abort();
  }
}

/** Each part that came up adds how it is closed; they are closed in the opposite order. */
async function start(config: Config, options: DemoOptions & { readonly signal: AbortSignal }, log: Logger, display: Display, closers: (() => Promise<unknown>)[]): Promise<void> {
  if (!existsSync(OLD_WORKER)) throw new NoCloneError('The demonstration runs in a clone of the repository only.');
  const files = await sampleFiles(options.filesFolder);
  const count = files.json.length + files.other.length;
  if (count === 0) throw new NoFilesError(`There are no files under ${options.filesFolder}.`);

  const workspace = await createWorkspace();
  closers.push(() => workspace.remove());

  const database = await openDatabase({
    uri: config.mongodbUri === undefined ? undefined : withDemoDatabase(config.mongodbUri),
    databaseName: DEMO_DATABASE,
    cacheDir: config.cacheDir,
    systemBinary: config.systemBinary,
    log,
    onProgress: (line) => display.note(line),
    signal: options.signal,
  });
  closers.push(() => database.close());

  const connection = await connectDatabase(database.uri, { log, appName: 'tasktracker-demo' });
  closers.push(() => connection.close());

  const own = { mongodbUri: database.uri, databaseName: DEMO_DATABASE, host: '127.0.0.1', port: options.port ?? config.port };
  const { app, url: graphqlUrl } = await startApi({ ...config, ...own }, options.port === undefined, log);
  closers.push(() => app.close());

  const simulation = new Simulation({
    graphqlUrl,
    databaseUri: database.uri,
    connection,
    files,
    workspace,
    rate: options.rate,
    keep: options.keep,
    display,
  });
  closers.push(() => simulation.stop());
  await simulation.start();
  display.introduce({
    database: database.kind === 'configured' ? `${database.description} (only the database ${DEMO_DATABASE})` : database.description,
    graphqlUrl,
    dashboardUrl: new URL('/', graphqlUrl).href,
    graphiqlUrl: new URL('/graphiql', graphqlUrl).href,
    workers: simulation.workerNames,
    files: `${count} of ${options.filesFolder}: validated, hashed, compressed, only read`,
    temporaryFolder: workspace.root,
  });
}

interface RunningApi {
  readonly app: TaskTrackerApp;
  readonly url: string;
}

/** It is there to be looked at by whoever started it: on loopback, and nobody is asked who they are. */
const WITHOUT_AUTHENTICATION = { apiKeys: undefined, apiKeysFile: undefined, jwtSecret: undefined, jwtJwksUrl: undefined, jwtJwksFile: undefined } as const;

/** @param mayMove a taken port is no reason not to start: any free one is taken instead. */
async function startApi(config: Config, mayMove: boolean, log: Logger): Promise<RunningApi> {
  const app = await createTaskTracker({ ...config, ...WITHOUT_AUTHENTICATION, log });
  try {
    return { app, url: await app.start() };
  } catch (error) {
    await app.close();
    if (mayMove && error instanceof PortTakenError) return startApi({ ...config, port: 0 }, false, log);
    throw error;
  }
}
