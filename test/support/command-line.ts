import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { mongo } from 'mongoose';
import { afterAll, beforeAll, inject } from 'vitest';

import { uriOf } from './database.js';

/** The built command line. */
export const CLI = path.resolve(import.meta.dirname, '../../dist/cli.js');

/** The line of a server that answers. */
export const READY = /TaskTracker ready at (\S+)/;

export interface RunningCommand {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; out: string; err: string; ms: number }>;
  /** Resolves with the first match in what it printed on stdout; rejects when it ends before. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** The same for stderr. */
  complained(pattern: RegExp): Promise<RegExpExecArray>;
}

export interface CommandLine {
  /** The built command line, in a folder of its own and with nothing of this environment but the given. */
  tasktracker(args: readonly string[], environment?: Record<string, string>): RunningCommand;
  /** Any other program, in the same way. */
  run(program: string, args: readonly string[], environment?: Record<string, string>): RunningCommand;
  /** A database of its own on the run's server, dropped at the end. */
  ownDatabase(): string;
}

/** Runs commands for the tests of one file; what still runs at their end is killed, and what was made is removed. */
export function commandLine(): CommandLine {
  let folder = '';
  const databases: string[] = [];
  const started = new Set<ChildProcess>();

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'tasktracker-cli-'));
  });

  afterAll(async () => {
    for (const child of started) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
    const client = await new mongo.MongoClient(inject('mongoUri')).connect();
    for (const name of databases) await client.db(name).dropDatabase();
    await client.close();
  });

  const run = (program: string, args: readonly string[], environment: Record<string, string> = {}): RunningCommand => {
    const begun = performance.now();
    const child = spawn(program, args, {
      cwd: folder,
      env: { PATH: process.env['PATH'], LOG_LEVEL: 'error', TASKTRACKER_CACHE_DIR: inject('cacheDir'), ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    started.add(child);
    child.stdin.on('error', () => undefined);
    const texts = { out: '', err: '' };
    const waiting: (() => void)[] = [];
    const collect = (name: 'out' | 'err') => (chunk: unknown) => {
      texts[name] += String(chunk);
      for (const look of waiting) look();
    };
    child.stdout.on('data', collect('out'));
    child.stderr.on('data', collect('err'));
    const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...texts, ms: performance.now() - begun }));
    const saw = (name: 'out' | 'err', pattern: RegExp): Promise<RegExpExecArray> =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(texts[name]);
          if (found) resolve(found);
        };
        waiting.push(look);
        look();
        void ended.then(() => reject(new Error(`it ended before it printed ${String(pattern)}: ${texts.out}${texts.err}`)));
      });
    return { child, ended, printed: (pattern) => saw('out', pattern), complained: (pattern) => saw('err', pattern) };
  };

  return {
    run,
    tasktracker: (args, environment) => run(process.execPath, [CLI, ...args], environment),
    ownDatabase() {
      const name = `tt_${randomBytes(8).toString('hex')}`;
      databases.push(name);
      return uriOf(name);
    },
  };
}
