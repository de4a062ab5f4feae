import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { mongo } from 'mongoose';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';

import { RawSocket } from '../../support/clients.js';
import { stored } from '../../support/feed.js';

const CLI = path.resolve(import.meta.dirname, '../../../dist/cli.js');

let folder: string;
let server: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tasktracker-serve-'));
});

afterEach(async () => {
  if (server && server.exitCode === null && server.signalCode === null) {
    server.kill('SIGKILL');
    await once(server, 'exit');
  }
  rmSync(folder, { recursive: true, force: true });
});

interface Served {
  readonly url: string;
  readonly output: string;
  readonly process: ChildProcess;
}

/** The built server with an embedded database of its own, as `npm start` runs it. */
async function serve(): Promise<Served> {
  const child = spawn(process.execPath, [CLI, 'serve'], {
    cwd: folder,
    env: { PATH: process.env['PATH'], PORT: '0', LOG_LEVEL: 'error', TASKTRACKER_CACHE_DIR: inject('cacheDir') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  server = child;
  let output = '';
  for await (const chunk of child.stdout) {
    output += String(chunk);
    const url = /TaskTracker ready at (\S+)/.exec(output)?.[1];
    if (url && /Dashboard at .*\n/.test(output)) return { url, output, process: child };
  }
  throw new Error(`the server ended before it was ready: ${output}`);
}

it('prints where it is, ends on SIGTERM with 0, and closes subscriptions with 1001', async () => {
  const { url, output, process: child } = await serve();
  expect(output).toMatch(/^Database: .*not for production.*\nTaskTracker ready at http:\/\/127\.0\.0\.1:\d+\/graphql\nDashboard at http:\/\/127\.0\.0\.1:\d+\/\n$/);
  const raw = await RawSocket.acknowledged(url);
  raw.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { feedStatus { state } }' } });
  await raw.until(({ type }) => type === 'next');
  const exited = once(child, 'exit');
  const asked = performance.now();
  child.kill('SIGTERM');
  expect((await raw.closed).code).toBe(1001);
  expect(await exited).toEqual([0, null]);
  expect(performance.now() - asked).toBeLessThan(10_000);
});

it('ends with npm when that is what was signalled', async () => {
  const root = path.resolve(import.meta.dirname, '../../..');
  const npm = spawn('npm', ['start', '--ignore-scripts'], {
    cwd: root,
    env: { ...process.env, PORT: '0', LOG_LEVEL: 'error', TASKTRACKER_DATA_DIR: path.join(folder, 'data'), TASKTRACKER_CACHE_DIR: inject('cacheDir') },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  server = npm;
  let output = '';
  npm.stdout.on('data', (chunk) => {
    output += String(chunk);
  });
  const outputEnded = once(npm.stdout, 'close');
  await expect.poll(() => output, { timeout: 30_000 }).toContain('TaskTracker ready at');
  npm.kill('SIGTERM');
  // The pipe closes when the last process that writes to it has ended: the server, not npm.
  await outputEnded;
  const url = /ready at (\S+)/.exec(output)?.[1] ?? '';
  await expect(fetch(new URL('/health/live', url))).rejects.toThrow();
});

it('goes on without missing a change when its database is killed and comes back five seconds later', async () => {
  const { url, output } = await serve();
  const port = /on 127\.0\.0\.1:(\d+)/.exec(output)?.[1];
  const client = await new mongo.MongoClient(`mongodb://127.0.0.1:${port}/tasktracker?replicaSet=secantus&journal=true`, { serverSelectionTimeoutMS: 20_000 }).connect();
  try {
    const tasks = client.db('tasktracker').collection('task_trackers');
    const raw = await RawSocket.acknowledged(url);
    raw.send({ id: 'f', type: 'subscribe', payload: { query: 'subscription { feedStatus { state } }' } });
    await raw.until(({ id }) => id === 'f');
    raw.send({ id: 'c', type: 'subscribe', payload: { query: 'subscription { taskChanged { kind executionId } }' } });
    await tasks.insertOne(stored('before-0'));
    let n = 0;
    const isChange = ({ id, payload }: { id?: unknown; payload?: unknown }, executionId: string) =>
      id === 'c' && JSON.stringify(payload).includes(`"${executionId}"`);
    // The subscription is there when the first change reaches it.
    for (let seen = false; !seen; n += 1) {
      await tasks.insertOne(stored(`probe-${n}`));
      seen = raw.messages.some((message) => (message as { id?: unknown }).id === 'c');
    }
    const database = (await (await fetch(new URL('/health/ready', url))).json()) as { ready: boolean };
    expect(database.ready).toBe(true);

    const { pid } = await client.db('admin').command({ serverStatus: 1 }).then((status) => ({ pid: Number(status['pid']) }));
    process.kill(pid, 'SIGSTOP');
    try {
      await raw.until((message) => message.id === 'f' && JSON.stringify(message.payload).includes('RECONNECTING'));
    } finally {
      process.kill(pid, 'SIGKILL');
    }
    await tasks.insertOne(stored('after')).catch(() => tasks.insertOne(stored('after-retry')));
    await raw.until((message) => isChange(message, 'after') || isChange(message, 'after-retry'));
    const seen = raw.messages.filter((message) => (message as { id?: unknown }).id === 'c').map((message) => JSON.stringify(message));
    for (let k = 1; k < n; k += 1) expect(seen.some((text) => text.includes(`"probe-${k}"`))).toBe(true);
    raw.socket.close();
  } finally {
    await client.close();
  }
});
