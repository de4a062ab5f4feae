import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import type { Logger } from 'pino';

import { embeddedSteps } from './embedded/all-steps.js';
import { EmbeddedServer } from './embedded/server.js';
import type { EmbeddedKind, EmbeddedStep, ReadyStep, StepContext } from './embedded/steps.js';
import { DatabaseError, NoEmbeddedDatabaseError } from './errors.js';
import { databaseNameIn, redactUri, withDatabaseName } from './uri.js';

/** How the database in use was found: the configured URI, or one of the steps of the embedded order. */
export type DatabaseKind = 'configured' | EmbeddedKind;

export interface OpenDatabaseOptions {
  /** MONGODB_URI. When given, it is used and nothing else is tried. */
  uri?: string | undefined;
  /** Where an embedded database keeps its data; absent: a throw-away folder, removed on close. */
  dataDir?: string | undefined;
  /** Where downloads and the virtual environment are kept between runs. */
  cacheDir: string;
  /** Name of the database used when the URI names none. */
  databaseName: string;
  /** Restricts the embedded order to one step (tests, diagnosis). Absent: all steps in order. */
  only?: EmbeddedKind | undefined;
  /** Fixed port of an embedded database. Absent or 0: any free one. */
  port?: number | undefined;
  /** A mongod to use before any on PATH (MONGOMS_SYSTEM_BINARY). */
  systemBinary?: string | undefined;
  /** Where programs (mongod, python3) are looked for. Absent: the PATH of this process. */
  path?: string | undefined;
  /** SecantusDB without our improvements of its planner: the oracle of the differential tests. */
  unpatched?: boolean | undefined;
  /** How long an embedded server may take to come up, in ms. */
  startTimeoutMs?: number | undefined;
  /** Ends an installation, and starts nothing more. */
  signal?: AbortSignal | undefined;
  log: Logger;
  /** Told of each slow step in one readable line: what is downloaded, how far it is. */
  onProgress?: ((line: string) => void) | undefined;
}

/** A database that is up. Whoever opened it closes it. */
export interface OpenedDatabase {
  readonly kind: DatabaseKind;
  /** Connection string, database name included. */
  readonly uri: string;
  /** One line for people: which server, where its data is, and that an embedded one is not for production. Never a password. */
  readonly description: string;
  readonly dataDir: string | undefined;
  /** Process id of an embedded server, the current one after a restart; undefined for a configured one. */
  readonly pid: number | undefined;
  /** Stops an embedded server and removes a throw-away folder. Does nothing to a configured one. Idempotent. */
  close(): Promise<void>;
}

/**
 * Finds or brings up a database. A configured URI is taken as it is (connectDatabase finds out whether it answers);
 * without one the embedded kinds are tried in order, and the first that can be prepared is started. An embedded server
 * listens on the loopback interface only, is restarted when it dies, and ends with this process.
 *
 * @throws NoEmbeddedDatabaseError when no step is possible; DataFolderInUseError, PortInUseError or EmbeddedStartError
 * when the chosen server does not come up; the reason of the signal.
 */
export async function openDatabase(options: OpenDatabaseOptions): Promise<OpenedDatabase> {
  if (options.uri !== undefined && options.uri !== '') return configured(options.uri, options.databaseName);
  const context = contextOf(options);
  const refusals: string[] = [];
  for (const step of stepsOf(options)) {
    const { available, why } = await step.check(context);
    if (!available && isNamed(step, options)) {
      throw new NoEmbeddedDatabaseError(`${why}.`, 'Let MONGOMS_SYSTEM_BINARY name a mongod that runs on this machine, or unset it.');
    }
    if (!available) {
      refusals.push(`${step.kind}: ${why}`);
      options.log.debug({ step: step.kind, why }, 'embedded database: step not possible');
      continue;
    }
    let ready: ReadyStep;
    try {
      ready = await step.prepare(context);
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      refusals.push(`${step.kind}: ${error.message}`);
      options.log.warn({ step: step.kind, err: error }, 'embedded database: step failed, trying the next');
      continue;
    }
    options.signal?.throwIfAborted();
    return start(step.kind, ready, options);
  }
  throw new NoEmbeddedDatabaseError(
    `No database could be found or brought up.\n  ${refusals.join('\n  ')}`,
    'Set MONGODB_URI to a MongoDB replica set, put a mongod on PATH, or install Python 3.11 to 3.13 (with venv) for the embedded database.',
  );
}

