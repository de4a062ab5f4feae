import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { beforeEach, describe, expect, inject, it } from 'vitest';

import { connectDatabase } from '../../../src/database/connect.js';
import { DataFolderInUseError, EmbeddedStartError, NoEmbeddedDatabaseError, PortInUseError } from '../../../src/database/errors.js';
import { describeChoice, openDatabase } from '../../../src/database/open.js';
import { silentLogger } from '../../support/database.js';
import { isAlive, openSecantus, rejection, temporaryFolder } from '../../support/embedded.js';

const log = silentLogger();
const WITHIN_MS = 10_000;

describe('openDatabase with MONGODB_URI', () => {
  it('takes it, names the database, and tries and stops nothing', async () => {
    const options = { uri: 'mongodb://u:secret@nowhere.invalid/?replicaSet=rs0', cacheDir: '/nonexistent', databaseName: 'tasks', path: '', log };
    const opened = await openDatabase(options);
    expect(opened).toMatchObject({ kind: 'configured', pid: undefined, dataDir: undefined });
    expect(opened.uri).toContain('/tasks?');
    expect(opened.description).not.toContain('secret');
    await opened.close();
    const choice = await describeChoice(options);
    expect(choice).toHaveLength(1);
    expect(choice[0]?.why).not.toContain('secret');
  });
});

describe('openDatabase without anything to start', () => {
  it('says within 10 s what it looked for and how to get a database', async () => {
    await using empty = await temporaryFolder();
    const { error, ms } = await rejection(
      openDatabase({ cacheDir: empty.folder, databaseName: 'x', path: empty.folder, only: 'secantus', log }),
    );
    expect(error).toBeInstanceOf(NoEmbeddedDatabaseError);
    expect(error.message).toContain('No Python 3.11 to 3.13');
    expect((error as NoEmbeddedDatabaseError).remedy).toContain('MONGODB_URI');
    expect(ms).toBeLessThan(WITHIN_MS);
  });

  it('describes each step with its reason, and installs nothing', async () => {
    await using empty = await temporaryFolder();
    const choices = await describeChoice({ cacheDir: path.join(empty.folder, 'cache'), databaseName: 'x', path: empty.folder, log });
    expect(choices.map((choice) => choice.kind)).toEqual(['configured', 'mongod', 'downloaded', 'secantus']);
    expect(choices.every((choice) => choice.why !== '')).toBe(true);
    expect(choices.find((choice) => choice.kind === 'mongod')).toMatchObject({ available: false, why: 'no mongod on PATH' });
    expect(existsSync(path.join(empty.folder, 'cache'))).toBe(false);
  });

  it('does not put another mongod in the place of one that was named and does not run', async () => {
    await using empty = await temporaryFolder();
    const named = path.join(empty.folder, 'mongod');
    await writeFile(named, 'not a program', { mode: 0o755 });
    const options = { cacheDir: empty.folder, databaseName: 'x', systemBinary: named, log };
    const choices = await describeChoice(options);
    expect(choices[1]).toMatchObject({ kind: 'mongod', available: false });
    expect(choices[1]?.why).toContain(named);
    expect(choices.some(({ chosen }) => chosen)).toBe(false);
    const { error } = await rejection(openDatabase(options));
    expect(error).toBeInstanceOf(NoEmbeddedDatabaseError);
    expect((error as NoEmbeddedDatabaseError).remedy).toContain('MONGOMS_SYSTEM_BINARY');
  });
});

describe('SecantusDB', () => {
  beforeEach(({ skip }) => {
    if (!inject('embedded')) skip('the run has MONGODB_URI: no embedded database is installed');
  });

  it('says which setting to mend where the data folder cannot be made', async () => {
    await using empty = await temporaryFolder();
    const file = path.join(empty.folder, 'a-file');
    await writeFile(file, '');
    const { error } = await rejection(openSecantus({ dataDir: file }));
    expect(error).toMatchObject({ name: 'DatabaseError', remedy: expect.stringContaining('TASKTRACKER_DATA_DIR') as string });
  });

  it('serves a throw-away folder that is gone after close, which may be called twice', async () => {
    const database = await openSecantus();
    expect(database.description).toContain('not for production');
    expect(database.description).toContain('throw-away');
    const { dataDir, pid } = database;
    expect(existsSync(dataDir ?? '')).toBe(true);
    await Promise.all([database.close(), database.close()]);
    expect(existsSync(dataDir ?? '')).toBe(false);
    expect(isAlive(pid ?? 0)).toBe(false);
  });

  it('keeps the data of a named folder between starts', async () => {
    await using data = await temporaryFolder();
    const first = await openSecantus({ dataDir: data.folder });
    const writer = await connectDatabase(first.uri, { log });
    await writer.collection('things').insertOne({ kept: true });
    await writer.close();
    await first.close();

    const second = await openSecantus({ dataDir: data.folder });
    const reader = await connectDatabase(second.uri, { log });
    expect(await reader.collection('things').countDocuments({ kept: true })).toBe(1);
    await reader.close();
    await second.close();
  });

  it('refuses a folder that another process serves, and leaves that process alone', async () => {
    await using data = await temporaryFolder();
    const first = await openSecantus({ dataDir: data.folder });
    const { error, ms } = await rejection(openSecantus({ dataDir: data.folder }));
    expect(error).toBeInstanceOf(DataFolderInUseError);
    expect(error.message).toContain(data.folder);
    expect((error as DataFolderInUseError).remedy).toContain('another data folder');
    expect(ms).toBeLessThan(WITHIN_MS);
    const connection = await connectDatabase(first.uri, { log });
    await connection.close();
    await first.close();
  });

  it('refuses a fixed port that is taken', async () => {
    const first = await openSecantus();
    const port = Number(/:(\d+)\//.exec(first.uri)?.[1]);
    const { error, ms } = await rejection(openSecantus({ port }));
    expect(error).toBeInstanceOf(PortInUseError);
    expect(ms).toBeLessThan(WITHIN_MS);
    await first.close();
  });

  it('shows the last lines of a server that could not start', async () => {
    await using data = await temporaryFolder();
    const folder = path.join(data.folder, 'secantus');
    await mkdir(folder);
    await writeFile(path.join(folder, 'WiredTiger.turtle'), 'this is not a database');
    await writeFile(path.join(folder, 'WiredTiger'), 'nor is this');
    const { error, ms } = await rejection(openSecantus({ dataDir: data.folder }));
    expect(error).toBeInstanceOf(EmbeddedStartError);
    expect(error.message).toContain('Its last lines:');
    expect(ms).toBeLessThan(WITHIN_MS);
  });

  it('runs beside another one, each with its own data', async () => {
    const [one, two] = await Promise.all([openSecantus(), openSecantus()]);
    const [first, second] = await Promise.all([connectDatabase(one.uri, { log }), connectDatabase(two.uri, { log })]);
    await first.collection('things').insertOne({ n: 1 });
    expect(await second.collection('things').countDocuments()).toBe(0);
    await Promise.all([first.close(), second.close()]);
    await Promise.all([one.close(), two.close()]);
  });
});
