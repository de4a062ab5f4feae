import { setImmediate as nextTurn } from 'node:timers/promises';

import type { mongo } from 'mongoose';
import { expect, it } from 'vitest';

import { type CollectionChange, CollectionWatch } from '../../../src/feed/collection-watch.js';
import { freshDatabase, silentLogger } from '../../support/database.js';

it.each(['dropped', 'renamed'] as const)('listeners of a collection that is %s are told that anything may have changed, and of what is written after', async (how) => {
  await using database = await freshDatabase();
  const db = database.connection.db as unknown as mongo.Db;
  const collection = db.collection<{ _id: string }>('watched');
  const told: CollectionChange[] = [];
  const watch = new CollectionWatch({ collection: () => db.collection('watched'), log: silentLogger() });
  watch.listen((change) => told.push(change));
  const ids = () => told.flatMap((change) => (change === 'anything' ? [] : [change.id]));
  await expect.poll(() => told).toEqual(['anything']);
  await collection.insertOne({ _id: 'before' });
  await expect.poll(ids).toEqual(['before']);

  const standing = told.length;
  await (how === 'dropped' ? collection.drop() : collection.rename('elsewhere'));
  // Of what was done to it, of the end of the stream, and of the new one.
  await expect.poll(() => told.slice(standing)).toEqual(['anything', 'anything', 'anything']);
  await collection.insertOne({ _id: 'after' });
  await expect.poll(ids).toEqual(['before', 'after']);

  // Nothing is asked over and over again: the process has time for others.
  const since = performance.now();
  for (let turn = 0; turn < 10; turn += 1) await nextTurn();
  expect(performance.now() - since).toBeLessThan(1_000);
  await watch.close();
});
