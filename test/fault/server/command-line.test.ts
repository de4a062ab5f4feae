import { once } from 'node:events';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import path from 'node:path';

import { mongo } from 'mongoose';
import { describe, expect, test } from 'vitest';

import { post, RawSocket } from '../../support/clients.js';
import { findPython } from '../../../src/database/embedded/python.js';
import { temporaryFolder } from '../../support/embedded.js';
import { silentIndex } from '../../support/silent-index.js';
import { commandLine, READY, type RunningCommand } from '../../support/command-line.js';

const { tasktracker, ownDatabase } = commandLine();

const NO_STACK = /^\s+at .*:\d+/m;

describe('tasktracker', () => {
  test('says what there is to do, and refuses what there is not with 2', async () => {
    const help = await tasktracker(['--help']).ended;
    expect(help).toMatchObject({ code: 0, err: '' });
    for (const command of ['serve', 'demo', 'watch', 'doctor', 'schema']) expect(help.out).toContain(command);
    expect((await tasktracker(['dance']).ended).code).toBe(2);
  });

  test('prints the schema that is committed', async () => {
    const { code, out } = await tasktracker(['schema']).ended;
    expect(code).toBe(0);
    expect(out).toBe(readFileSync(path.resolve(import.meta.dirname, '../../../schema.graphql'), 'utf8'));
  });
});

