import { describe, expect, it } from 'vitest';

import { ensureIndexes, indexSpecsOf } from '../../../src/database/indexes.js';
import { COLLECTION_NAME, createTaskTrackerModel } from '../../../src/model/task-tracker.js';
import { freshDatabase } from '../../support/database.js';
import { oldMongoose, startOldWorker } from './old-model.js';

async function startBoth(order: 'ours first' | 'the old one first' | 'both at once') {
  const database = await freshDatabase();
  const model = createTaskTrackerModel(database.connection);
  const ours = () => ensureIndexes(database.connection, COLLECTION_NAME, indexSpecsOf(model.schema));
  if (order === 'ours first') await ours();
  const old = startOldWorker(database.uri);
  if (order === 'both at once') await Promise.all([ours(), old.started]);
  await old.started;
  const reports = await ours();
  const close = async () => {
    await old.close();
    await database.close();
  };
  return { database, model, old, reports, ours, [Symbol.asyncDispose]: close };
}

describe('the indexes of the old model and of ours on one collection', () => {
  it('are read with mongoose 8 and 9', () => {
    expect(oldMongoose.version).toMatch(/^8\./);
  });

  it.each(['ours first', 'the old one first', 'both at once'] as const)('fit together when started %s', async (order) => {
    await using both = await startBoth(order);
    expect(both.reports.filter(({ state }) => state === 'failed')).toEqual([]);
    const old = await both.old.model.diffIndexes();
    expect(old.toCreate).toEqual([]);
    expect(old.toDrop.filter((name) => !name.startsWith('tasktracker_'))).toEqual([]);
    expect(old.toDrop).not.toEqual([]);
    expect(await both.model.diffIndexes()).toEqual({ toDrop: [], toCreate: [] });
  });

  it('come back after the old model synchronised its own and dropped ours', async () => {
    await using both = await startBoth('ours first');
    const dropped = await both.old.model.syncIndexes();
    expect(dropped.every((name) => name.startsWith('tasktracker_'))).toBe(true);
    expect((await both.model.diffIndexes()).toCreate).toHaveLength(dropped.length);
    const rebuilt = (await both.ours()).filter(({ state }) => state === 'built');
    expect(rebuilt.map(({ name }) => name).sort()).toEqual([...dropped].sort());
    expect(await both.model.diffIndexes()).toEqual({ toDrop: [], toCreate: [] });
  });

  it('do not keep the old worker from starting where a task has two active executions', async () => {
    await using database = await freshDatabase();
    const model = createTaskTrackerModel(database.connection);
    for (const executionId of ['a', 'b']) {
      await model.collection.insertOne({ executionId, taskId: 'twice', queueName: 'q', status: 'queued' });
    }
    const reports = await ensureIndexes(database.connection, COLLECTION_NAME, indexSpecsOf(model.schema));
    expect(reports.filter(({ state }) => state === 'failed').map(({ name }) => name)).toEqual(['tasktracker_active_taskId']);
    const old = startOldWorker(database.uri);
    try {
      await old.started;
      expect((await old.model.diffIndexes()).toCreate).toEqual([]);
    } finally {
      await old.close();
    }
  });
});
