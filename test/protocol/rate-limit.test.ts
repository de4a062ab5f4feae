import { afterEach, describe, expect, test } from 'vitest';

import { createApiKey } from '../../src/server/auth/api-key.js';
import { type RunningApp, runningApp } from '../support/app.js';
import { overWebSocket, post, RawSocket, webSocketClient } from '../support/clients.js';
import { parsePrometheus, valueIn } from '../support/prometheus.js';

let running: RunningApp | undefined;
afterEach(async () => {
  await running?.[Symbol.asyncDispose]();
  running = undefined;
});

/** So many, and no more comes back within a test unless it waits for that. */
const few = (burst: number, perSecond = 0.001) => ({ maxOperationsPerSecond: perSecond, operationsBurst: burst });

const QUERY = '{ __typename }';
const REFUSED = {
  message: expect.stringMatching(/^One caller may send [\d.]+ operations a second, over all its connections: try again in \d+ ms\.$/),
  extensions: { code: 'RATE_LIMITED', limit: expect.any(Number), retryAfterMs: expect.any(Number) },
};

const exportUrl = ({ url }: RunningApp): string => new URL('/export', url).href;

/** Sends queries until one is refused. */
async function exhaust(url: string, headers: Record<string, string> = {}): Promise<number> {
  for (let sent = 0; ; sent += 1) {
    const { status } = await post(url, QUERY, undefined, headers);
    if (status !== 200) return sent;
  }
}

describe('operations per second of one caller', () => {
  test('beyond them HTTP answers 429 with Retry-After, and what the limit is', async () => {
    running = await runningApp(few(3));
    expect(await exhaust(running.url)).toBe(3);
    const { status, headers, body } = await post(running.url, QUERY);
    expect(status).toBe(429);
    expect(body).toEqual({ errors: [REFUSED] });
    const [error] = body.errors ?? [];
    expect(error?.extensions).toMatchObject({ limit: 0.001 });
    expect(headers.get('retry-after')).toBe(String(Math.ceil(Number(error?.extensions?.['retryAfterMs']) / 1_000)));
  });

  test('over WebSocket the operation is refused, the connection stays, and may go on when it is time', async () => {
    running = await runningApp(few(2, 1));
    const raw = await RawSocket.acknowledged(running.url);
    const ask = (id: string) => raw.send({ id, type: 'subscribe', payload: { query: QUERY } });
    for (const id of ['1', '2', '3']) ask(id);
    expect(await raw.until(({ id }) => id === '3')).toEqual({ id: '3', type: 'error', payload: [REFUSED] });
    await expect.poll(() => (ask('again'), raw.messages.at(-1)), { timeout: 10_000, interval: 300 }).toMatchObject({ id: 'again', type: 'complete' });
    raw.socket.terminate();
  });

  test('a subscription is one operation, when it starts', async () => {
    running = await runningApp(few(1));
    const raw = await RawSocket.acknowledged(running.url);
    raw.send({ id: 'a', type: 'subscribe', payload: { query: 'subscription { taskChanged { kind } }' } });
    raw.send({ id: 'b', type: 'subscribe', payload: { query: 'subscription { taskChanged { kind } }' } });
    expect(await raw.until(({ id }) => id === 'b')).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'RATE_LIMITED' } }] });
    expect(running.app.feed.status().subscribers).toBe(1);
    raw.socket.terminate();
  });

  test('are counted over HTTP, WebSocket and exports together, and refusals are told as metrics', async () => {
    running = await runningApp(few(2));
    await exhaust(running.url);
    const refused = await fetch(exportUrl(running));
    expect(refused.status).toBe(429);
    expect(await refused.json()).toEqual({ errors: [REFUSED] });
    const client = webSocketClient(running.url);
    await expect(overWebSocket(client, { query: QUERY })).rejects.toEqual([REFUSED]);
    await client.dispose();
    const families = parsePrometheus(await (await fetch(new URL('/metrics', running.url))).text());
    for (const way of ['http', 'websocket', 'export']) expect(valueIn(families, 'tasktracker_operations_rate_limited_total', { way })).toBe(1);
  });

  test('are of one caller: another from the same address goes on', async () => {
    const keys = ['one', 'two'].map((name) => createApiKey({ name, role: 'VIEWER' }));
    running = await runningApp({ ...few(2), apiKeys: JSON.stringify(keys.map(({ entry }) => entry)) });
    const [one, two] = keys.map(({ key }) => ({ authorization: `Bearer ${key}` }));
    await exhaust(running.url, one);
    expect((await post(running.url, QUERY, undefined, two)).status).toBe(200);
    expect((await post(running.url, QUERY, undefined, one)).status).toBe(429);
  });

  test('are any number where the setting is 0', async () => {
    running = await runningApp({ maxOperationsPerSecond: 0, operationsBurst: 1 });
    const { url } = running;
    const answers = await Promise.all(Array.from({ length: 100 }, () => post(url, QUERY)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });

  test('hold no health check, page or scrape', async () => {
    running = await runningApp(few(1));
    await exhaust(running.url);
    for (const path of ['/health/live', '/health/ready', '/metrics', '/']) expect((await fetch(new URL(path, running.url))).status).toBe(200);
  });
});
