import type { mongo } from 'mongoose';
import { expect, it } from 'vitest';

import { freshDatabase } from '../../support/database.js';
import { feedOn, stored, take } from '../../support/feed.js';

it('a cursor from just after an index was built, or another collection was made, is one to go on from after a restart', async () => {
  await using database = await freshDatabase();
  const db = database.connection.db as unknown as mongo.Db;
  const collection = db.collection('task_trackers');
  const first = await feedOn(database.connection, { bookmarkIntervalMs: 100 });
  await collection.createIndex({ queueName: 1 });
  await db.createCollection('another');
  const given = first.cursor();
  // The place is refreshed while nothing happens.
  await expect.poll(() => first.cursor()).not.toBe(given);
  const cursor = first.cursor();
  await first.close();
  await collection.insertOne(stored('meanwhile'));
  const second = await feedOn(database.connection);
  const events = await take(second.subscribe({ after: cursor }), 1);
  expect(events[0]?.executionId).toBe('meanwhile');
  await second.close();
});
