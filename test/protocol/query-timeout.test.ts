import { randomBytes } from 'node:crypto';
import { request } from 'node:http';

import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';

import { type RunningApp, runningApp } from '../support/app.js';
import { dataOf, overWebSocket, post, RawSocket, webSocketClient } from '../support/clients.js';
import { tcpProxy, type TcpProxy } from '../support/tcp-proxy.js';

/** In the bytes that reach the database. */
const MARK = 'task-that-takes-its-time';
const SLOW = `{ tasks(filter: { taskId: "${MARK}" }) { nodes { id } } }`;
const CONNECTIONS = 8;
const TIMED_OUT = { extensions: { code: 'QUERY_TIMEOUT', limit: 400 }, message: expect.stringContaining('within 400 ms') as string };

let proxy: TcpProxy;
let running: RunningApp;

/** The application reaches its database through a proxy that can hold answers back. */
async function start(queryTimeoutMs: number): Promise<void> {
  const { port } = new URL(inject('mongoUri'));
  proxy = await tcpProxy(Number(port || '27017'));
  running = await runningApp({
    mongodbUri: `mongodb://127.0.0.1:${proxy.port}/tt_${randomBytes(8).toString('hex')}?directConnection=true`,
    queryTimeoutMs,
    statistics: 'aggregate',
  });
  // None can be opened while the proxy stalls, and the application has work of its own for some.
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, n) => post(running.url, `{ tasks(filter: { taskId: "${n}" }) { nodes { id } } }`)));
}

beforeEach(({ skip }) => {
  if (!inject('embedded')) skip('the run has MONGODB_URI: how its server is reached is not ours to change');
});
afterEach(async () => {
  if (!inject('embedded')) return;
  proxy.resume();
  await running[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
});

describe('an operation whose database takes longer than it may', () => {
  test('ends with QUERY_TIMEOUT that names the limit, over HTTP and WebSocket alike, and the next is answered', async () => {
    await start(400);
    const client = webSocketClient(running.url);
    await overWebSocket(client, { query: '{ __typename }' });
    proxy.stall();
    const [overHttp, overSocket] = await Promise.all([post(running.url, SLOW), overWebSocket(client, { query: SLOW })]);
    expect(overHttp.body.errors).toMatchObject([TIMED_OUT]);
    expect(overSocket.errors).toMatchObject([TIMED_OUT]);
    proxy.resume();
    await expect(dataOf(running.url, SLOW)).resolves.toEqual({ tasks: { nodes: [] } });
    await expect(overWebSocket(client, { query: SLOW })).resolves.toEqual({ data: { tasks: { nodes: [] } } });
    await client.dispose();
  });

  test.each([
    '{ queueStats(queueName: "q") { total } }',
    '{ errorGroups { fingerprint } }',
    '{ auditLog(first: 1) { nodes { id } } }',
    '{ bulkOperations { id } }',
    'mutation { bulk(input: { action: ARCHIVE, filter: {}, dryRun: true }) { preview { matched } } }',
  ])('does so whatever it reads: %s', async (query) => {
    await start(400);
    proxy.stall();
    const { body } = await post(running.url, query);
    expect(body.errors).toMatchObject([TIMED_OUT]);
  });

  test('does so as an export, with 503', async () => {
    await start(400);
    proxy.stall();
    const answer = await fetch(new URL('/export?format=ndjson', running.url));
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ errors: [TIMED_OUT] });
  });

  test('is not cut while it writes', async () => {
    await start(400);
    proxy.stall();
    const enqueueing = post(running.url, 'mutation { enqueueTask(input: { taskId: "t", queueName: "q" }) { deduplicated task { taskId } userErrors { code } } }');
    const [slow] = await Promise.all([post(running.url, SLOW), proxy.received('task_trackers').then(() => undefined)]);
    expect(slow.body.errors).toMatchObject([TIMED_OUT]);
    proxy.resume();
    expect((await enqueueing).body).toEqual({ data: { enqueueTask: { deduplicated: false, task: { taskId: 't' }, userErrors: [] } } });
  });
});

describe('a client that goes away takes its reads with it', () => {
  test('over HTTP, when its connection closes', async () => {
    await start(60_000);
    proxy.stall();
    const arrived = proxy.received(MARK);
    const asked = request(running.url, { method: 'POST', headers: { 'content-type': 'application/json' } });
    asked.on('error', () => undefined);
    asked.end(JSON.stringify({ query: SLOW }));
    const { closed } = await arrived;
    asked.destroy();
    await closed;
  });

  test('over WebSocket, when it completes the operation, and the connection goes on', async () => {
    await start(60_000);
    const raw = await RawSocket.acknowledged(running.url);
    proxy.stall();
    const arrived = proxy.received(MARK);
    raw.send({ id: 'slow', type: 'subscribe', payload: { query: SLOW } });
    const { closed } = await arrived;
    raw.send({ id: 'slow', type: 'complete' });
    await closed;
    proxy.resume();
    raw.send({ id: 'next', type: 'subscribe', payload: { query: SLOW } });
    expect(await raw.until(({ type }) => type === 'next')).toMatchObject({ id: 'next', payload: { data: { tasks: { nodes: [] } } } });
    expect(raw.messages.filter((message) => (message as { id?: string }).id === 'slow')).toEqual([]);
    raw.socket.terminate();
  });

  test('over WebSocket, when its connection closes', async () => {
    await start(60_000);
    const raw = await RawSocket.acknowledged(running.url);
    proxy.stall();
    const arrived = proxy.received(MARK);
    raw.send({ id: 'slow', type: 'subscribe', payload: { query: SLOW } });
    const { closed } = await arrived;
    raw.socket.terminate();
    await closed;
  });

  test('of an export, too', async () => {
    await start(60_000);
    proxy.stall();
    const arrived = proxy.received(MARK);
    const asked = request(new URL(`/export?filter=${encodeURIComponent(JSON.stringify({ taskId: MARK }))}`, running.url));
    asked.on('error', () => undefined);
    asked.end();
    const { closed } = await arrived;
    asked.destroy();
    await closed;
  });
});
