import { setTimeout as delay } from 'node:timers/promises';

import { describe, expect, test } from 'vitest';

import { RawSocket, type RawMessage } from '../support/clients.js';
import { logLines } from '../support/log-lines.js';
import { memoryApp, type MemoryApp } from '../support/memory-app.js';
import { inserted } from '../support/memory-source.js';
import { toyServer } from '../support/server.js';

const WATCH = 'subscription { taskChanged { kind executionId cursor task { metadata } } }';
/** Longer than any of these tests: what is shown is not the work of a ping. */
const NO_PING = 600_000;

async function watching(app: MemoryApp, id: string): Promise<RawSocket> {
  const raw = await RawSocket.acknowledged(app.url);
  raw.send({ id, type: 'subscribe', payload: { query: WATCH } });
  return raw;
}

const executionOf = ({ payload }: RawMessage): string | undefined => (payload as { data?: { taskChanged: { executionId: string } } }).data?.taskChanged.executionId;

/** Resolves when a change has reached each of them. */
async function standing(app: MemoryApp, clients: readonly RawSocket[]): Promise<void> {
  let there = 0;
  const arrivals = clients.map((raw) => raw.until((message) => message.type === 'next').then(() => (there += 1)));
  while (there < clients.length) {
    app.source.commit(inserted('probe'));
    await delay(5);
  }
  await Promise.all(arrivals);
}

describe('a client that never reads its socket', () => {
  test('is ended as SLOW_CONSUMER; the others are sent everything, and nobody waits for it', async () => {
    const { log, lines } = logLines();
    await using app = await memoryApp({ server: { log, subscriberQueue: 50, keepAliveMs: NO_PING } });
    const readers = await Promise.all(['r1', 'r2', 'r3'].map((id) => watching(app, id)));
    const deaf = await watching(app, 'deaf');
    await standing(app, [...readers, deaf]);
    deaf.socket.pause();

    const isEnded = () => lines.some(({ msg }) => String(msg).includes('reads too slowly'));
    let n = 0;
    for (; !isEnded() && n < 3_000; n += 1) {
      app.source.commit(inserted(`e${n}`, { metadata: { pad: 'x'.repeat(16_000) } }));
      await Promise.all(readers.map((raw) => raw.until((message) => message.type === 'next' && executionOf(message) === `e${n}`)));
    }
    expect(isEnded()).toBe(true);

    // Those who read go on, and have seen each change once.
    app.source.commit(inserted('last'));
    for (const raw of readers) {
      await raw.until((message) => message.type === 'next' && executionOf(message) === 'last');
      const seen = (raw.messages as RawMessage[]).filter(({ type }) => type === 'next').map(executionOf).filter((id) => id !== 'probe');
      expect(seen).toEqual([...Array.from({ length: n }, (_, k) => `e${k}`), 'last']);
      raw.socket.close();
    }
    deaf.socket.terminate();
  });

  test('is cut after two pings, and leaves nothing behind', async () => {
    await using app = await memoryApp({ server: { keepAliveMs: 300 } });
    const reader = await watching(app, 'reader');
    const deaf = await watching(app, 'deaf');
    await standing(app, [reader, deaf]);
    deaf.socket.pause();
    const pausedAt = performance.now();
    for (let n = 0; app.server.connections === 2; n += 1) {
      app.source.commit(inserted(`e${n}`, { metadata: { pad: 'x'.repeat(16_000) } }));
      await delay(10);
    }
    expect(performance.now() - pausedAt).toBeLessThan(3_000);
    reader.socket.close();
    await expect.poll(() => app.feed.status().subscribers).toBe(0);
    deaf.socket.terminate();
  });

  test('gets its queue and then SLOW_CONSUMER if it reads in time after all, and its cursor goes on without a gap', async () => {
    await using app = await memoryApp({ server: { subscriberQueue: 20, keepAliveMs: NO_PING } });
    const reader = await watching(app, 'reader');
    const late = await watching(app, 'late');
    await standing(app, [reader, late]);
    late.socket.pause();
    // More than the operating system takes for a connection, and the queue.
    const count = 1_000;
    for (let n = 0; n < count; n += 1) {
      app.source.commit(inserted(`e${n}`, { metadata: { pad: 'x'.repeat(16_000) } }));
      if (n % 10 === 9) await reader.until((message) => message.type === 'next' && executionOf(message) === `e${n}`);
    }
    late.socket.resume();
    const last = await late.until((message) => message.type === 'next' && (message.payload as { errors?: unknown }).errors !== undefined);
    const [{ extensions }] = (last.payload as { errors: [{ extensions: { code: string; cursor: string } }] }).errors;
    expect(extensions.code).toBe('SLOW_CONSUMER');
    await late.until((message) => message.type === 'complete');
    const before = (late.messages as RawMessage[]).filter(({ type }) => type === 'next').map(executionOf).filter((id) => id?.startsWith('e'));
    late.send({ id: 'again', type: 'subscribe', payload: { query: WATCH.replace('taskChanged', `taskChanged(after: "${extensions.cursor}")`) } });
    await late.until((message) => message.id === 'again' && message.type === 'next' && executionOf(message) === `e${count - 1}`);
    const after = (late.messages as RawMessage[]).filter(({ id, type }) => id === 'again' && type === 'next').map(executionOf);
    expect([...before, ...after]).toEqual(Array.from({ length: count }, (_, n) => `e${n}`));
    for (const raw of [reader, late]) raw.socket.terminate();
  });

  test('but goes on asking is read from no further', async () => {
    const toy = await toyServer({ keepAliveMs: NO_PING, bodyLimit: 100_000 });
    const raw = await RawSocket.acknowledged(toy.url);
    raw.socket.pause();
    const ping = JSON.stringify({ type: 'ping', payload: { pad: 'x'.repeat(10_000) } });
    // Its answers would be as long: with nobody to take them, the server must let the requests wait in the network.
    let sent = 0;
    for (; sent < 200_000_000 && raw.socket.bufferedAmount < 4_000_000; sent += ping.length) {
      raw.socket.send(ping);
      if (sent % 1_000_000 < ping.length) await delay(1);
    }
    await delay(300);
    expect(raw.socket.bufferedAmount).toBeGreaterThan(1_000_000);
    expect(sent - raw.socket.bufferedAmount).toBeLessThan(50_000_000);
    // It is answered in full once it reads.
    raw.socket.resume();
    await expect.poll(() => raw.messages.length, { timeout: 20_000 }).toBe(1 + sent / ping.length);
    raw.socket.terminate();
    await toy.close();
  });
});