/** One step of the order, for `tasktracker doctor`. */
export interface Choice {
  readonly kind: DatabaseKind;
  readonly available: boolean;
  /** True for the one that openDatabase would take. */
  readonly chosen: boolean;
  readonly why: string;
}

/** Which database openDatabase would use and why, without starting, downloading or installing anything. */
export async function describeChoice(options: OpenDatabaseOptions): Promise<Choice[]> {
  if (options.uri !== undefined && options.uri !== '') {
    return [{ kind: 'configured', available: true, chosen: true, why: `MONGODB_URI is set: ${redactUri(options.uri)}` }];
  }
  const context = contextOf(options);
  const choices: Choice[] = [{ kind: 'configured', available: false, chosen: false, why: 'MONGODB_URI is not set' }];
  let found = false;
  for (const step of stepsOf(options)) {
    const { available, why } = await step.check(context);
    choices.push({ kind: step.kind, available, chosen: available && !found, why });
    // Where a mongod is named and does not run, nothing takes its place.
    found ||= available || isNamed(step, options);
  }
  return choices;
}

function configured(uri: string, databaseName: string): OpenedDatabase {
  const named = withDatabaseName(uri, databaseName);
  return {
    kind: 'configured',
    uri: named,
    description: `MongoDB at ${redactUri(named)}`,
    dataDir: undefined,
    pid: undefined,
    close: () => Promise.resolve(),
  };
}

/** Whether this step's program was named outright, so that no other step is meant. */
function isNamed(step: EmbeddedStep, { systemBinary }: OpenDatabaseOptions): boolean {
  return step.kind === 'mongod' && systemBinary !== undefined;
}

async function makeDataFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    const message = `The data folder ${folder} cannot be made: ${(error as Error).message}`;
    throw new DatabaseError(message, 'Let TASKTRACKER_DATA_DIR name a folder that can be written to.', { cause: error });
  }
}

async function start(kind: EmbeddedKind, ready: ReadyStep, options: OpenDatabaseOptions): Promise<OpenedDatabase> {
  const discard = options.dataDir === undefined ? await mkdtemp(path.join(os.tmpdir(), 'tasktracker-')) : undefined;
  const root = path.resolve(discard ?? options.dataDir ?? '');
  const folder = path.join(root, ready.subfolder);
  const removeThrowAway = async () => {
    if (discard !== undefined) await rm(discard, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    await makeDataFolder(folder);
    if (discard === undefined) await warnOfOtherData(root, ready.subfolder, options.log);
    const program = ready.program({ folder, discard });
    const server = await EmbeddedServer.start(program, {
      log: options.log,
      port: options.port ?? 0,
      startTimeoutMs: options.startTimeoutMs,
      onProgress: options.onProgress,
    });
    const data = discard === undefined ? `data in ${folder}` : `throw-away data in ${folder}`;
    let closed: Promise<void> | undefined;
    return {
      kind,
      uri: ready.uri(server.port, databaseNameIn(options.databaseName)),
      description: `${program.name} (embedded, not for production) on 127.0.0.1:${server.port}, ${data}`,
      dataDir: root,
      get pid() {
        return server.pid;
      },
      close: () => (closed ??= server.close().finally(removeThrowAway)),
    };
  } catch (error) {
    await removeThrowAway();
    throw error;
  }
}

/** mongod and SecantusDB cannot read each other's files: data of the other kind would seem to be lost. */
async function warnOfOtherData(root: string, subfolder: string, log: Logger): Promise<void> {
  const others = (await readdir(root)).filter((name) => name !== subfolder && ['mongod', 'secantus'].includes(name));
  for (const other of others) {
    log.warn({ folder: path.join(root, other) }, 'the data folder also has data of another kind of database, which is not read');
  }
}

function stepsOf(options: OpenDatabaseOptions): EmbeddedStep[] {
  return embeddedSteps({ unpatched: options.unpatched }).filter((step) => options.only === undefined || options.only === step.kind);
}

function contextOf(options: OpenDatabaseOptions): StepContext {
  return {
    cacheDir: path.resolve(options.cacheDir),
    path: options.path,
    systemBinary: options.systemBinary,
    log: options.log,
    onProgress: options.onProgress ?? (() => undefined),
    signal: options.signal,
  };
}
