import type { mongo } from 'mongoose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { FeedClosedError, ResyncRequiredError, SlowConsumerError } from '../../../src/feed/errors.js';
import type { RunningFeed } from '../../../src/feed/feed.js';
import type { FeedState, TaskChangeEvent } from '../../../src/feed/types.js';
import { InvalidInputError } from '../../../src/model/errors.js';
import { freshDatabase, type FreshDatabase } from '../../support/database.js';
import { feedOn, stored, take, untilState } from '../../support/feed.js';

let database: FreshDatabase;
let collection: mongo.Collection;
const feeds: RunningFeed[] = [];

async function started(options: Parameters<typeof feedOn>[1] = {}): Promise<RunningFeed> {
  const feed = await feedOn(database.connection, options);
  feeds.push(feed);
  return feed;
}

beforeEach(async () => {
  database = await freshDatabase();
  collection = database.connection.collection('task_trackers') as unknown as mongo.Collection;
});

afterEach(async () => {
  for (const feed of feeds.splice(0)) await feed.close();
  await database.close();
});

describe('the feed', () => {
  it('tells of an execution that is created, changed, replaced and removed, with the status before and the changed fields', async () => {
    const feed = await started();
    const events = feed.subscribe();
    const { insertedId } = await collection.insertOne(stored('e1', { metadata: { a: { b: 1 } } }));
    await collection.updateOne({ _id: insertedId }, { $set: { status: 'processing', 'metadata.a.b': 2 }, $unset: { maxRetries: 1 } });
    await collection.replaceOne({ _id: insertedId }, stored('e1', { status: 'completed', metadata: { a: { b: 2 } } }));
    await collection.deleteOne({ _id: insertedId });

    const [created, updated, replaced, removed] = await take(events, 4);
    expect(created).toMatchObject({ kind: 'CREATED', executionId: 'e1', status: 'queued', previousStatus: null, lookedUp: false });
    expect(created?.changedFields).toContain('taskId');
    expect(updated).toMatchObject({ kind: 'UPDATED', status: 'processing', previousStatus: 'queued', lookedUp: false });
    expect([...(updated?.changedFields ?? [])].sort()).toEqual(['maxRetries', 'metadata.a.b', 'status']);
    expect(updated?.task?.metadata).toEqual({ a: { b: 2 } });
    expect(updated?.before?.metadata).toEqual({ a: { b: 1 } });
    expect(replaced).toMatchObject({ kind: 'UPDATED', status: 'completed', previousStatus: 'processing' });
    expect(replaced?.changedFields).toContain('status');
    expect(removed).toMatchObject({ kind: 'REMOVED', executionId: 'e1', task: null, status: null, previousStatus: 'completed' });
  });

  it('shows each change as of that change, even when many follow at once', async () => {
    const feed = await started();
    const events = feed.subscribe();
    await collection.insertOne(stored('e1'));
    await Promise.all(Array.from({ length: 40 }, (_, n) => collection.updateOne({ executionId: 'e1' }, { $set: { retryCount: n + 1 }, $push: { 'metadata.seen': n } as never })));
    const seen = (await take(events, 41)).slice(1);
    seen.forEach((event, index) => {
      expect((event.task?.metadata['seen'] as unknown[]).length).toBe(index + 1);
      expect(event.lookedUp).toBe(false);
    });
  });

  it('delivers the change that makes an execution leave a filter', async () => {
    const feed = await started();
    const failed = (event: TaskChangeEvent): boolean => event.status === 'failed' || event.previousStatus === 'failed';
    const events = feed.subscribe({ accepts: failed });
    await collection.insertOne(stored('e1'));
    await collection.updateOne({ executionId: 'e1' }, { $set: { status: 'failed' } });
    await collection.updateOne({ executionId: 'e1' }, { $set: { status: 'archived' } });
    expect((await take(events, 2)).map(({ status }) => status)).toEqual(['failed', 'archived']);
  });

  it('replays from memory what happened after a cursor, and goes on live', async () => {
    const feed = await started();
    const first = feed.subscribe();
    for (let n = 0; n < 5; n += 1) await collection.insertOne(stored(`e${n}`));
    const seen = await take(first, 5);
    const later = feed.subscribe({ after: seen[1]?.cursor });
    await collection.insertOne(stored('e5'));
    expect((await take(later, 4)).map(({ executionId }) => executionId)).toEqual(['e2', 'e3', 'e4', 'e5']);
  });

  it('misses nothing after a cursor that memory no longer reaches', async () => {
    const feed = await started({ ringEvents: 3 });
    const before = feed.cursor();
    const witness = feed.subscribe();
    for (let n = 0; n < 20; n += 1) await collection.insertOne(stored(`e${n}`));
    await take(witness, 20);
    const events = feed.subscribe({ after: before });
    await collection.insertOne(stored('last'));
    const seen = (await take(events, 21)).map(({ executionId }) => executionId);
    expect(seen).toEqual([...Array.from({ length: 20 }, (_, n) => `e${n}`), 'last']);
  });

  it('takes a cursor from before a restart, while others are writing', async () => {
    const first = await started();
    const before = first.cursor();
    for (let n = 0; n < 10; n += 1) await collection.insertOne(stored(`e${n}`));
    await first.close();
    const second = await started();
    let writing = true;
    let written = 10;
    const writer = (async () => {
      while (writing) await collection.insertOne(stored(`e${written++}`));
    })();
    const events = second.subscribe({ after: before });
    const seen: (string | null)[] = [];
    for await (const event of events) {
      seen.push(event.executionId);
      if (seen.length === 40) break;
    }
    writing = false;
    await writer;
    expect(seen).toEqual(Array.from({ length: 40 }, (_, n) => `e${n}`));
  });

  it('does not repeat an event to a reader whose cursor another application gave', async () => {
    const [one, two] = [await started(), await started()];
    const [a, b] = [one.subscribe(), two.subscribe()];
    for (let n = 0; n < 6; n += 1) await collection.insertOne(stored(`e${n}`));
    const seen = await take(a, 6);
    await take(b, 6);
    const events = two.subscribe({ after: seen[2]?.cursor });
    await collection.insertOne(stored('e6'));
    expect((await take(events, 4)).map(({ executionId }) => executionId)).toEqual(['e3', 'e4', 'e5', 'e6']);
  });

  it('lets readers with old cursors wait for one another when many come at once', async () => {
    const feed = await started({ ringEvents: 2, concurrentCatchUps: 2 });
    const before = feed.cursor();
    const witness = feed.subscribe();
    for (let n = 0; n < 8; n += 1) await collection.insertOne(stored(`e${n}`));
    await take(witness, 8);
    const readers = Array.from({ length: 9 }, () => feed.subscribe({ after: before }));
    for (const reader of readers) expect((await take(reader, 8)).at(-1)?.executionId).toBe('e7');
    expect(feed.status().subscribers).toBe(10);
  });

  it('sends a BOOKMARK to a reader whose filter is quiet, and its cursor is good to go on from', async () => {
    const feed = await started({ bookmarkIntervalMs: 100 });
    const quiet = feed.subscribe({ accepts: () => false });
    await collection.insertOne(stored('e1'));
    const { value: bookmark } = await quiet.next();
    expect(bookmark).toMatchObject({ kind: 'BOOKMARK', executionId: null, task: null });
    const events = feed.subscribe({ after: (bookmark as TaskChangeEvent).cursor, bookmarks: false });
    await collection.insertOne(stored('e2'));
    expect((await take(events, 1))[0]?.executionId).toBe('e2');
  });

  it('ends a reader that does not read, and its cursor misses nothing', async () => {
    const feed = await started({ subscriberQueue: 5 });
    const slow = feed.subscribe();
    const witness = feed.subscribe();
    for (let n = 0; n < 8; n += 1) {
      await collection.insertOne(stored(`e${n}`));
      await take(witness, 1);
    }
    const error = await slow.next().catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(SlowConsumerError);
    const again = feed.subscribe({ after: (error as SlowConsumerError).cursor });
    expect((await take(again, 8)).map(({ executionId }) => executionId)).toEqual(Array.from({ length: 8 }, (_, n) => `e${n}`));
  });

  it('tells every reader to list again when the collection is dropped, and goes on with the new one', async () => {
    const feed = await started();
    await collection.insertOne(stored('e1'));
    const states: FeedState[] = [];
    const watching = (async () => {
      for await (const { state } of feed.watchStatus()) states.push(state);
    })();
    const before = feed.cursor();
    const events = feed.subscribe();
    await collection.drop();
    const failure = (async () => {
      for await (const event of events) void event;
    })();
    await expect(failure).rejects.toBeInstanceOf(ResyncRequiredError);
    await untilState(feed, 'LIVE');
    expect(feed.status().resyncs).toBe(1);
    const next = feed.subscribe({ after: feed.cursor() });
    await collection.insertOne(stored('e2'));
    const [event] = await take(next, 1);
    expect(event).toMatchObject({ executionId: 'e2' });
    const replayed = (async () => {
      for await (const past of feed.subscribe({ after: before })) expect(past.executionId).toBe('e1');
    })();
    await expect(replayed).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' });
    await feed.close();
    await watching;
    expect(states).toContain('RESYNCING');
  });

  it('refuses a cursor that is none, or is of another collection, before anything is opened', async () => {
    const feed = await started();
    expect(() => feed.subscribe({ after: 'nonsense' })).toThrow(InvalidInputError);
    const other = await freshDatabase();
    const foreign = await feedOn(other.connection);
    expect(() => feed.subscribe({ after: foreign.cursor() })).toThrow(/another collection/);
    await foreign.close();
    await other.close();
  });

  it('ends its readers when it is closed', async () => {
    const feed = await started();
    const ended = expect(feed.subscribe().next()).rejects.toBeInstanceOf(FeedClosedError);
    await feed.close();
    await ended;
    expect(() => feed.subscribe()).toThrow(FeedClosedError);
  });

  it('shows documents that lack fields or hold strange values', async () => {
    const feed = await started();
    const events = feed.subscribe();
    await collection.insertOne({ status: 'weird', retryCount: 'three', metadata: [1] });
    const [event] = await take(events, 1);
    expect(event).toMatchObject({ kind: 'CREATED', status: 'unknown' });
    expect(event?.task?.irregularities.length).toBeGreaterThan(2);
  });
});

describe('the feed without pre-images', () => {
  it('looks the document up and says so, and does not invent a previous status', async () => {
    const feed = await started({ preImages: false });
    const events = feed.subscribe();
    await collection.insertOne(stored('e1'));
    await collection.updateOne({ executionId: 'e1' }, { $set: { status: 'processing' } });
    await collection.deleteOne({ executionId: 'e1' });
    const [, updated, removed] = await take(events, 3);
    expect(updated).toMatchObject({ kind: 'UPDATED', previousStatus: null, lookedUp: true });
    expect(removed).toMatchObject({ kind: 'REMOVED', executionId: null, task: null });
  });
});
