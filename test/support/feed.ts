import type mongoose from 'mongoose';
import type { mongo } from 'mongoose';

import { MongoChangeSource } from '../../src/feed/change-source.js';
import { createFeed, type FeedOptions, type RunningFeed } from '../../src/feed/feed.js';
import type { FeedState, TaskChangeEvent } from '../../src/feed/types.js';
import { silentLogger } from './database.js';

export interface TestFeedOptions extends Partial<FeedOptions> {
  readonly preImages?: boolean;
}

/** A started feed on the `task_trackers` of this connection, which is created if it is missing. */
export async function feedOn(connection: mongoose.Connection, options: TestFeedOptions = {}): Promise<RunningFeed> {
  const db = connection.db as unknown as mongo.Db;
  const preImages = options.preImages ?? true;
  const source = new MongoChangeSource({
    collection: db.collection('task_trackers'),
    preparePreImages: async () => {
      await db.createCollection('task_trackers').catch(() => undefined);
      await db.command({ collMod: 'task_trackers', changeStreamPreAndPostImages: { enabled: preImages } });
      return preImages;
    },
  });
  const feed = createFeed({ source, namespace: `${db.databaseName}.task_trackers`, log: silentLogger(), ...options });
  await feed.start();
  return feed;
}

/** A document as a worker of the original model would have stored it. */
export function stored(executionId: string, fields: Record<string, unknown> = {}): Record<string, unknown> {
  const now = new Date();
  return {
    taskId: `jobs:${executionId}`,
    executionId,
    queueName: 'jobs',
    messageVersion: '1.0',
    status: 'queued',
    enqueuedAt: now,
    retryCount: 0,
    maxRetries: 5,
    createdAt: now,
    updatedAt: now,
    ...fields,
  };
}

/** The next `count` events, bookmarks left out. */
export async function take(events: AsyncIterator<TaskChangeEvent>, count: number): Promise<TaskChangeEvent[]> {
  const taken: TaskChangeEvent[] = [];
  while (taken.length < count) {
    const result = await events.next();
    if (result.done) throw new Error(`the feed ended after ${taken.length} of ${count} events`);
    if (result.value.kind !== 'BOOKMARK') taken.push(result.value);
  }
  return taken;
}

export async function untilState(feed: RunningFeed, state: FeedState): Promise<void> {
  for await (const status of feed.watchStatus()) if (status.state === state) return;
  throw new Error(`the feed closed before it was ${state}`);
}
