import { createRequire } from 'node:module';
import path from 'node:path';

import type mongoose from 'mongoose';
import { describe, expect, it } from 'vitest';

import { ensureIndexes, indexSpecsOf } from '../../../src/database/indexes.js';
import { createTaskTrackerModel, COLLECTION_NAME } from '../../../src/model/task-tracker.js';
import { freshDatabase } from '../../support/database.js';

// The worker's own mongoose 8, as its own package folder resolves it.
const ofOldWorker = createRequire(path.resolve(import.meta.dirname, '../../../demo/old-worker/worker.js'));
const mongoose8 = ofOldWorker('mongoose') as typeof mongoose;
const { createTaskTracker } = ofOldWorker('./model/task_tracker.js') as { createTaskTracker: (connection: unknown) => mongoose.Model<unknown> };

describe('the old-style worker', () => {
  it.each([['before'], ['after']])('builds its indexes when it starts %s TaskTracker', async (when) => {
    await using database = await freshDatabase();
    const ours = createTaskTrackerModel(database.connection);
    const ensure = () => ensureIndexes(database.connection, COLLECTION_NAME, indexSpecsOf(ours.schema));
    const old = await mongoose8.createConnection(database.uri).asPromise();
    try {
      if (when === 'after') await ensure();
      const model = createTaskTracker(old);
      await model.init();
      const reports = await ensure();
      expect(reports.filter(({ state }) => state === 'failed')).toEqual([]);
      expect((await model.diffIndexes()).toCreate).toEqual([]);
      expect((await ours.diffIndexes()).toDrop).toEqual([]);
    } finally {
      await old.close();
    }
  });
});
