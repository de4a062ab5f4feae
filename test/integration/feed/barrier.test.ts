import { setTimeout as delay } from 'node:timers/promises';

import { expect, it } from 'vitest';

import { createAppFeed } from '../../../src/app/app-feed.js';
import { freshDatabase, silentLogger } from '../../support/database.js';
import { Writers } from '../../support/exact-statistics.js';

it('a barrier falls also on a collection that is never quiet, and everything before it has come by then', async () => {
  await using database = await freshDatabase();
  const { feed } = createAppFeed(database.connection, { feedRingSize: 1_000, subscriberQueue: 1_000, bookmarkIntervalMs: 10_000 }, silentLogger());
  await feed.start();
  try {
    const seen = new Set<unknown>();
    feed.tap({ onEvent: ({ documentId }) => seen.add(documentId), onLost: () => undefined });
    await using writers = new Writers(database.connection, 61, 4);
    for (let index = 0; index < 5; index += 1) {
      const _id = `before-${index}`;
      await database.connection.collection('task_trackers').insertOne({ _id: _id as never });
      // Longer than two answers to a quiet stream take: those must not be what makes it fall.
      expect(await Promise.race([feed.barrier().then(() => 'fell'), delay(5_000, 'late')])).toBe('fell');
      expect(seen.has(_id)).toBe(true);
    }
    expect(writers.writes).toBeGreaterThan(5);
  } finally {
    await feed.close();
  }
});
