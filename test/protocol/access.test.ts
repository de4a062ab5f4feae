import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';

import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ANONYMOUS, type Caller } from '../../src/access/caller.js';
import { type Role, ROLES } from '../../src/access/role.js';
import { printStats } from '../../src/cli/stats/print.js';
import { watchTasks } from '../../src/client/index.js';
import { createApiKey, type NewApiKey } from '../../src/server/auth/api-key.js';
import { type RunningApp, runningApp } from '../support/app.js';
import { post, RawSocket, upgradeStatus, webSocketUrl } from '../support/clients.js';
import { stored } from '../support/feed.js';

const SECRET = 'a secret of more than thirty-two bytes';
const keys = Object.fromEntries(ROLES.map((role) => [role, createApiKey({ name: `${role.toLowerCase()}-key`, role })])) as Record<Role, NewApiKey>;
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

function tokenFor(seconds: number, role: Role = 'VIEWER'): Promise<string> {
  return new SignJWT({ role }).setProtectedHeader({ alg: 'HS256' }).setSubject('ann').setExpirationTime(Math.floor(Date.now() / 1_000) + seconds).sign(new TextEncoder().encode(SECRET));
}

let running: RunningApp;
let at: (path: string) => string;
beforeAll(async () => {
  running = await runningApp({
    apiKeys: JSON.stringify(Object.values(keys).map(({ entry }) => entry)),
    jwtSecret: SECRET,
    jwtClockToleranceMs: 0,
    maxFailedAuthentications: 0,
  });
  at = (url) => new URL(url, running.url).href;
  await running.app.model.collection.insertOne(stored('e1') as never);
});
afterAll(() => running[Symbol.asyncDispose]());

/** The code that an acknowledged or refused connection is closed with, or null where it is acknowledged. */
async function closeOf(options: { payload?: unknown; headers?: Record<string, string> }): Promise<{ code: number; reason: string } | null> {
  const socket = await RawSocket.open(running.url, options.headers ? { headers: options.headers } : {});
  socket.send({ type: 'connection_init', ...(options.payload === undefined ? {} : { payload: options.payload }) });
  const acknowledged = socket.until(({ type }) => type === 'connection_ack').then(() => null);
  const outcome = await Promise.race([acknowledged, socket.closed]);
  socket.socket.terminate();
  return outcome;
}

