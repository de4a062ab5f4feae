import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { overWebSocket, RawSocket, upgradeStatus, webSocketClient } from '../support/clients.js';
import { type RunningToy, toyServer } from '../support/server.js';
import { toySurface } from '../support/toy-surface.js';

let running: RunningToy;
beforeAll(async () => {
  running = await toyServer();
});
afterAll(() => running.close());

describe('a client of the graphql-transport-ws protocol', () => {
  test('runs queries and mutations', async () => {
    const client = webSocketClient(running.url);
    expect(await overWebSocket(client, { query: '{ hello }' })).toEqual({ data: { hello: 'Hello, you' } });
    expect(await overWebSocket(client, { query: 'mutation { shout }' })).toEqual({ data: { shout: 'Hey' } });
    await client.dispose();
  });

  test('gets every event of a subscription, then its completion', async () => {
    const client = webSocketClient(running.url);
    const seen: unknown[] = [];
    for await (const { data } of client.iterate<{ counted: number }>({ query: 'subscription { counted(to: 3) }' })) seen.push(data?.counted);
    expect(seen).toEqual([1, 2, 3]);
    await client.dispose();
  });

  test('is served each event with a context of its own', async () => {
    const client = webSocketClient(running.url);
    const seen: unknown[] = [];
    for await (const { data } of client.iterate<{ contextIds: number }>({ query: 'subscription { contextIds }' })) seen.push(data?.contextIds);
    expect(new Set(seen).size).toBe(3);
    await client.dispose();
  });

  test('ends the source of a subscription at once when it completes it, also between events', async () => {
    const before = running.returned();
    const raw = await RawSocket.acknowledged(running.url);
    raw.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { silent }' } });
    raw.send({ id: '2', type: 'subscribe', payload: { query: '{ hello }' } });
    await raw.until((message) => message.id === '2' && message.type === 'complete');
    raw.send({ id: '1', type: 'complete' });
    raw.send({ type: 'ping' });
    await raw.until((message) => message.type === 'pong');
    expect(running.returned()).toBe(before + 1);
    raw.socket.close();
  });

  test('ends the sources of all its subscriptions by dropping the connection', async () => {
    const toy = await toyServer();
    const raw = await RawSocket.acknowledged(toy.url);
    for (const id of ['a', 'b']) raw.send({ id, type: 'subscribe', payload: { query: 'subscription { silent }' } });
    raw.send({ type: 'ping' });
    await raw.until((message) => message.type === 'pong');
    raw.socket.terminate();
    await expect.poll(() => toy.returned()).toBe(2);
    await toy.close();
  });
});

describe('a client that breaks the protocol is closed with its code', () => {
  test('4400 for what is no message', async () => {
    const raw = await RawSocket.acknowledged(running.url);
    raw.send('{"type": "subscribe"}');
    expect(await raw.closed).toMatchObject({ code: 4400, reason: 'Invalid message received' });
  });

  test('4401 for a subscription before the acknowledgement', async () => {
    const raw = await RawSocket.open(running.url);
    raw.send({ id: '1', type: 'subscribe', payload: { query: '{ hello }' } });
    expect(await raw.closed).toMatchObject({ code: 4401 });
  });

  test('4406 for no subprotocol that the server speaks', async () => {
    const other = await RawSocket.open(running.url, { protocol: [] });
    expect(await other.closed).toMatchObject({ code: 4406 });
  });

  test('4408 for no connection_init in time', async () => {
    const toy = await toyServer({ connectionInitTimeoutMs: 50 });
    const raw = await RawSocket.open(toy.url);
    expect(await raw.closed).toMatchObject({ code: 4408 });
    await toy.close();
  });

  test('4409 for the id of a running subscription', async () => {
    const raw = await RawSocket.acknowledged(running.url);
    for (let times = 0; times < 2; times += 1) raw.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { silent }' } });
    expect(await raw.closed).toMatchObject({ code: 4409, reason: 'Subscriber for 1 already exists' });
  });

  test('4429 for a second connection_init', async () => {
    const raw = await RawSocket.acknowledged(running.url);
    raw.send({ type: 'connection_init' });
    expect(await raw.closed).toMatchObject({ code: 4429 });
  });

  test('1009 for a message larger than the limit', async () => {
    const raw = await RawSocket.acknowledged(running.url);
    raw.send({ id: '1', type: 'subscribe', payload: { query: `{ hello }${' '.repeat(5_000)}` } });
    expect(await raw.closed).toMatchObject({ code: 1009 });
  });
});

