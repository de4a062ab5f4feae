import { describe, expect, it } from 'vitest';

import { ensureIndexes, indexSpecsOf } from '../../../src/database/indexes.js';
import { COLLECTION_NAME, createTaskTrackerModel } from '../../../src/model/task-tracker.js';
import { freshDatabase, type FreshDatabase } from '../../support/database.js';

interface Task {
  executionId: string;
  taskId: string;
  queueName: string;
  status: string;
  enqueuedAt: Date;
  claims: number;
}

const tasks = async ({ connection }: FreshDatabase, count: number) => {
  await ensureIndexes(connection, COLLECTION_NAME, indexSpecsOf(createTaskTrackerModel(connection).schema));
  const collection = connection.collection<Task>(COLLECTION_NAME);
  await collection.insertMany(
    Array.from({ length: count }, (_, n) => ({
      executionId: `e${n}`,
      taskId: `t${n}`,
      queueName: 'q',
      status: 'queued',
      enqueuedAt: new Date(1e12 + Math.floor(n / 4) * 1_000),
      claims: 0,
    })),
  );
  return collection;
};

describe('the database under concurrent callers', () => {
  it('hands each queued task to exactly one of many claimers', async () => {
    await using database = await freshDatabase();
    const collection = await tasks(database, 80);
    const claimed: string[] = [];
    const claimer = async () => {
      for (;;) {
        const task = await collection.findOneAndUpdate(
          { queueName: 'q', status: 'queued' },
          { $set: { status: 'processing' }, $inc: { claims: 1 } },
          { sort: { enqueuedAt: 1 } },
        );
        if (task === null) return;
        claimed.push(task.executionId);
      }
    };
    await Promise.all(Array.from({ length: 8 }, claimer));
    expect(claimed).toHaveLength(80);
    expect(new Set(claimed).size).toBe(80);
    expect(await collection.countDocuments({ claims: { $ne: 1 } })).toBe(0);
  });

  it('lets exactly one of 50 conditional updates through', async () => {
    await using database = await freshDatabase();
    const collection = await tasks(database, 5);
    const start = () => collection.updateOne({ status: 'queued', executionId: 'e3' }, { $set: { status: 'processing' }, $inc: { claims: 1 } });
    const results = await Promise.all(Array.from({ length: 50 }, start));
    expect(results.filter((result) => result.modifiedCount === 1)).toHaveLength(1);
    expect(await collection.findOne({ executionId: 'e3' })).toMatchObject({ claims: 1 });
  });

  it('shows a transaction its own writes and nobody else, in pages and counts too', async () => {
    await using database = await freshDatabase();
    const collection = await tasks(database, 20);
    const session = database.connection.getClient().startSession();
    try {
      session.startTransaction();
      const task = { executionId: 'new', taskId: 'new', queueName: 'q', status: 'queued', enqueuedAt: new Date(2e12), claims: 0 };
      await collection.insertOne(task, { session });
      await collection.updateOne({ executionId: 'e0' }, { $set: { status: 'completed' } }, { session });
      const filter = { queueName: 'q', status: 'queued' };
      const newest = async (options: { session?: typeof session }) => {
        const [first] = await collection.find(filter, options).sort({ enqueuedAt: -1, _id: -1 }).limit(1).toArray();
        return first?.executionId;
      };
      expect(await newest({ session })).toBe('new');
      expect(await newest({})).not.toBe('new');
      expect(await collection.countDocuments(filter, { session })).toBe(20);
      expect(await collection.countDocuments(filter)).toBe(20);
      expect(await collection.countDocuments({ executionId: 'new' }, { session })).toBe(1);
      expect(await collection.countDocuments({ executionId: 'new' })).toBe(0);
      expect(await collection.findOne({ executionId: 'e0' })).toMatchObject({ status: 'queued' });
      await session.abortTransaction();
      expect(await collection.findOne({ executionId: 'new' })).toBeNull();
      expect(await collection.findOne({ executionId: 'e0' })).toMatchObject({ status: 'queued' });
    } finally {
      await session.endSession();
    }
  });

  it('keeps pages ordered and free of doubles while rows move', async () => {
    await using database = await freshDatabase();
    const collection = await tasks(database, 200);
    let writing = true;
    let pages = 0;
    const reader = async () => {
      while (writing) {
        const page = await collection
          .find({ queueName: 'q', status: { $in: ['queued', 'processing'] } })
          .sort({ enqueuedAt: -1, _id: -1 })
          .limit(50)
          .toArray();
        pages += 1;
        const instants = page.map((task) => task.enqueuedAt.getTime());
        expect(instants).toEqual([...instants].sort((a, b) => b - a));
        expect(new Set(page.map((task) => task.executionId)).size).toBe(page.length);
      }
    };
    const writer = async (from: number) => {
      for (let n = 0; n < 40; n++) {
        const update = { status: n % 2 === 0 ? 'processing' : 'queued', enqueuedAt: new Date(1e12 + n * 7_000) };
        await collection.updateOne({ executionId: `e${from + n}` }, { $set: update });
      }
    };
    const readers = [reader(), reader()];
    await Promise.all([writer(0), writer(40), writer(80), writer(120)]);
    writing = false;
    await Promise.all(readers);
    expect(pages).toBeGreaterThan(1);
  });
});
