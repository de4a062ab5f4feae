import { describe, expect, inject, it } from 'vitest';

import { connectDatabase } from '../../../src/database/connect.js';
import { enableImages } from '../../../src/database/images.js';
import { ensureIndexes, indexSpecsOf } from '../../../src/database/indexes.js';
import { COLLECTION_NAME, createTaskTrackerModel } from '../../../src/model/task-tracker.js';
import { DEDUPLICATION_INDEX } from '../../../src/model/indexes.js';
import { freshDatabase, silentLogger } from '../../support/database.js';
import { openSecantus } from '../../support/embedded.js';

const DUPLICATE_KEY = 11_000;

describe('ensureIndexes', () => {
  it('builds all that the model declares, and finds them present the next time', async () => {
    await using database = await freshDatabase();
    const model = createTaskTrackerModel(database.connection);
    const specs = indexSpecsOf(model.schema);
    const built = await ensureIndexes(database.connection, COLLECTION_NAME, specs);
    expect(built.filter((report) => report.state !== 'built')).toEqual([]);
    const again = await ensureIndexes(database.connection, COLLECTION_NAME, specs);
    expect(again.filter((report) => report.state !== 'present')).toEqual([]);
    const { toCreate, toDrop } = await model.diffIndexes();
    expect({ toCreate, toDrop }).toEqual({ toCreate: [], toDrop: [] });
  });

  it('reports a unique index that the data violates, and builds the others', async () => {
    await using database = await freshDatabase();
    const collection = database.connection.collection(COLLECTION_NAME);
    await collection.insertMany([
      { taskId: 'a', status: 'queued', executionId: '1' },
      { taskId: 'a', status: 'processing', executionId: '2' },
    ]);
    const specs = indexSpecsOf(createTaskTrackerModel(database.connection).schema);
    const reports = await ensureIndexes(database.connection, COLLECTION_NAME, specs);
    const failed = reports.filter((report) => report.state === 'failed');
    expect(failed.map((report) => report.name)).toEqual([DEDUPLICATION_INDEX]);
    expect(failed[0]?.reason).toContain('already violate it');
    expect(await collection.countDocuments({})).toBe(2);
  });

  it('takes an index of another name for the same one, and drops nothing that it was not asked for', async () => {
    await using database = await freshDatabase();
    const collection = database.connection.collection('things');
    await collection.createIndex({ a: 1, b: -1 }, { name: 'mine' });
    await collection.createIndex({ c: 1 });
    const reports = await ensureIndexes(database.connection, 'things', [{ key: { a: 1, b: -1 } }, { key: { a: 1 } }]);
    expect(reports).toEqual([
      { name: 'a_1_b_-1', state: 'present' },
      { name: 'a_1', state: 'built' },
    ]);
    const names = (await collection.indexes()).map((index) => index.name);
    expect(names.sort()).toEqual(['_id_', 'a_1', 'c_1', 'mine']);
  });
});

describe('the deduplication index', () => {
  const race = async (uri: string) => {
    const connection = await connectDatabase(uri, { log: silentLogger() });
    try {
      const specs = indexSpecsOf(createTaskTrackerModel(connection).schema);
      await ensureIndexes(connection, COLLECTION_NAME, specs);
      const collection = connection.collection(COLLECTION_NAME);
      await collection.insertMany([
        { taskId: 't', executionId: 'old1', status: 'completed' },
        { taskId: 't', executionId: 'old2', status: 'failed' },
      ]);
      const insert = async (n: number) => {
        try {
          await collection.insertOne({ taskId: 't', executionId: `e${n}`, status: n % 2 === 0 ? 'queued' : 'processing' });
          return 'inserted';
        } catch (error) {
          return (error as { code?: number }).code;
        }
      };
      const outcomes = await Promise.all(Array.from({ length: 50 }, (_, n) => insert(n)));
      expect(outcomes.filter((outcome) => outcome === 'inserted')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === DUPLICATE_KEY)).toHaveLength(49);
      // A query that the partial index cannot answer whole must not be answered from it.
      expect(await collection.countDocuments({ taskId: 't' })).toBe(3);
      expect(await collection.find({ taskId: 't' }).limit(10).toArray()).toHaveLength(3);
      expect(await collection.find({ taskId: 't' }).sort({ enqueuedAt: -1, _id: -1 }).limit(10).toArray()).toHaveLength(3);
      expect(await collection.countDocuments({ taskId: 't', status: { $in: ['queued', 'processing'] } })).toBe(1);
      const moved = await collection.updateOne({ taskId: 't', status: { $in: ['queued', 'processing'] } }, { $set: { status: 'completed' } });
      expect(moved.modifiedCount).toBe(1);
      expect(await insert(100)).toBe('inserted');
      await expect(collection.updateOne({ executionId: 'old2' }, { $set: { status: 'queued' } })).rejects.toMatchObject({ code: DUPLICATE_KEY });
      await connection.dropDatabase();
    } finally {
      await connection.close();
    }
  };

  it('lets exactly one of 50 concurrent active executions in, beside the plain index on the same field', async () => {
    await using database = await freshDatabase();
    await race(database.uri);
  });

  it('does so on the embedded database without our patches too', async ({ skip }) => {
    if (!inject('embedded')) skip('the run has MONGODB_URI: no embedded database is installed');
    const unpatched = await openSecantus({ unpatched: true });
    await race(unpatched.uri);
    await unpatched.close();
  });
});

describe('enableImages', () => {
  it('creates a missing collection with images, and says so only once', async () => {
    await using database = await freshDatabase();
    expect(await enableImages(database.connection, 'things')).toBe('enabled');
    expect(await enableImages(database.connection, 'things')).toBe('already');
  });

  it('turns them on for a collection that exists, and the stream then has both images', async () => {
    await using database = await freshDatabase();
    const collection = database.connection.collection<{ n: number }>('things');
    const { insertedId } = await collection.insertOne({ n: 1 });
    expect(await enableImages(database.connection, 'things')).toBe('enabled');
    const stream = collection.watch([], { fullDocument: 'required', fullDocumentBeforeChange: 'required' });
    await stream.tryNext();
    await collection.updateOne({ _id: insertedId }, { $set: { n: 2 } });
    const event = await stream.next();
    expect(event).toMatchObject({ fullDocument: { n: 2 }, fullDocumentBeforeChange: { n: 1 } });
    await stream.close();
  });
});