describe('the connection itself', () => {
  test('is dropped when the client leaves a ping unanswered', async () => {
    const toy = await toyServer({ keepAliveMs: 50 });
    const deaf = await RawSocket.open(toy.url, { autoPong: false });
    deaf.send({ type: 'connection_init' });
    expect(await deaf.closed).toMatchObject({ code: 1006 });
    await toy.close();
  });

  test('stays when the client answers the pings', async () => {
    const toy = await toyServer({ keepAliveMs: 20 });
    const raw = await RawSocket.acknowledged(toy.url);
    let pings = 0;
    await new Promise<void>((resolve) => {
      raw.socket.on('ping', () => {
        pings += 1;
        if (pings === 5) resolve();
      });
    });
    expect(toy.server.connections).toBe(1);
    await toy.close();
  });

  test('is refused with 403 from the page of another site, and taken from our own', async () => {
    expect(await upgradeStatus(running.url, { origin: 'http://evil.example' })).toBe(403);
    expect(await upgradeStatus(running.url, { origin: 'null' })).toBe(403);
    expect(await upgradeStatus(running.url, { origin: new URL(running.url).origin })).toBe(101);
  });

  test('is refused with 404 on any other path', async () => {
    expect(await upgradeStatus(running.at('/graphiql'))).toBe(404);
  });
});

describe('errors over WebSocket', () => {
  test.each([
    ['{ hello', 'GRAPHQL_PARSE_FAILED'],
    ['{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    [`{ ${'hello '.repeat(200)} }`, 'GRAPHQL_PARSE_FAILED'],
    ['query A { hello } query B { hello }', 'OPERATION_RESOLUTION_FAILURE'],
  ])('%.30s ends the operation with %s and leaves the connection', async (query, code) => {
    const raw = await RawSocket.acknowledged(running.url);
    raw.send({ id: '1', type: 'subscribe', payload: { query } });
    const message = await raw.until(({ id }) => id === '1');
    expect(message).toMatchObject({ type: 'error', payload: [{ extensions: { code } }] });
    raw.send({ id: '2', type: 'subscribe', payload: { query: '{ hello }' } });
    await raw.until(({ id }) => id === '2');
    raw.socket.close();
  });

  test('the limits that depend on variables hold', async () => {
    const raw = await RawSocket.acknowledged(running.url);
    raw.send({ id: '1', type: 'subscribe', payload: { query: '{ hello }', variables: { expensive: true } } });
    expect(await raw.until(({ id }) => id === '1')).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'TOO_EXPENSIVE' } }] });
    raw.socket.close();
  });

  test('a variable of the wrong type is BAD_USER_INPUT', async () => {
    const raw = await RawSocket.acknowledged(running.url);
    raw.send({ id: '1', type: 'subscribe', payload: { query: 'query ($n: Int!) { number(n: $n) }', variables: { n: 'x' } } });
    expect(await raw.until(({ id }) => id === '1')).toMatchObject({ type: 'next', payload: { errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] } });
    raw.socket.close();
  });

  test('an internal error in a query is masked', async () => {
    const client = webSocketClient(running.url);
    const result = await overWebSocket(client, { query: '{ broken }' });
    expect(result.errors).toMatchObject([{ message: 'Masked' }]);
    expect(JSON.stringify(result)).not.toContain('password');
    await client.dispose();
  });

  test('an internal error of an event source ends the subscription masked, and leaves the connection', async () => {
    const raw = await RawSocket.acknowledged(running.url);
    raw.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { failing }' } });
    expect(await raw.until(({ type }) => type === 'error')).toMatchObject({ id: '1', payload: [{ message: 'Masked' }] });
    expect(JSON.stringify(raw.messages)).not.toContain('password');
    raw.send({ type: 'ping' });
    await raw.until(({ type }) => type === 'pong');
    raw.socket.close();
  });

  test('introspection is refused where it is switched off', async () => {
    const toy = await toyServer({ toy: toySurface({ introspection: false }) });
    const raw = await RawSocket.acknowledged(toy.url);
    raw.send({ id: '1', type: 'subscribe', payload: { query: '{ __schema { queryType { name } } }' } });
    const refusal = await raw.until(({ id }) => id === '1');
    expect(refusal.type).toBe('error');
    expect(refusal.payload).toContainEqual(expect.objectContaining({ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }));
    await toy.close();
  });
});
