import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';

import { afterEach, describe, expect, test } from 'vitest';

import { RawSocket } from '../support/clients.js';
import { logLines } from '../support/log-lines.js';
import { type RunningToy, toyServer } from '../support/server.js';

const running: RunningToy[] = [];
afterEach(async () => {
  for (const toy of running.splice(0)) {
    toy.release();
    await toy.close();
  }
});

async function started(options: Parameters<typeof toyServer>[0]): Promise<RunningToy> {
  const toy = await toyServer(options);
  running.push(toy);
  return toy;
}

const subscribe = (raw: RawSocket, id: string, query = 'subscription { silent }') => raw.send({ id, type: 'subscribe', payload: { query } });

/** Resolves when the server has dealt with everything sent before. */
async function settled(raw: RawSocket): Promise<void> {
  const before = raw.messages.length;
  raw.send({ type: 'ping' });
  await raw.until((message) => message.type === 'pong' && raw.messages.indexOf(message) >= before);
}

interface Refusal {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly type: string | undefined;
  readonly body: unknown;
}

/** What an upgrade is answered with when it is refused. */
async function refusedUpgrade(url: string): Promise<Refusal> {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-protocol': 'graphql-transport-ws',
  };
  const asked = request(url, { headers });
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'], type: response.headers['content-type'], body: JSON.parse(text) };
}

describe('one connection has so many subscriptions', () => {
  test('and one more ends with an error that names the limit, while the others and the connection live on', async () => {
    const { url } = await started({ maxSubscriptionsPerConnection: 2 });
    const raw = await RawSocket.acknowledged(url);
    for (const id of ['a', 'b', 'c']) subscribe(raw, id);
    expect(await raw.until(({ id }) => id === 'c')).toEqual({
      id: 'c',
      type: 'error',
      payload: [{ message: expect.stringContaining('(2)'), extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } }],
    });
    raw.send({ id: 'q', type: 'subscribe', payload: { query: '{ hello }' } });
    await raw.until(({ id, type }) => id === 'q' && type === 'complete');
    expect(raw.messages.filter((message) => ['a', 'b'].includes((message as { id?: string }).id ?? ''))).toEqual([]);
    raw.socket.close();
  });

  test('and a place again when one is completed, ends by itself, fails, or is refused', async () => {
    const { url } = await started({ maxSubscriptionsPerConnection: 1 });
    const raw = await RawSocket.acknowledged(url);
    subscribe(raw, 'completed');
    raw.send({ id: 'completed', type: 'complete' });
    await settled(raw);
    for (const [id, query, last] of [
      ['ends', 'subscription { counted(to: 2) }', 'complete'],
      ['fails', 'subscription { failing }', 'error'],
      ['is invalid', 'subscription { nothing }', 'error'],
      ['is refused by its variables', 'subscription ($to: Int!) { counted(to: $to) }', 'complete'],
      ['ends again', 'subscription { counted(to: 1) }', 'complete'],
    ] as const) {
      subscribe(raw, id, query);
      const end = await raw.until((message) => message.id === id && message.type !== 'next');
      expect([id, end.type]).toEqual([id, last]);
      await settled(raw);
    }
    subscribe(raw, 'one');
    subscribe(raw, 'two');
    expect(await raw.until(({ id }) => id === 'two')).toMatchObject({ type: 'error' });
    raw.socket.close();
  });

  test('each connection for itself', async () => {
    const { url } = await started({ maxSubscriptionsPerConnection: 1 });
    const both = await Promise.all([RawSocket.acknowledged(url), RawSocket.acknowledged(url)]);
    for (const raw of both) {
      subscribe(raw, 'a');
      await settled(raw);
      expect(raw.messages.filter((message) => (message as { type: string }).type === 'error')).toEqual([]);
      raw.socket.close();
    }
  });

  test('and as many queries and mutations in flight; one more is refused, not the subscriptions', async () => {
    const toy = await started({ maxSubscriptionsPerConnection: 2 });
    const raw = await RawSocket.acknowledged(toy.url);
    for (const id of ['1', '2', '3']) subscribe(raw, id, '{ slow }');
    expect(await raw.until(({ id }) => id === '3')).toMatchObject({ type: 'error', payload: [{ message: expect.stringContaining('(2)'), extensions: { code: 'TOO_MANY_REQUESTS' } }] });
    subscribe(raw, 's');
    toy.release();
    await raw.until(({ id, type }) => id === '1' && type === 'complete');
    await raw.until(({ id, type }) => id === '2' && type === 'complete');
    subscribe(raw, '4', '{ hello }');
    await raw.until(({ id, type }) => id === '4' && type === 'complete');
    raw.socket.close();
  });
});

describe('one client address has so many connections', () => {
  test('and one more is refused before the upgrade: 429, when to try again, and why', async () => {
    const { log, lines } = logLines();
    const { url, server } = await started({ maxConnectionsPerAddress: 2, log });
    const open = [await RawSocket.acknowledged(url), await RawSocket.acknowledged(url)];
    for (let times = 0; times < 3; times += 1) {
      expect(await refusedUpgrade(url)).toEqual({
        status: 429,
        retryAfter: '10',
        type: 'application/json; charset=utf-8',
        body: { errors: [{ message: expect.stringContaining('(2)'), extensions: { code: 'TOO_MANY_CONNECTIONS' } }] },
      });
    }
    expect(server.connections).toBe(2);
    expect(lines.filter(({ limit }) => limit === 2)).toHaveLength(1);
    for (const raw of open) raw.socket.close();
  });

  test('and a place again however one went: closed, dropped, refused by the protocol or not upgraded at all', async () => {
    const toy = await started({ maxConnectionsPerAddress: 1, connectionInitTimeoutMs: 50 });
    const free = () => expect.poll(() => toy.server.connections).toBe(0);
    const closed = await RawSocket.acknowledged(toy.url);
    closed.socket.close();
    await free();
    const dropped = await RawSocket.acknowledged(toy.url);
    dropped.socket.terminate();
    await free();
    expect(await (await RawSocket.open(toy.url, { protocol: [] })).closed).toMatchObject({ code: 4406 });
    await free();
    expect(await (await RawSocket.open(toy.url)).closed).toMatchObject({ code: 4408 });
    await free();
    const notUpgraded = await fetch(toy.url, { headers: { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '99' } }).catch(() => undefined);
    expect(notUpgraded?.status).not.toBe(429);
    await expect.poll(async () => (await RawSocket.acknowledged(toy.url).catch(() => undefined))?.socket.readyState).toBe(1);
  });

  test('or any number of them, with 0', async () => {
    const { url, server } = await started({ maxConnectionsPerAddress: 0 });
    const open = await Promise.all(Array.from({ length: 50 }, () => RawSocket.open(url)));
    expect(server.connections).toBe(50);
    for (const raw of open) raw.socket.terminate();
  });

  test('and HTTP is not counted', async () => {
    const { url } = await started({ maxConnectionsPerAddress: 1 });
    const raw = await RawSocket.acknowledged(url);
    const answers = await Promise.all(Array.from({ length: 10 }, () => fetch(`${url}?query={hello}`, { headers: { 'apollo-require-preflight': '1' } })));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    raw.socket.close();
  });

  test('a refusal of another kind says what it is, too', async () => {
    const toy = await started({});
    expect(await refusedUpgrade(toy.at('/elsewhere'))).toMatchObject({ status: 404, retryAfter: undefined, body: { errors: [{ extensions: { code: 'NOT_FOUND' } }] } });
  });
});
