import { describe, expect, it } from 'vitest';

import { imagesEnabled } from '../../../src/database/images.js';
import { runningApp } from '../../support/app.js';
import { freshDatabase } from '../../support/database.js';
import { stored } from '../../support/feed.js';
import { type Api, at, startApi, type Subscription } from './api.js';

const CHANGES = 'subscription ($filter: TaskFilter) { taskChanged(filter: $filter) { kind executionId status previousStatus lookedUp changedFields task { status retryCount } } }';

type Fields = Readonly<Record<string, unknown>>;

async function next(changes: Subscription): Promise<Fields> {
  const { data, errors } = await changes.next();
  expect(errors).toBeUndefined();
  return at<Fields>(data, 'taskChanged');
}

/** Moves an execution into FAILED, changes it there, out of it, and removes another one that is in it. */
async function livesOfTwo({ model }: Api): Promise<void> {
  const collection = model.collection;
  await collection.insertMany([stored('a'), stored('b', { status: 'failed' })] as never);
  await collection.updateOne({ executionId: 'a' }, { $set: { status: 'failed' } });
  await collection.updateOne({ executionId: 'a' }, { $set: { retryCount: 3 } });
  await collection.updateOne({ executionId: 'a' }, { $set: { status: 'archived' } });
  await collection.updateOne({ executionId: 'a' }, { $set: { retryCount: 4 } });
  await collection.deleteOne({ executionId: 'b' });
  await collection.insertOne(stored('end', { status: 'failed' }) as never);
}

describe('a list of FAILED that is watched', () => {
  it('is told exactly what enters, changes in, leaves and is removed from it', async () => {
    await using api = await startApi({ feed: { bookmarkIntervalMs: 3_600_000 } });
    await using changes = await api.subscribe(CHANGES, { filter: { status: ['FAILED'] } });
    await livesOfTwo(api);
    const seen: Fields[] = [];
    while (seen.at(-1)?.['executionId'] !== 'end') seen.push(await next(changes));
    expect(seen.slice(0, -1)).toEqual([
      { kind: 'CREATED', executionId: 'b', status: 'FAILED', previousStatus: null, lookedUp: false, changedFields: expect.arrayContaining(['status']), task: { status: 'FAILED', retryCount: 0 } },
      { kind: 'UPDATED', executionId: 'a', status: 'FAILED', previousStatus: 'QUEUED', lookedUp: false, changedFields: ['status'], task: { status: 'FAILED', retryCount: 0 } },
      { kind: 'UPDATED', executionId: 'a', status: 'FAILED', previousStatus: 'FAILED', lookedUp: false, changedFields: ['retryCount'], task: { status: 'FAILED', retryCount: 3 } },
      { kind: 'UPDATED', executionId: 'a', status: 'ARCHIVED', previousStatus: 'FAILED', lookedUp: false, changedFields: ['status'], task: { status: 'ARCHIVED', retryCount: 3 } },
      { kind: 'REMOVED', executionId: 'b', status: null, previousStatus: 'FAILED', lookedUp: false, changedFields: [], task: null },
    ]);
  });

  it('is told what leaves it also where the database keeps no pre-images: marked as looked up, no status before, no name of what is removed', async () => {
    await using api = await startApi({ feed: { preImages: false, bookmarkIntervalMs: 3_600_000 } });
    await using changes = await api.subscribe(CHANGES, { filter: { status: ['FAILED'] } });
    await livesOfTwo(api);
    const seen: Fields[] = [];
    while (seen.at(-1)?.['executionId'] !== 'end') seen.push(await next(changes));
    const updates = seen.filter(({ kind }) => kind === 'UPDATED');
    // What is looked up may already hold later changes; but each is marked, and the one that leaves is among them.
    expect(updates.length).toBeGreaterThanOrEqual(2);
    for (const update of updates) expect(update).toMatchObject({ executionId: 'a', previousStatus: null, lookedUp: true });
    expect(updates.at(-1)).toMatchObject({ status: 'ARCHIVED', task: { status: 'ARCHIVED' } });
    expect(seen.find(({ kind }) => kind === 'REMOVED')).toEqual({
      kind: 'REMOVED',
      executionId: null,
      status: null,
      previousStatus: null,
      lookedUp: false,
      changedFields: [],
      task: null,
    });
    expect(seen.find(({ kind }) => kind === 'CREATED')).toMatchObject({ executionId: 'b', lookedUp: false });
  });

  it('is told of an execution that was gone before it could be looked up', async () => {
    await using api = await startApi({ feed: { preImages: false, bookmarkIntervalMs: 3_600_000 } });
    const session = await api.model.db.startSession();
    await using changes = await api.subscribe(CHANGES);
    await api.insert('short');
    await next(changes);
    // Both at one instant: when the update is reported, the document is no more.
    await session.withTransaction(async () => {
      await api.model.collection.updateOne({ executionId: 'short' }, { $set: { status: 'failed' } }, { session });
      await api.model.collection.deleteOne({ executionId: 'short' }, { session });
    });
    await session.endSession();
    expect(await next(changes)).toEqual({ kind: 'UPDATED', executionId: null, status: null, previousStatus: null, lookedUp: true, changedFields: ['status'], task: null });
    expect(await next(changes)).toMatchObject({ kind: 'REMOVED' });
  });
});

describe('an application that starts on a collection which keeps no pre-images', () => {
  it('turns them on, and its first changes are exact', async () => {
    await using database = await freshDatabase();
    await database.connection.collection('task_trackers').insertOne(stored('old') as never);
    expect(await imagesEnabled(database.connection, 'task_trackers')).toBe(false);
    await using running = await runningApp({ mongodbUri: database.uri });
    expect(await imagesEnabled(database.connection, 'task_trackers')).toBe(true);
    const events = running.app.feed.subscribe({ bookmarks: false });
    await database.connection.collection('task_trackers').updateOne({ executionId: 'old' }, { $set: { status: 'processing' } });
    const { value } = await events.next();
    expect(value).toMatchObject({ kind: 'UPDATED', executionId: 'old', previousStatus: 'queued', status: 'processing', lookedUp: false });
    await events.return?.();
  });
});