describe('tasktracker serve and demo, stopped while the embedded database is installed,', () => {
  test.for([['serve', 'SIGTERM'], ['demo', 'SIGINT']] as const)('%s by %s: end with 0 and no word of failure, and leave nothing', async ([command, signal], { skip }) => {
    const { python } = await findPython();
    if (python === undefined) return skip('there is no Python 3.11 to 3.13');
    await using temporary = await temporaryFolder();
    await using index = await silentIndex();
    const [cache, others, programs] = ['cache', 'tmp', 'bin'].map((name) => path.join(temporary.folder, name)) as [string, string, string];
    for (const folder of [others, programs]) mkdirSync(folder);
    // No mongod on PATH, and none to download.
    symlinkSync(execFileSync(python.command, ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim(), path.join(programs, 'python3'));
    const { child, ended } = tasktracker([command], {
      PATH: programs,
      TMPDIR: others,
      PORT: '0',
      LOG_LEVEL: 'info',
      TASKTRACKER_CACHE_DIR: cache,
      PIP_INDEX_URL: index.url,
      MONGOMS_DOWNLOAD_MIRROR: 'http://127.0.0.1:1',
    });
    const pip = await Promise.race([index.asked, ended.then(({ out, err }) => Promise.reject(new Error(out + err)))]);
    child.kill(signal);
    const { code, out, err } = await ended;
    expect({ code, failure: /could not|not expected|tasktracker:/.exec(out + err)?.[0] }).toEqual({ code: 0, failure: undefined });
    await pip.ended;
    expect(readdirSync(cache)).toEqual([]);
    expect(readdirSync(others)).toEqual([]);
  });
});

describe('tasktracker serve ends with a message and the way out, without a stack,', () => {
  test('with 2 when the environment cannot be used, naming every variable', async () => {
    const { code, out, err } = await tasktracker(['serve'], { PORT: 'http', TASKTRACKER_MAX_DEPTH: '0' }).ended;
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('PORT is "http", but must be a whole number from 0 to 65535.');
    expect(err).toContain('TASKTRACKER_MAX_DEPTH is "0"');
    expect(err).not.toMatch(NO_STACK);
  });

  test('with 1 when it is to listen beyond loopback', async () => {
    const { code, err } = await tasktracker(['serve'], { HOST: '0.0.0.0', PORT: '0', MONGODB_URI: ownDatabase() }).ended;
    expect(code).toBe(1);
    expect(err).toMatch(/Refusing to listen on 0\.0\.0\.0.*\n {2}Set TASKTRACKER_API_KEYS_FILE .*or HOST to 127\.0\.0\.1/);
    expect(err).not.toMatch(NO_STACK);
  });

  test('and a line before it that names the variables nothing reads, as they may be why; never their values', async () => {
    const misspelt = { TASKTRACKER_API_KEY: 'hunter2', TASKTRACKER_FROBNICATE: 'hunter2', LOG_LEVEL: 'warn', LOG_FORMAT: 'json' };
    const { code, err } = await tasktracker(['serve'], { HOST: '0.0.0.0', PORT: '0', MONGODB_URI: ownDatabase(), ...misspelt }).ended;
    expect(code).toBe(1);
    expect(err).toContain('"msg":"TASKTRACKER_API_KEY is no setting of this version, and nothing reads it: is TASKTRACKER_API_KEYS meant?"');
    expect(err).toContain('"msg":"TASKTRACKER_FROBNICATE is no setting of this version, and nothing reads it"');
    expect(err).not.toContain('hunter2');
  });

  test('with 1 when the port is taken', async () => {
    const other: Server = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const { code, out, err } = await tasktracker(['serve'], { PORT: String(port), MONGODB_URI: ownDatabase() }).ended;
    other.close();
    expect(code).toBe(1);
    expect(out).not.toMatch(READY);
    expect(err).toMatch(new RegExp(`Port ${port} on 127\\.0\\.0\\.1 is in use.*\\n {2}.*PORT`));
    expect(err).not.toMatch(NO_STACK);
  });

  test('with 1 within ten seconds when nothing answers at the URI, without its password; doctor says the same', async () => {
    const environment = { PORT: '0', MONGODB_URI: 'mongodb://user:hunter2@127.0.0.1:1/x' };
    const [served, doctored] = await Promise.all([tasktracker(['serve'], environment).ended, tasktracker(['doctor'], environment).ended]);
    expect(doctored.code).toBe(1);
    expect(doctored.out).toMatch(/It cannot be used: No MongoDB answers .*\n {2}What to do: /);
    expect(doctored.out + doctored.err).not.toContain('hunter2');
    const { code, err, ms } = served;
    expect(code).toBe(1);
    expect(err).toContain('No MongoDB answers at mongodb://***@127.0.0.1:1/x');
    expect(err).not.toContain('hunter2');
    expect(err).not.toMatch(NO_STACK);
    expect(ms).toBeLessThan(10_000);
  });
});

describe('tasktracker serve, when it is told to stop,', () => {
  test('lets a request in flight finish before it ends with 0', async () => {
    // A database of its own that can be held still: the request stays in flight for as long as the test wants.
    const server = tasktracker(['serve'], { PORT: '0' });
    const [, url = ''] = await server.printed(READY);
    const held = await databaseProcess(server);
    process.kill(held, 'SIGSTOP');
    let answer: ReturnType<typeof post>;
    try {
      const raw = await RawSocket.acknowledged(url);
      answer = post(url, '{ tasks { totalCount } }');
      // Answered without the database: what was sent before it on the same server has been taken.
      raw.send({ id: '1', type: 'subscribe', payload: { query: '{ feed { state } }' } });
      await raw.until(({ type }) => type === 'next');
      await fetch(new URL('/health/live', url));
      server.child.kill('SIGTERM');
      expect((await raw.closed).code).toBe(1001);
    } finally {
      process.kill(held, 'SIGCONT');
    }
    expect((await answer).body).toEqual({ data: { tasks: { totalCount: 0 } } });
    expect((await server.ended).code).toBe(0);
  });

  test('ends at once at the second signal', async () => {
    const server = tasktracker(['serve'], { PORT: '0', TASKTRACKER_SHUTDOWN_TIMEOUT_MS: '60000', TASKTRACKER_DATA_DIR: 'second' });
    const [, url = ''] = await server.printed(READY);
    const held = await databaseProcess(server);
    process.kill(held, 'SIGSTOP');
    try {
      const raw = await RawSocket.acknowledged(url);
      const answer = post(url, '{ tasks { totalCount } }').catch(() => 'cut off');
      await fetch(new URL('/health/live', url));
      server.child.kill('SIGINT');
      await raw.closed;
      server.child.kill('SIGINT');
      expect((await server.ended).code).toBe(130);
      expect(await answer).toBe('cut off');
    } finally {
      process.kill(held, 'SIGKILL');
    }
  });

  test('leaves a configured database running, and its documents there', async () => {
    const environment = { PORT: '0', MONGODB_URI: ownDatabase() };
    const server = tasktracker(['serve'], environment);
    const [, url = ''] = await server.printed(READY);
    await post(url, 'mutation { enqueueTask(input: { taskId: "jobs:1", queueName: "jobs" }) { deduplicated } }');
    server.child.kill('SIGINT');
    expect((await server.ended).code).toBe(0);
    const again = tasktracker(['serve'], environment);
    const [, second = ''] = await again.printed(READY);
    expect((await post(second, '{ tasks { totalCount } }')).body).toEqual({ data: { tasks: { totalCount: 1 } } });
    again.child.kill('SIGTERM');
    expect((await again.ended).code).toBe(0);
  });
});

describe('tasktracker doctor', () => {
  test('finds nothing lacking where the server has run, in words and in JSON', async () => {
    const environment = { MONGODB_URI: ownDatabase() };
    const server = tasktracker(['serve'], { PORT: '0', ...environment });
    await server.printed(READY);
    const inWords = await tasktracker(['doctor'], environment).ended;
    expect(inWords).toMatchObject({ code: 0, err: '' });
    expect(inWords.out).toMatch(/-> configured +possible: MONGODB_URI is set/);
    expect(inWords.out).toMatch(/ok +change streams .*\n.*ok +images .*\n.*ok +transactions .*\n.*ok +indexes .*\n.*ok +deduplication/);
    const inJson = await tasktracker(['doctor', '--json'], environment).ended;
    expect(inJson.code).toBe(0);
    const { findings } = JSON.parse(inJson.out) as { findings: { check: string; ok: boolean }[] };
    expect(findings.map(({ check }) => check)).toEqual(['server', 'change streams', 'images', 'transactions', 'indexes', 'deduplication']);
    server.child.kill('SIGTERM');
    expect((await server.ended).code).toBe(0);
  });

  test('says what is lacking and what to do about it, and ends with 1', async () => {
    const { code, out } = await tasktracker(['doctor'], { MONGODB_URI: ownDatabase() }).ended;
    expect(code).toBe(1);
    expect(out).toMatch(/LACK indexes .*missing.*\n.*What to do: Start the server/);
  });
});

/** The process of the embedded database that a server printed. */
async function databaseProcess(server: RunningCommand): Promise<number> {
  const [, port] = await server.printed(/ on 127\.0\.0\.1:(\d+)/);
  const client = await new mongo.MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`).connect();
  try {
    const { pid } = await client.db('admin').command({ serverStatus: 1 });
    return Number(pid);
  } finally {
    await client.close();
  }
}
