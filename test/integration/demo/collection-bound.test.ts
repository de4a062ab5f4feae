import { describe, expect, it } from 'vitest';

import { keepBelow } from '../../../src/demo/collection-bound.js';
import { DEMO_DATABASE, withDemoDatabase } from '../../../src/demo/demo-database.js';
import { freshDatabase } from '../../support/database.js';

describe('the bound of the collection', () => {
  it('deletes the oldest settled executions, and active ones never', async () => {
    await using database = await freshDatabase();
    const collection = database.connection.collection<{ n: number }>('task_trackers');
    const statuses = ['queued', 'completed', 'processing', 'failed', 'dlq', 'archived'];
    await collection.insertMany(
      Array.from({ length: 600 }, (_, n) => ({ n, executionId: `e${n}`, status: statuses[n % statuses.length], enqueuedAt: new Date(n * 1000) })),
    );

    expect(await keepBelow(database.connection, 350)).toBe(250);

    expect(await collection.countDocuments({ status: { $in: ['queued', 'processing'] } })).toBe(200);
    const [oldest] = await collection.find({ status: 'completed' }).sort({ enqueuedAt: 1 }).toArray();
    expect(oldest?.n).toBeGreaterThan(350);
    expect(await keepBelow(database.connection, 350)).toBe(0);
  });

  it('ends when only active executions are left', async () => {
    await using database = await freshDatabase();
    const collection = database.connection.collection('task_trackers');
    await collection.insertMany(Array.from({ length: 10 }, (_, n) => ({ executionId: `e${n}`, status: 'queued', enqueuedAt: new Date() })));
    expect(await keepBelow(database.connection, 5)).toBe(0);
  });
});

describe('the database of the demonstration', () => {
  it.each([
    ['mongodb://h:1/', `mongodb://h:1/${DEMO_DATABASE}`],
    ['mongodb://h:1/theirs?replicaSet=rs0', `mongodb://h:1/${DEMO_DATABASE}?replicaSet=rs0`],
    ['mongodb://u:p@h1,h2/theirs', `mongodb://u:p@h1,h2/${DEMO_DATABASE}?authSource=theirs`],
    ['mongodb://u:p@h', `mongodb://u:p@h/${DEMO_DATABASE}?authSource=admin`],
    ['mongodb+srv://u:p@h/theirs?authSource=x&w=1', `mongodb+srv://u:p@h/${DEMO_DATABASE}?authSource=x&w=1`],
  ])('takes the place of the one in %s', (uri, expected) => {
    expect(withDemoDatabase(uri)).toBe(expected);
  });
});
