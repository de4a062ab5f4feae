import { describe, expect, it } from 'vitest';

import { imagesEnabled } from '../../../src/database/images.js';
import { ensureIndexes, indexSpecsOf } from '../../../src/database/indexes.js';
import { runningApp } from '../../support/app.js';
import { post } from '../../support/clients.js';
import { stored } from '../../support/feed.js';
import { Watcher } from '../../support/watcher.js';

const ENQUEUE = 'mutation { enqueueTask(input: { taskId: "jobs:same", queueName: "jobs" }) { deduplicated userErrors { code } } }';

describe('a collection that is taken away under a running API', () => {
  it.each([
    ['dropped', (collection: Collection) => collection.drop()],
    ['renamed', (collection: Collection) => collection.rename('task_trackers_old')],
  ])('(%s) costs each subscriber a RESYNC_REQUIRED; the next one has pre-images and every index', async (_how, takeAway) => {
    await using running = await runningApp();
    const { app, url } = running;
    const { db } = app.model;
    using watcher = await Watcher.open(url);
    watcher.watch('all');
    watcher.watch('quiet', { filter: { queueName: ['quiet'] } });
    await expect.poll(() => app.feed.status().subscribers).toBe(2);
    await app.model.collection.insertOne(stored('before') as never);
    await watcher.until('all', ({ executionId }) => executionId === 'before');
    const oldCursor = app.feed.cursor();

    await takeAway(db.collection('task_trackers'));
    for (const id of ['all', 'quiet']) {
      const last = await watcher.until(id, ({ code }) => code !== undefined);
      expect(last).toMatchObject({ code: 'RESYNC_REQUIRED', cursor: expect.any(String) });
      await watcher.untilCompleted(id);
      watcher.watch(`${id}-again`, { after: last.cursor as string });
    }
    await watcher.untilState('LIVE', 1);
    expect(watcher.course).toEqual(['LIVE', 'RESYNCING', 'LIVE']);
    expect(watcher.states.map(({ reason }) => reason).join()).toMatch(/collection saw (drop|rename|invalidate)/);

    await expect.poll(() => app.deduplication.mode, { timeout: 15_000 }).toBe('index');
    expect(await imagesEnabled(db, 'task_trackers')).toBe(true);
    const reports = await ensureIndexes(db, 'task_trackers', indexSpecsOf(app.model.schema));
    expect(reports.filter(({ state }) => state !== 'present')).toEqual([]);
    const answers = await Promise.all(Array.from({ length: 8 }, () => post(url, ENQUEUE)));
    expect(answers.filter(({ body }) => (body.data?.['enqueueTask'] as { deduplicated: boolean }).deduplicated)).toHaveLength(7);

    await app.model.collection.updateOne({ taskId: 'jobs:same' }, { $set: { queueName: 'quiet' } });
    await watcher.until('quiet-again', ({ kind }) => kind === 'UPDATED');
    expect((await watcher.until('all-again', ({ kind }) => kind === 'CREATED')).task).toEqual({ status: 'QUEUED' });
    watcher.watch('old', { after: oldCursor });
    expect(await watcher.until('old', ({ code }) => code !== undefined)).toMatchObject({ code: 'CURSOR_EXPIRED' });
  });

  it('replaced by another one in one step is the one that is served, with its indexes', async () => {
    await using running = await runningApp();
    const { app, url } = running;
    const { db } = app.model;
    using watcher = await Watcher.open(url);
    watcher.watch('all');
    await expect.poll(() => app.feed.status().subscribers).toBe(1);
    await db.collection('restored').insertOne(stored('restored') as never);
    await db.collection('restored').rename('task_trackers', { dropTarget: true });
    expect(await watcher.until('all', ({ code }) => code !== undefined)).toMatchObject({ code: 'RESYNC_REQUIRED' });
    await watcher.untilState('LIVE', 1);
    await expect.poll(() => app.deduplication.mode, { timeout: 15_000 }).toBe('index');
    expect(await imagesEnabled(db, 'task_trackers')).toBe(true);
    const { body } = await post(url, '{ tasks { nodes { executionId } } }');
    expect(body.data).toEqual({ tasks: { nodes: [{ executionId: 'restored' }] } });
  });

  it('with a whole database dropped, comes back as well', async () => {
    await using running = await runningApp();
    const { app, url } = running;
    using watcher = await Watcher.open(url);
    watcher.watch('all');
    await expect.poll(() => app.feed.status().subscribers).toBe(1);
    await app.model.db.dropDatabase();
    expect(await watcher.until('all', ({ code }) => code !== undefined)).toMatchObject({ code: 'RESYNC_REQUIRED' });
    await watcher.untilState('LIVE', 1);
    await expect.poll(() => app.deduplication.mode, { timeout: 15_000 }).toBe('index');
  });
});

type Collection = ReturnType<Awaited<ReturnType<typeof runningApp>>['app']['model']['db']['collection']>;