describe('over HTTP', () => {
  test('whoever shows nothing is told how, and whoever shows something wrong that it is', async () => {
    const nothing = await post(running.url, '{ caller { name } }');
    expect([nothing.status, nothing.headers.get('www-authenticate'), nothing.body.errors?.[0]?.extensions?.['code']]).toEqual([401, 'Bearer realm="TaskTracker"', 'UNAUTHENTICATED']);
    for (const authorization of ['Bearer wrong', `Bearer ${keys.ADMIN.key}x`, 'Basic YTpi', `Bearer ${await tokenFor(-10)}`]) {
      const wrong = await post(running.url, '{ caller { name } }', {}, { authorization });
      expect([wrong.status, wrong.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="TaskTracker", error="invalid_token"']);
    }
  });

  test.each(ROLES)('a %s is known by a key', async (role) => {
    const { body } = await post(running.url, '{ caller { name role queues expiresAt permissions } }', {}, bearer(keys[role].key));
    expect(body.data).toMatchObject({ caller: { name: `${role.toLowerCase()}-key`, role, queues: null, expiresAt: null } });
  });

  test('the bearer of a token is known by it', async () => {
    const { body } = await post(running.url, '{ caller { name role } }', {}, bearer(await tokenFor(60, 'OPERATOR')));
    expect(body.data).toEqual({ caller: { name: 'ann', role: 'OPERATOR' } });
  });

  test('a field that the role may not use is refused with 403, and nothing of the operation is done', async () => {
    const answer = await post(running.url, 'mutation { enqueueTask(input: { taskId: "t:1", queueName: "q" }) { deduplicated } }', {}, bearer(keys.VIEWER.key));
    expect(answer.status).toBe(403);
    expect(answer.body.errors?.[0]).toMatchObject({ message: expect.stringContaining('Mutation.enqueueTask'), extensions: { code: 'FORBIDDEN', field: 'Mutation.enqueueTask' } });
    expect(await running.app.model.collection.countDocuments({ taskId: 't:1' })).toBe(0);
  });

  test('a move is made in the name of the key', async () => {
    await running.app.model.collection.insertOne(stored('dead', { status: 'dlq', taskId: 'dead:1' }) as never);
    await post(running.url, 'mutation { archiveTask(input: { executionId: "dead", reason: "done" }) { changed } }', {}, bearer(keys.OPERATOR.key));
    expect(await running.app.model.collection.findOne({ executionId: 'dead' })).toMatchObject({ archivedBy: 'operator-key' });
  });

  test.each(['/graphiql', '/', '/tasks', '/errors', '/queues/q', '/health/live', '/health/ready'])('%s needs no key', async (url) => {
    const response = await fetch(at(url), { headers: { accept: 'text/html' } });
    expect(response.status).toBe(200);
  });

  test.each(['/graphql', '/export'])('%s needs one', async (url) => {
    expect((await fetch(at(url))).status).toBe(401);
  });

  test('readiness has details for those who may read', async () => {
    const bodyFor = async (headers: Record<string, string>) => (await fetch(at('/health/ready'), { headers })).json();
    expect(await bodyFor({})).toEqual({ ready: true });
    expect(await bodyFor(bearer('wrong'))).toEqual({ ready: true });
    expect(await bodyFor(bearer(keys.WORKER.key))).toEqual({ ready: true });
    expect(await bodyFor(bearer(keys.VIEWER.key))).toMatchObject({ ready: true, feed: { state: 'LIVE' } });
  });

  test('an export is for those who may read', async () => {
    const statusFor = async (key: string) => (await fetch(at('/export'), { headers: bearer(key) })).status;
    expect(await statusFor(keys.WORKER.key)).toBe(403);
    expect(await statusFor(keys.VIEWER.key)).toBe(200);
  });
});

describe('over WebSocket', () => {
  test('a connection is taken with a key in connection_init, in any letter case, or in the header of the upgrade', async () => {
    const { key } = keys.VIEWER;
    for (const payload of [{ authorization: `Bearer ${key}` }, { Authorization: `bearer ${key}` }, { AUTHORIZATION: key }]) expect(await closeOf({ payload })).toBeNull();
    expect(await closeOf({ headers: bearer(key) })).toBeNull();
  });

  test('a connection is closed with 4403 where it shows nothing, or something wrong', async () => {
    for (const options of [{}, { payload: {} }, { payload: { authorization: 'wrong' } }, { payload: { authorization: 7 } }, { headers: bearer('wrong') }, { headers: bearer(keys.VIEWER.key), payload: { authorization: 'wrong' } }]) {
      expect(await closeOf(options)).toMatchObject({ code: 4403 });
    }
  });

  test('an upgrade is not refused for want of a key, which may come with connection_init', async () => {
    expect(await upgradeStatus(running.url)).toBe(101);
  });

  test('a field that the role may not use is refused, and the connection stays', async () => {
    const socket = await RawSocket.acknowledged(running.url, { authorization: keys.WORKER.key });
    socket.send({ type: 'subscribe', id: '1', payload: { query: 'subscription { taskChanged { kind } }' } });
    const { payload } = await socket.until(({ type }) => type === 'error');
    expect(payload).toMatchObject([{ extensions: { code: 'FORBIDDEN', field: 'Subscription.taskChanged' } }, { extensions: { field: 'TaskChange.kind' } }]);
    socket.send({ type: 'subscribe', id: '2', payload: { query: '{ caller { name } }' } });
    expect(await socket.until(({ id, type }) => id === '2' && type === 'next')).toMatchObject({ payload: { data: { caller: { name: 'worker-key' } } } });
    socket.socket.terminate();
  });

  test('a connection is closed with 4403 when its token expires, whatever runs on it', async () => {
    const socket = await RawSocket.acknowledged(running.url, { authorization: await tokenFor(2) });
    socket.send({ type: 'subscribe', id: '1', payload: { query: 'subscription { feedStatus { state } }' } });
    await socket.until(({ type }) => type === 'next');
    expect(await socket.closed).toEqual({ code: 4403, reason: 'What this connection was opened with has expired.' });
  });

  test('a connection is closed with 4403 when its key is taken out of the file', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'tt-access-'));
    const file = path.join(folder, 'keys.json');
    await writeFile(file, JSON.stringify([keys.VIEWER.entry, keys.ADMIN.entry]));
    try {
      await using other = await runningApp({ apiKeysFile: file });
      const gone = await RawSocket.acknowledged(other.url, { authorization: keys.VIEWER.key });
      const kept = await RawSocket.acknowledged(other.url, { authorization: keys.ADMIN.key });
      await writeFile(file, JSON.stringify([keys.ADMIN.entry]));
      expect(await gone.closed).toEqual({ code: 4403, reason: 'The key was taken back.' });
      expect((await post(other.url, '{ caller { name } }', {}, bearer(keys.VIEWER.key))).status).toBe(401);
      kept.send({ type: 'subscribe', id: '1', payload: { query: '{ caller { name } }' } });
      expect(await kept.until(({ type }) => type === 'next')).toMatchObject({ payload: { data: { caller: { name: 'admin-key' } } } });
      kept.socket.terminate();
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('keys of an issuer that cannot be had', () => {
  test('are 503 over HTTP and 1013 over WebSocket, since the caller is not to blame', async () => {
    await using other = await runningApp({ jwtJwksUrl: 'http://127.0.0.1:1/jwks' });
    const rsaHeader = Buffer.from('{"alg":"RS256"}').toString('base64url');
    const token = `${rsaHeader}.${Buffer.from('{}').toString('base64url')}.AAAA`;
    const answer = await post(other.url, '{ caller { name } }', {}, bearer(token));
    expect([answer.status, answer.body.errors?.[0]?.extensions?.['code']]).toEqual([503, 'AUTHENTICATION_UNAVAILABLE']);
    const socket = await RawSocket.open(other.url);
    socket.send({ type: 'connection_init', payload: { authorization: token } });
    expect(await socket.closed).toMatchObject({ code: 1013 });
  });
});

describe('too many failed attempts', () => {
  test('are 429 with the time to wait, and 1013 over WebSocket', async () => {
    await using other = await runningApp({ apiKeys: JSON.stringify([keys.VIEWER.entry]), maxFailedAuthentications: 2 });
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 3; attempt += 1) statuses.push((await post(other.url, '{ caller { name } }', {}, bearer('wrong'))).status);
    expect(statuses).toEqual([401, 401, 429]);
    const socket = await RawSocket.open(other.url);
    socket.send({ type: 'connection_init', payload: { authorization: 'wrong' } });
    expect(await socket.closed).toMatchObject({ code: 1013 });
  });
});

describe('in a server of somebody else', () => {
  test('the host says who asks, over HTTP and WebSocket', async () => {
    const host = createServer();
    const authenticate = ({ headers }: { headers: Record<string, unknown> }): Caller | null => (headers['x-user'] === undefined ? null : { ...ANONYMOUS, name: String(headers['x-user']), role: 'WORKER' });
    const detach = running.app.attachWebSockets(host, { path: '/tt', authenticate });
    host.on('request', running.app.handler({ path: '/tt', authenticate }));
    host.listen(0, '127.0.0.1');
    await new Promise((resolve) => host.once('listening', resolve));
    const url = `http://127.0.0.1:${(host.address() as AddressInfo).port}/tt/graphql`;
    try {
      const ask = (headers: Record<string, string>) => post(url, '{ caller { name role } }', {}, headers);
      expect((await ask({ 'x-user': 'eve' })).body.data).toEqual({ caller: { name: 'eve', role: 'WORKER' } });
      expect((await ask(bearer(keys.ADMIN.key))).status).toBe(401);
      const refused = await RawSocket.open(url);
      refused.send({ type: 'connection_init' });
      expect(await refused.closed).toMatchObject({ code: 4403 });
      const taken = await RawSocket.open(url, { headers: { 'x-user': 'eve' } });
      taken.send({ type: 'connection_init' });
      await taken.until(({ type }) => type === 'connection_ack');
      taken.socket.terminate();
    } finally {
      detach();
      host.closeAllConnections();
      await new Promise((resolve) => host.close(resolve));
    }
  });
});

describe('the command line', () => {
  test('prints figures with a token, and says what to set without', async () => {
    const command = { url: running.url, queues: [], json: true };
    expect(JSON.parse((await printStats({ ...command, token: keys.VIEWER.key })).text)).toMatchObject({ queues: expect.any(Array) as unknown });
    await expect(printStats({ ...command, token: undefined })).rejects.toMatchObject({ message: expect.stringContaining('refuses this caller') as unknown, remedy: expect.stringContaining('TASKTRACKER_TOKEN') as unknown });
  });
});

describe('the client', () => {
  test('shows its token, and asks for another when that has expired', async () => {
    const tokens: string[] = [];
    const watch = watchTasks({
      url: webSocketUrl(running.url),
      list: false,
      firstRetryMs: 10,
      token: async () => {
        const token = await tokenFor(tokens.length === 0 ? 2 : 60);
        tokens.push(token);
        return token;
      },
      onStatus: ({ state }) => {
        if (state === 'live' && tokens.length === 2) void running.app.model.collection.insertOne(stored('after-expiry') as never);
      },
    });
    for await (const item of watch) {
      if (item.type === 'change' && item.change.executionId === 'after-expiry') break;
    }
    expect(tokens).toHaveLength(2);
  });

  test('ends where its token is refused', async () => {
    const watch = watchTasks({ url: webSocketUrl(running.url), list: false, token: 'wrong' });
    await expect(watch.next()).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});
