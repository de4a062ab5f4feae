import { setTimeout as delay } from 'node:timers/promises';

import { mongo } from 'mongoose';
import { describe, expect, inject, it } from 'vitest';

import { runningApp } from '../../support/app.js';
import { dataOf } from '../../support/clients.js';
import { stored } from '../../support/feed.js';
import { secantusServer } from '../../support/secantus-server.js';
import { tcpProxy } from '../../support/tcp-proxy.js';
import { Watcher } from '../../support/watcher.js';

/** Longer than the feed waits for an answer on an open stream before it gives that stream up (15 s). */
const AWAY_MS = 20_000;

async function readiness(url: string): Promise<{ ready: boolean; reasons: string[] }> {
  return (await (await fetch(new URL('/health/ready', url))).json()) as { ready: boolean; reasons: string[] };
}

describe.skipIf(!inject('embedded'))('a database that is away for twenty seconds', () => {
  it.concurrent('behind a network that is cut: not one of the changes that others make meanwhile is missed', async () => {
    await using database = await secantusServer();
    await using proxy = await tcpProxy(database.port);
    const direct = await new mongo.MongoClient(database.uri('cut')).connect();
    const collection = direct.db().collection('task_trackers');
    await using running = await runningApp({ mongodbUri: `mongodb://127.0.0.1:${proxy.port}/cut?directConnection=true&journal=true` });
    const { app, url } = running;
    const { feedCursor } = (await dataOf<{ tasks: { feedCursor: string } }>(url, '{ tasks { feedCursor } }')).tasks;
    using watcher = await Watcher.open(url);
    watcher.watch('all');
    await expect.poll(() => app.feed.status().subscribers).toBe(1);
    await collection.insertOne(stored('e0'));
    await watcher.until('all', ({ executionId }) => executionId === 'e0');

    proxy.cut();
    const cutAt = performance.now();
    const noticed = watcher.untilState('RECONNECTING').then(() => performance.now() - cutAt);
    const until = cutAt + AWAY_MS;
    let written = 1;
    for (; performance.now() < until; written += 1) {
      await collection.insertOne(stored(`e${written}`));
      await delay(20);
    }
    expect(await noticed).toBeLessThan(3_000);
    expect(watcher.course).toEqual(['LIVE', 'RECONNECTING']);
    expect(app.feed.status().lagMs).toBeGreaterThan(AWAY_MS - 1_000);
    expect(await readiness(url)).toMatchObject({ ready: false, reasons: expect.arrayContaining(['The database does not answer.']) });
    proxy.restore();
    await watcher.until('all', ({ executionId }) => executionId === `e${written - 1}`);

    const all = Array.from({ length: written }, (_, n) => `e${n}`);
    expect([...new Set(watcher.told('all').map(({ executionId }) => executionId))]).toEqual(all);
    await watcher.untilState('LIVE');
    expect(app.feed.status()).toMatchObject({ state: 'LIVE', resyncs: 0 });
    // A cursor from before that time is as good as ever.
    watcher.watch('from-the-page', { after: feedCursor });
    await watcher.until('from-the-page', ({ executionId }) => executionId === `e${written - 1}`);
    expect(watcher.told('from-the-page').map(({ executionId }) => executionId)).toEqual(all);
    await direct.close();
  });

  it.concurrent('because it is frozen, its connections open: the feed says so, and goes on by itself', async () => {
    await using database = await secantusServer();
    await using running = await runningApp({ mongodbUri: database.uri('frozen') });
    const { app, url } = running;
    using watcher = await Watcher.open(url);
    watcher.watch('all');
    await expect.poll(() => app.feed.status().subscribers).toBe(1);
    await app.model.collection.insertOne(stored('before') as never);
    await watcher.until('all', ({ executionId }) => executionId === 'before');
    const { pid } = database;
    process.kill(pid, 'SIGSTOP');
    try {
      const frozenAt = performance.now();
      await watcher.untilState('RECONNECTING');
      expect(performance.now() - frozenAt).toBeLessThan(8_000);
      expect((await readiness(url)).ready).toBe(false);
      await delay(frozenAt + AWAY_MS - performance.now());
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await app.model.collection.insertOne(stored('after') as never);
    await watcher.until('all', ({ executionId }) => executionId === 'after');
    await expect.poll(() => app.feed.status(), { timeout: 15_000 }).toMatchObject({ state: 'LIVE', resyncs: 0 });
    await expect.poll(() => readiness(url), { timeout: 15_000 }).toMatchObject({ ready: true });
    expect([...new Set(watcher.told('all').map(({ executionId }) => executionId))]).toEqual(['before', 'after']);
  });
});
