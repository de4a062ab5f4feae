import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { inject } from 'vitest';

import { environmentFor, type PythonEnvironment } from '../../src/database/embedded/environment.js';
import { findPython } from '../../src/database/embedded/python.js';
import { openDatabase, type OpenDatabaseOptions, type OpenedDatabase } from '../../src/database/open.js';
import { silentLogger } from './database.js';

/** A SecantusDB of the test's own, beside the run's server. */
export function openSecantus(options: Partial<OpenDatabaseOptions> = {}): Promise<OpenedDatabase> {
  return openDatabase({
    cacheDir: inject('cacheDir'),
    databaseName: 'tasktracker_test',
    only: 'secantus',
    log: silentLogger(),
    ...options,
  });
}

/** The environment that openSecantus uses; the run has installed it. */
export async function secantusEnvironment(): Promise<PythonEnvironment> {
  const { python } = await findPython();
  if (python === undefined) throw new Error('no Python');
  return environmentFor(inject('cacheDir'), python);
}

/** An empty folder, removed at the end of the scope. */
export async function temporaryFolder(): Promise<{ folder: string; [Symbol.asyncDispose](): Promise<void> }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'tasktracker-test-'));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** What a promise was rejected with, and after how many ms. */
export async function rejection(promise: Promise<unknown>): Promise<{ error: Error; ms: number }> {
  const startedAt = performance.now();
  try {
    await promise;
  } catch (error) {
    return { error: error as Error, ms: performance.now() - startedAt };
  }
  throw new Error('was not rejected');
}

/** True while a process of this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Resolves when the condition holds; rejects after the limit. */
export async function until(what: string, condition: () => boolean | Promise<boolean>, limitMs = 15_000): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
