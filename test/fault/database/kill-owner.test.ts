import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

import { describe, expect, inject, it } from 'vitest';

import type { OpenDatabaseOptions } from '../../../src/database/open.js';
import { standInMongod } from '../../support/stand-in.js';
import { isAlive, temporaryFolder, until } from '../../support/embedded.js';

const root = path.resolve(import.meta.dirname, '../../..');
const built = pathToFileURL(path.join(root, 'dist/database/open.js')).href;

/** Runs in a process of its own, from the built package: opens a database, says which, and stays. */
const OWNER = `
  const { openDatabase } = await import(process.argv[1]);
  const { pino } = await import('pino');
  const options = JSON.parse(process.argv[2]);
  const database = await openDatabase({ ...options, databaseName: 'x', log: pino({ level: 'silent' }) });
  console.log(JSON.stringify({ pid: database.pid, dataDir: database.dataDir }));
  setInterval(() => undefined, 1_000);
`;

interface Owned {
  readonly owner: ChildProcess;
  readonly pid: number;
  readonly dataDir: string;
}

async function startOwner(own: Partial<OpenDatabaseOptions> = { only: 'secantus' }): Promise<Owned> {
  const options = JSON.stringify({ cacheDir: inject('cacheDir'), ...own });
  const owner = spawn(process.execPath, ['--input-type=module', '-e', OWNER, built, options], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: owner.stdout }).once('line', resolve);
    owner.once('exit', () => reject(new Error('the owner ended before it had a database')));
  });
  return { owner, ...(JSON.parse(line) as { pid: number; dataDir: string }) };
}

describe('an embedded database whose owner is killed (-9)', { timeout: 60_000 }, () => {
  it('ends, and removes its throw-away data', async ({ skip }) => {
    if (!inject('embedded')) skip('the run has MONGODB_URI: no embedded database is installed');
    const { owner, pid, dataDir } = await startOwner();
    expect(isAlive(pid)).toBe(true);
    owner.kill('SIGKILL');
    await until('the database has ended', () => !isAlive(pid));
    await until('its data is gone', () => !existsSync(dataDir));
  });

  it('ends, keeps the data of a named folder, and lets the next owner have it', async ({ skip }) => {
    if (!inject('embedded')) skip('the run has MONGODB_URI: no embedded database is installed');
    await using data = await temporaryFolder();
    const first = await startOwner({ only: 'secantus', dataDir: data.folder });
    first.owner.kill('SIGKILL');
    await until('the database has ended', () => !isAlive(first.pid));
    const second = await startOwner({ only: 'secantus', dataDir: data.folder });
    expect(second.dataDir).toBe(data.folder);
    second.owner.kill('SIGTERM');
    await until('the database has ended', () => !isAlive(second.pid));
  });

  it('ends when it is a mongod, which watches nobody itself', async ({ skip }) => {
    if (process.platform === 'win32') skip('the stand-in for mongod is a shell script');
    await using temporary = await temporaryFolder();
    const systemBinary = await standInMongod(path.join(temporary.folder, 'bin'));
    const { owner, pid } = await startOwner({ only: 'mongod', systemBinary, dataDir: path.join(temporary.folder, 'data') });
    owner.kill('SIGKILL');
    await until('the database has ended', () => !isAlive(pid));
  });
});
