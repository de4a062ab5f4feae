import { describe, expect, test } from 'vitest';

import { post, RawSocket } from '../support/clients.js';
import { toyServer } from '../support/server.js';

describe('shutting the server down', () => {
  test('lets an HTTP request in flight finish, and takes no new one', async () => {
    const toy = await toyServer();
    const answer = post(toy.url, '{ slow }');
    await toy.begun;
    const closed = toy.server.close(5_000);
    await expect(fetch(toy.at('/health/live'))).rejects.toThrow();
    toy.release();
    expect((await answer).body).toEqual({ data: { slow: 'done' } });
    const answered = performance.now();
    await closed;
    expect(performance.now() - answered).toBeLessThan(1_000);
  });

  test('lets a WebSocket query in flight finish, then closes with 1001', async () => {
    const toy = await toyServer();
    const raw = await RawSocket.acknowledged(toy.url);
    raw.send({ id: '1', type: 'subscribe', payload: { query: '{ slow }' } });
    await toy.begun;
    const closed = toy.server.close(5_000);
    toy.release();
    expect(await raw.until(({ id }) => id === '1')).toMatchObject({ payload: { data: { slow: 'done' } } });
    expect(await raw.closed).toMatchObject({ code: 1001 });
    await closed;
  });

  test('closes subscriptions with 1001 and ends their sources', async () => {
    const toy = await toyServer();
    const sockets = await Promise.all([1, 2, 3].map(() => RawSocket.acknowledged(toy.url)));
    for (const raw of sockets) {
      raw.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { silent }' } });
      raw.send({ type: 'ping' });
      await raw.until(({ type }) => type === 'pong');
    }
    await toy.server.close(5_000);
    expect(await Promise.all(sockets.map((raw) => raw.closed))).toMatchObject([{ code: 1001 }, { code: 1001 }, { code: 1001 }]);
    expect(toy.returned()).toBe(3);
  });

  test('cuts off a request that does not finish in time', async () => {
    const toy = await toyServer();
    const answer = post(toy.url, '{ slow }').catch((error: unknown) => error);
    await toy.begun;
    await toy.server.close(50);
    expect(await answer).toBeInstanceOf(Error);
  });

  test('does not wait for a client that never answers the close frame', async () => {
    const toy = await toyServer();
    const raw = await RawSocket.acknowledged(toy.url);
    raw.socket.pause();
    const started = performance.now();
    await toy.server.close(5_000);
    expect(performance.now() - started).toBeLessThan(3_000);
    raw.socket.resume();
  });

  test('may be asked for twice', async () => {
    const toy = await toyServer();
    await Promise.all([toy.server.close(1_000), toy.server.close(1_000)]);
  });
});
