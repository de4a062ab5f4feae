import { mongo } from 'mongoose';
import { describe, expect, inject, it } from 'vitest';

import { CursorCodec } from '../../../src/feed/cursor.js';
import { runningApp } from '../../support/app.js';
import { dataOf } from '../../support/clients.js';
import { stored } from '../../support/feed.js';
import { logLines } from '../../support/log-lines.js';
import { secantusServer } from '../../support/secantus-server.js';
import { tcpProxy } from '../../support/tcp-proxy.js';
import { Watcher } from '../../support/watcher.js';

const HISTORY = 500;
const DATABASE = 'lost';

/** Enough changes, of whatever collection, that the database forgets what was before them: it looks after every thousand. */
async function writePastHistory(client: mongo.MongoClient): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    await client.db(DATABASE).collection('others').insertMany(Array.from({ length: 1_000 }, (_, n) => ({ round, n })));
  }
}

async function ready(url: string): Promise<{ status: number; reasons: string[]; state: string }> {
  const response = await fetch(new URL('/health/ready', url));
  const body = (await response.json()) as { reasons: string[]; feed: { state: string } };
  return { status: response.status, reasons: body.reasons, state: body.feed.state };
}

describe('a database that has forgotten where the feed was (286)', () => {
  it('costs each subscriber one RESYNC_REQUIRED with a cursor that is good, and the feed is LIVE again', async ({ skip }) => {
    if (!inject('embedded')) skip('the run has MONGODB_URI: its history is not ours to cut short');
    await using database = await secantusServer('--oplog-max-entries', String(HISTORY), '--enable-test-commands');
    await using proxy = await tcpProxy(database.port);
    const direct = await new mongo.MongoClient(database.uri(DATABASE)).connect();
    const collection = direct.db().collection('task_trackers');
    const { log, lines } = logLines();
    // The application reaches its database through the proxy alone.
    const mongodbUri = `mongodb://127.0.0.1:${proxy.port}/${DATABASE}?directConnection=true&journal=true`;
    let oldCursor: string;
    {
      await using running = await runningApp({ mongodbUri, log });
      const { url, app } = running;
      using watcher = await Watcher.open(url);
      watcher.watch('all-1');
      watcher.watch('all-2');
      watcher.watch('one', { filter: { queueName: ['quiet'] } });
      // All three stand in the feed: the first two share one place there.
      await expect.poll(() => app.feed.status().subscribers).toBe(2);
      await collection.insertOne(stored('before'));
      for (const id of ['all-1', 'all-2']) await watcher.until(id, ({ executionId }) => executionId === 'before');
      oldCursor = (await dataOf<{ tasks: { feedCursor: string } }>(url, '{ tasks { feedCursor } }')).tasks.feedCursor;

      proxy.cut();
      await watcher.untilState('RECONNECTING');
      await expect.poll(() => ready(url)).toMatchObject({ status: 503, state: 'RECONNECTING', reasons: expect.arrayContaining([expect.stringContaining('RECONNECTING')]) });
      await writePastHistory(direct);
      const place = new CursorCodec(`${DATABASE}.task_trackers`).decode(app.feed.cursor()).token;
      proxy.forget();
      // The new stream is refused as well for a moment, so that the state can be seen from outside.
      const refuse = { configureFailPoint: 'failCommand', data: { failCommands: ['listCollections'], appName: 'tasktracker', errorCode: 11_600 } };
      await direct.db('admin').command({ ...refuse, mode: 'alwaysOn' });
      proxy.restore();
      await watcher.untilState('RESYNCING');
      expect(await ready(url)).toMatchObject({ status: 503, state: 'RESYNCING', reasons: expect.arrayContaining([expect.stringContaining('RESYNCING')]) });
      await direct.db('admin').command({ ...refuse, mode: 'off' });
      await watcher.untilState('LIVE', 1);
      expect((await ready(url)).status).toBe(200);

      expect(watcher.course).toEqual(['LIVE', 'RECONNECTING', 'RESYNCING', 'LIVE']);
      expect(watcher.states.at(-1)).toMatchObject({ resyncs: 1 });
      // The first ask told that the place is gone; nobody asked for it again.
      expect(proxy.sent(place)).toBe(1);
      const logged = lines.map(({ feed }) => feed).filter((state) => state !== undefined);
      expect(logged.filter((state, index) => state !== logged[index - 1])).toEqual(['LIVE', 'RECONNECTING', 'RESYNCING', 'LIVE']);
      expect(lines.find(({ feed }) => feed === 'RESYNCING')?.['reason']).toContain('oplog');

      for (const id of ['all-1', 'all-2', 'one']) {
        const last = await watcher.until(id, ({ code }) => code !== undefined);
        expect(last).toMatchObject({ code: 'RESYNC_REQUIRED', cursor: expect.any(String), message: expect.stringContaining('list again') });
        await watcher.untilCompleted(id);
        watcher.watch(`${id}-again`, { after: last.cursor as string });
      }
      await collection.insertOne(stored('after'));
      for (const id of ['all-1', 'all-2', 'one']) {
        await watcher.until(`${id}-again`, ({ executionId }) => executionId === 'after');
        expect(watcher.told(`${id}-again`)).toHaveLength(1);
      }

      watcher.watch('too-old', { after: oldCursor });
      expect(await watcher.until('too-old', () => true)).toMatchObject({ code: 'CURSOR_EXPIRED', message: expect.stringContaining('list again') });
      await watcher.untilCompleted('too-old');
      // Dropping the database at the end is no fault of the feed.
      await app.feed.close();
    }

    // Another run of the application knows the cursor no better.
    await writePastHistory(direct);
    await using again = await runningApp({ mongodbUri });
    using watcher = await Watcher.open(again.url);
    watcher.watch('too-old', { after: oldCursor });
    expect(await watcher.until('too-old', () => true)).toMatchObject({ code: 'CURSOR_EXPIRED', message: expect.stringContaining('list again') });
    expect(watcher.course).toEqual(['LIVE']);
    await direct.close();
  });
});
