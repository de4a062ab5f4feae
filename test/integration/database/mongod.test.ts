import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

import { afterEach, describe, expect, it, vi } from 'vitest';

import { connectDatabase } from '../../../src/database/connect.js';
import { DataFolderInUseError, PortInUseError } from '../../../src/database/errors.js';
import { describeChoice, openDatabase, type OpenDatabaseOptions } from '../../../src/database/open.js';
import { silentLogger } from '../../support/database.js';
import { isAlive, rejection, temporaryFolder, until } from '../../support/embedded.js';
import { standInMongod } from '../../support/stand-in.js';

const log = silentLogger();
const optionsIn = async (folder: string): Promise<OpenDatabaseOptions> => ({
  path: path.dirname(await standInMongod(path.join(folder, 'bin'))),
  cacheDir: path.join(folder, 'cache'),
  dataDir: path.join(folder, 'data'),
  databaseName: 'tasks',
  log,
});

const hostIn = async (folder: string): Promise<string> => {
  const text = await readFile(path.join(folder, 'data', 'mongod', 'config.json'), 'utf8');
  return (JSON.parse(text) as { members: { host: string }[] }).members[0]?.host ?? '';
};

describe.runIf(process.platform !== 'win32')('a mongod on PATH', () => {
  it('is taken before anything else and made a replica set of one on the loopback interface', async () => {
    await using temporary = await temporaryFolder();
    const options = await optionsIn(temporary.folder);
    const [, choice] = await describeChoice(options);
    expect(choice).toMatchObject({ kind: 'mongod', available: true, chosen: true });
    const database = await openDatabase(options);
    expect(database).toMatchObject({ kind: 'mongod', dataDir: path.join(temporary.folder, 'data') });
    expect(database.uri).toMatch(/^mongodb:\/\/127\.0\.0\.1:\d+\/tasks\?replicaSet=tasktracker$/);
    expect(database.description).toContain('not for production');
    const connection = await connectDatabase(database.uri, { log });
    await connection.close();
    const { pid } = database;
    await database.close();
    expect(isAlive(pid ?? 0)).toBe(false);
  });

  it('serves data at another port than the last time: the replica set is moved there', async () => {
    await using temporary = await temporaryFolder();
    const options = await optionsIn(temporary.folder);
    const first = await openDatabase(options);
    const firstHost = await hostIn(temporary.folder);
    expect(first.uri).toContain(firstHost);
    await first.close();
    const second = await openDatabase(options);
    const secondHost = await hostIn(temporary.folder);
    expect(second.uri).toContain(secondHost);
    expect(secondHost).not.toBe(firstHost);
    await second.close();
  });

  it('refuses a folder and a port that are in use', async () => {
    await using temporary = await temporaryFolder();
    const options = await optionsIn(temporary.folder);
    const first = await openDatabase(options);
    const port = Number(/:(\d+)\//.exec(first.uri)?.[1]);
    expect((await rejection(openDatabase(options))).error).toBeInstanceOf(DataFolderInUseError);
    const elsewhere = { ...options, dataDir: path.join(temporary.folder, 'other'), port };
    expect((await rejection(openDatabase(elsewhere))).error).toBeInstanceOf(PortInUseError);
    await first.close();
  });

  it('is started again at the same port when it is killed', async () => {
    await using temporary = await temporaryFolder();
    const database = await openDatabase(await optionsIn(temporary.folder));
    const killed = database.pid ?? 0;
    process.kill(killed, 'SIGKILL');
    await until('another process serves', () => database.pid !== undefined && database.pid !== killed);
    const connection = await connectDatabase(database.uri, { log });
    await connection.close();
    await database.close();
  });
});

describe.runIf(process.platform !== 'win32')('a mongod that can be downloaded', () => {
  let site: Server | undefined;

  afterEach(() => {
    vi.unstubAllEnvs();
    site?.close();
    site = undefined;
  });

  /** A download site with an archive as MongoDB's are. */
  const serve = async (folder: string): Promise<string> => {
    await standInMongod(path.join(folder, 'mongodb', 'bin'));
    execFileSync('tar', ['-czf', path.join(folder, 'mongodb.tgz'), '-C', folder, 'mongodb']);
    const archive = await readFile(path.join(folder, 'mongodb.tgz'));
    const md5 = createHash('md5').update(archive).digest('hex');
    site = createServer((request, response) => {
      const body = request.url?.endsWith('.md5') === true ? Buffer.from(`${md5}  mongodb.tgz\n`) : archive;
      response.writeHead(200, { 'content-length': body.length }).end(request.method === 'HEAD' ? undefined : body);
    });
    await new Promise<void>((resolve) => site?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(site.address() as AddressInfo).port}/mongodb-linux-x86_64-debian12-8.2.6.tgz`;
  };

  it('is downloaded once, with progress, and kept in the cache folder', async () => {
    await using temporary = await temporaryFolder();
    vi.stubEnv('MONGOMS_DOWNLOAD_URL', await serve(temporary.folder));
    vi.stubEnv('MONGOMS_USE_HTTP', 'true');
    const lines: string[] = [];
    const options: OpenDatabaseOptions = {
      cacheDir: path.join(temporary.folder, 'cache'),
      databaseName: 'tasks',
      path: '',
      only: 'downloaded',
      log,
      onProgress: (line) => lines.push(line),
    };
    const before = await describeChoice(options);
    expect(before[1]).toMatchObject({ kind: 'downloaded', available: true });
    expect(before[1]?.why).toContain('to be downloaded from 127.0.0.1');
    const database = await openDatabase(options);
    expect(database.kind).toBe('downloaded');
    expect(lines.some((line) => line.startsWith('Downloading MongoDB'))).toBe(true);
    await database.close();

    site?.close();
    const after = await describeChoice(options);
    expect(after[1]).toMatchObject({ available: true });
    expect(after[1]?.why).toContain(options.cacheDir);
  });

  it('is passed over within 3 s with the reason where the site cannot be reached', async () => {
    await using temporary = await temporaryFolder();
    vi.stubEnv('MONGOMS_DOWNLOAD_URL', 'http://127.0.0.1:1/mongodb-linux-x86_64-debian12-8.2.6.tgz');
    const startedAt = performance.now();
    const [, choice] = await describeChoice({ cacheDir: temporary.folder, databaseName: 'x', path: '', only: 'downloaded', log });
    expect(choice).toMatchObject({ kind: 'downloaded', available: false, chosen: false });
    expect(choice?.why).toContain('cannot be reached');
    expect(performance.now() - startedAt).toBeLessThan(4_000);
  });
});
