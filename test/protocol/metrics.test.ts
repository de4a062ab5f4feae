import { once } from 'node:events';
import { connect } from 'node:net';

import { afterEach, describe, expect, it } from 'vitest';

import { createApiKey } from '../../src/server/auth/api-key.js';
import { stored, untilState } from '../support/feed.js';
import { type RunningApp, runningApp } from '../support/app.js';
import { overWebSocket, post, RawSocket, upgradeStatus, webSocketClient } from '../support/clients.js';
import { freshDatabase } from '../support/database.js';
import { parsePrometheus, type ScrapedFamily, valueIn } from '../support/prometheus.js';
import { untilStatistics } from '../support/statistics.js';
import { tcpProxy } from '../support/tcp-proxy.js';

let running: RunningApp | undefined;
afterEach(async () => {
  await running?.[Symbol.asyncDispose]();
  running = undefined;
});

const metricsUrl = ({ url }: RunningApp): string => new URL('/metrics', url).href;

async function scrape(app: RunningApp): Promise<ReadonlyMap<string, ScrapedFamily>> {
  const response = await fetch(metricsUrl(app));
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(response.headers.get('cache-control')).toBe('no-store');
  return parsePrometheus(await response.text());
}

describe('GET /metrics', () => {
  it('tells of operations by name and outcome, over HTTP and WebSocket', async () => {
    running = await runningApp();
    const { url } = running;
    await post(url, 'query Overview { feed { state } }');
    await post(url, 'query Overview { feed { state } }');
    await post(url, 'query Overview { nothing }');
    await post(url, 'query Overview { tasks(first: 100000) { totalCount } }');
    const client = webSocketClient(url);
    await overWebSocket(client, { query: 'query Chain { retryChain(taskId: "t") { attemptCount } }' });
    await overWebSocket(client, { query: 'query Chain { tasks(first: 0) { totalCount } }' });
    await overWebSocket(client, { query: '{ nothing }' }).catch(() => undefined);
    await client.dispose();

    const families = await scrape(running);
    const requests = (operation: string, transport: string, outcome: string, type = 'query') => valueIn(families, 'tasktracker_graphql_requests_total', { operation, type, transport, outcome });
    expect(requests('Overview', 'http', 'ok')).toBe(2);
    expect(requests('(anonymous)', 'http', 'refused', 'unknown')).toBe(1);
    expect(requests('Overview', 'http', 'refused')).toBe(1);
    expect(requests('Chain', 'websocket', 'ok')).toBe(1);
    expect(requests('Chain', 'websocket', 'refused')).toBe(1);
    expect(requests('(anonymous)', 'websocket', 'refused', 'unknown')).toBe(1);
    expect(valueIn(families, 'tasktracker_graphql_request_duration_seconds_count', { operation: 'Overview', outcome: 'ok' })).toBe(2);
  });

  it('tells of subscriptions, their messages, and connections that come and go', async () => {
    running = await runningApp();
    const { app, url } = running;
    const socket = await RawSocket.acknowledged(url);
    socket.send({ id: '1', type: 'subscribe', payload: { query: 'subscription Live { taskChanged { kind } }' } });
    socket.send({ id: '2', type: 'subscribe', payload: { query: 'subscription Live { queueStatsChanged(minIntervalMs: -1) { total } }' } });
    await socket.until(({ id }) => id === '2');
    expect(await upgradeStatus(url, { origin: 'http://elsewhere.example' })).toBe(403);
    await app.model.collection.insertMany([stored('m1'), stored('m2')]);
    await socket.until(({ id, payload }) => id === '1' && JSON.stringify(payload).includes('CREATED'));
    await expect.poll(() => socket.messages.filter((message) => (message as { id?: string }).id === '1').length).toBe(2);

    let families = await scrape(running);
    expect(valueIn(families, 'tasktracker_websocket_connections')).toBe(1);
    expect(valueIn(families, 'tasktracker_graphql_subscriptions', { operation: 'Live' })).toBe(1);
    expect(valueIn(families, 'tasktracker_graphql_subscription_start_duration_seconds_count', { operation: 'Live', outcome: 'ok' })).toBe(1);
    expect(valueIn(families, 'tasktracker_graphql_subscription_start_duration_seconds_count', { operation: 'Live', outcome: 'refused' })).toBe(1);
    expect(valueIn(families, 'tasktracker_websocket_messages_sent_total', { kind: 'event' })).toBe(2);
    expect(valueIn(families, 'tasktracker_websocket_messages_sent_total', { kind: 'answer' })).toBeGreaterThanOrEqual(3);
    expect(valueIn(families, 'tasktracker_websocket_upgrades_refused_total', { code: 'ORIGIN_REFUSED' })).toBe(1);
    expect(valueIn(families, 'tasktracker_feed_ring_events')).toBe(2);

    socket.socket.terminate();
    await socket.closed;
    await expect.poll(async () => valueIn((families = await scrape(running as RunningApp)), 'tasktracker_websocket_connections')).toBe(0);
    expect(valueIn(families, 'tasktracker_graphql_subscriptions', { operation: 'Live' })).toBe(0);
    expect(valueIn(families, 'tasktracker_websocket_connections_total')).toBe(1);
  });

  it('tells of queues from memory, of the database pool, and of exports that run', async () => {
    running = await runningApp();
    const { app, url } = running;
    await untilStatistics(app.services.statistics, 'READY');
    await app.model.collection.insertMany([stored('q1', { queueName: 'orders' }), stored('q2', { queueName: 'orders', status: 'dlq', failedAt: new Date() })]);
    await app.feed.barrier();
    const large = { metadata: { text: 'x'.repeat(20_000) } };
    await app.model.collection.insertMany(Array.from({ length: 400 }, (_, index) => stored(`large${index}`, large)));
    const { hostname, port } = new URL(url);
    const deaf = connect(Number(port), hostname);
    deaf.write(`GET /export?format=ndjson HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
    await once(deaf, 'readable');

    const families = await scrape(running);
    deaf.destroy();
    expect(valueIn(families, 'tasktracker_queue_executions', { queue: 'orders', status: 'queued' })).toBe(1);
    expect(valueIn(families, 'tasktracker_queue_executions', { queue: 'orders', status: 'dlq' })).toBe(1);
    expect(valueIn(families, 'tasktracker_statistics_state', { state: 'READY' })).toBe(1);
    expect(valueIn(families, 'tasktracker_exports_running')).toBe(1);
    const connections = ['in_use', 'idle'].map((state) => valueIn(families, 'tasktracker_database_connections', { state }) ?? 0);
    expect(Math.max(...connections)).toBeGreaterThan(0);
    expect(valueIn(families, 'tasktracker_database_checkout_duration_seconds_count')).toBeGreaterThan(5);
  });

  it('asks the database nothing', async () => {
    await using database = await freshDatabase();
    const { hostname, port, pathname } = new URL(database.uri.replace(/^mongodb:/, 'http:'));
    await using proxy = await tcpProxy(Number(port), hostname);
    running = await runningApp({ mongodbUri: `mongodb://127.0.0.1:${proxy.port}${pathname}?directConnection=true` });
    const { app } = running;
    await untilStatistics(app.services.statistics, 'READY');
    await app.model.collection.insertOne(stored('q1', { queueName: 'orders' }) as never);
    await app.feed.barrier();
    proxy.cut();
    await untilState(app.feed, 'RECONNECTING');
    // Whoever asks a database that is away waits for seven seconds.
    for (let times = 0; times < 30; times += 1) {
      const families = await scrape(running);
      expect(valueIn(families, 'tasktracker_queue_executions', { queue: 'orders', status: 'queued' })).toBe(1);
      expect(valueIn(families, 'tasktracker_feed_state', { state: 'RECONNECTING' })).toBe(1);
    }
    proxy.restore();
    await untilState(app.feed, 'LIVE');
    await running[Symbol.asyncDispose]();
    running = undefined;
  });

  it('is only for who shows the token, where one is configured, and never repeats it', async () => {
    running = await runningApp({ metricsToken: 'let-me-in-0123456789' });
    const status = async (authorization?: string) => (await fetch(metricsUrl(running as RunningApp), { headers: authorization === undefined ? {} : { authorization } })).status;
    expect(await status()).toBe(401);
    expect(await status('Bearer let-me-in-012345678')).toBe(401);
    expect(await status('Basic let-me-in-0123456789')).toBe(401);
    expect(await status('Bearer let-me-in-0123456789')).toBe(200);
    const refused = await fetch(metricsUrl(running));
    expect(refused.headers.get('www-authenticate')).toContain('Bearer');
    expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  });

  it('is for administrators of every queue, where callers are known and there is no token', async () => {
    const keys = { admin: createApiKey({ name: 'a', role: 'ADMIN' }), tenant: createApiKey({ name: 't', role: 'ADMIN', queues: ['orders.*'] }), viewer: createApiKey({ name: 'v', role: 'VIEWER' }) };
    running = await runningApp({ apiKeys: JSON.stringify(Object.values(keys).map(({ entry }) => entry)) });
    const status = async (key?: string) => (await fetch(metricsUrl(running as RunningApp), { headers: key === undefined ? {} : { authorization: `Bearer ${key}` } })).status;
    expect(await status()).toBe(401);
    expect(await status(keys.viewer.key)).toBe(403);
    expect(await status(keys.tenant.key)).toBe(403);
    expect(await status(keys.admin.key)).toBe(200);
  });

  it('is not there where it is switched off, nor for a HEAD', async () => {
    running = await runningApp();
    expect((await fetch(metricsUrl(running), { method: 'HEAD' })).status).toBe(404);
    await running[Symbol.asyncDispose]();
    running = await runningApp({ metrics: false });
    expect((await fetch(metricsUrl(running))).status).toBe(404);
    expect((await post(running.url, '{ feed { state } }')).status).toBe(200);
  });
});
