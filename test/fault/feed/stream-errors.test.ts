import { mongo } from 'mongoose';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { runningApp } from '../../support/app.js';
import { stored } from '../../support/feed.js';
import { type SecantusServer, secantusServer } from '../../support/secantus-server.js';
import { Watcher } from '../../support/watcher.js';

/** What the database answers to the application's change stream instead of a batch. */
interface Refusal {
  readonly errorCode: number;
  readonly commands: readonly string[];
  readonly times: number;
}

let database: SecantusServer;
let direct: mongo.MongoClient;

beforeAll(async () => {
  database = await secantusServer('--enable-test-commands');
  direct = await new mongo.MongoClient(database.uri('errors'), { appName: 'tester' }).connect();
});

afterAll(async () => {
  await direct.close();
  await database[Symbol.asyncDispose]();
});

async function refuse({ errorCode, commands, times }: Refusal): Promise<void> {
  await direct.db('admin').command({
    configureFailPoint: 'failCommand',
    mode: { times },
    data: { failCommands: commands, appName: 'tasktracker', errorCode },
  });
}

describe.skipIf(!inject('embedded'))('a change stream that the database answers with an error', () => {
  it.each([
    ['286, history lost', 286],
    ['280, cannot be resumed', 280],
    ['10334, an event over 16 MB', 10_334],
  ])('%s: everybody is told to list again, and the feed goes on from now', async (name, errorCode) => {
    const collection = direct.db(`lost_${errorCode}`).collection('task_trackers');
    await using running = await runningApp({ mongodbUri: database.uri(`lost_${errorCode}`) });
    using watcher = await Watcher.open(running.url);
    watcher.watch('all');
    watcher.watch('quiet', { filter: { queueName: ['quiet'] } });
    await expect.poll(() => running.app.feed.status().subscribers).toBe(2);
    await refuse({ errorCode, commands: ['getMore'], times: 1 });
    for (const id of ['all', 'quiet']) {
      const last = await watcher.until(id, ({ code }) => code !== undefined);
      expect([name, last.code]).toEqual([name, 'RESYNC_REQUIRED']);
      watcher.watch(`${id}-again`, { after: last.cursor as string });
    }
    await watcher.untilState('LIVE', 1);
    await collection.insertOne(stored('e1', { queueName: 'quiet' }));
    for (const id of ['all', 'quiet']) await watcher.until(`${id}-again`, ({ executionId }) => executionId === 'e1');
    expect(watcher.course).toEqual(['LIVE', 'RESYNCING', 'LIVE']);
  });

  it.each([
    ['11602, the primary steps down', 11_602],
    ['43, the cursor is not found', 43],
    ['9001, a socket exception', 9_001],
  ])('%s: the feed goes on at its place, and nobody misses a change or is told anything', async (_name, errorCode) => {
    const collection = direct.db(`away_${errorCode}`).collection('task_trackers');
    await using running = await runningApp({ mongodbUri: database.uri(`away_${errorCode}`) });
    using watcher = await Watcher.open(running.url);
    watcher.watch('all');
    await expect.poll(() => running.app.feed.status().subscribers).toBe(1);
    await collection.insertOne(stored('e0'));
    await watcher.until('all', ({ executionId }) => executionId === 'e0');
    // Neither the driver's own second try nor our first ones succeed.
    await refuse({ errorCode, commands: ['getMore', 'aggregate'], times: 4 });
    for (let n = 1; n <= 20; n += 1) await collection.insertOne(stored(`e${n}`));
    await watcher.until('all', ({ executionId }) => executionId === 'e20');
    const seen = watcher.told('all').map(({ executionId }) => executionId);
    expect([...new Set(seen)]).toEqual(Array.from({ length: 21 }, (_, n) => `e${n}`));
    expect(running.app.feed.status()).toMatchObject({ state: 'LIVE', resyncs: 0 });
  });

  it('96, which nobody knows: is tried again, and gives the place up when it repeats', async () => {
    const collection = direct.db('odd').collection('task_trackers');
    await using running = await runningApp({ mongodbUri: database.uri('odd') });
    using watcher = await Watcher.open(running.url);
    watcher.watch('all');
    await expect.poll(() => running.app.feed.status().subscribers).toBe(1);
    await refuse({ errorCode: 96, commands: ['getMore', 'aggregate'], times: 2 });
    await watcher.untilState('RECONNECTING');
    await collection.insertOne(stored('e1'));
    await watcher.until('all', ({ executionId }) => executionId === 'e1');
    expect(running.app.feed.status().resyncs).toBe(0);
    await refuse({ errorCode: 96, commands: ['getMore', 'aggregate'], times: 3 });
    expect(await watcher.until('all', ({ code }) => code !== undefined)).toMatchObject({ code: 'RESYNC_REQUIRED' });
    await watcher.untilState('LIVE', 1);
  });

  it('an update of more than 16 MB with its pre-image reaches everybody or tells everybody, and the feed stays LIVE', async () => {
    const collection = direct.db('large').collection('task_trackers');
    await using running = await runningApp({ mongodbUri: database.uri('large') });
    using watcher = await Watcher.open(running.url);
    watcher.watch('all');
    await expect.poll(() => running.app.feed.status().subscribers).toBe(1);
    const large = (letter: string) => ({ blob: letter.repeat(12 * 1024 * 1024) });
    await collection.insertOne(stored('large', { metadata: large('a') }));
    await collection.updateOne({ executionId: 'large' }, { $set: { metadata: large('b'), status: 'processing' } });
    const outcome = await watcher.until('all', ({ code, kind }) => code !== undefined || kind === 'UPDATED');
    // mongod cannot send it; the embedded database can.
    if (outcome.code === undefined) expect(outcome.task).toEqual({ status: 'PROCESSING' });
    else expect(outcome.code).toBe('RESYNC_REQUIRED');
    await collection.insertOne(stored('small'));
    if (outcome.code !== undefined) watcher.watch('all-again', { after: outcome.cursor as string });
    await watcher.until(outcome.code === undefined ? 'all' : 'all-again', ({ executionId }) => executionId === 'small');
    expect(running.app.feed.status().state).toBe('LIVE');
  });
});
