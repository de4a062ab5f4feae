import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { createTaskTrackerModel, type TaskTrackerModel } from '../../../src/model/task-tracker.js';
import { createAggregateStatistics } from '../../../src/stats/aggregate.js';
import type { QueueFigures } from '../../../src/stats/types.js';
import { type FreshDatabase, freshDatabase } from '../../support/database.js';

const now = new Date('2026-01-01T12:00:00Z');
const ago = (ms: number) => new Date(now.getTime() - ms);

describe('Statistics by aggregation', () => {
  let database: FreshDatabase;
  let model: TaskTrackerModel;
  let statistics: QueueFigures;
  const commands: string[] = [];

  beforeAll(async () => {
    database = await freshDatabase({ monitorCommands: true });
    model = createTaskTrackerModel(database.connection);
    statistics = createAggregateStatistics({ model, clock: () => now });
    await model.createCollection();
    await model.collection.createIndex({ queueName: 1, status: 1, enqueuedAt: -1, _id: -1 });
    database.connection.getClient().on('commandStarted', ({ commandName }) => commands.push(commandName));
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await model.collection.deleteMany({});
  });

  async function insert(...documents: readonly Record<string, unknown>[]): Promise<void> {
    await model.collection.insertMany(documents.map((document) => ({ ...document })) as never[]);
    commands.length = 0;
  }

  it('count a queue by status, what is none of the six as unknown', async () => {
    await insert(
      { queueName: 'a', status: 'queued' },
      { queueName: 'a', status: 'queued' },
      { queueName: 'a', status: 'dlq' },
      { queueName: 'a', status: 'QUEUED' },
      { queueName: 'a', status: { $gt: '' } },
      { queueName: 'a', status: null },
      { queueName: 'a' },
      { queueName: 'b', status: 'queued' },
      { status: 'queued' },
    );
    expect(await statistics.queueCounts('a')).toEqual({
      queueName: 'a', queued: 2, processing: 0, completed: 0, failed: 0, dlq: 1, archived: 0, unknown: 4, total: 7, asOf: now, exact: true, source: 'AGGREGATE',
    });
  });

  it('are all zero for a queue that no document names', async () => {
    await insert({ queueName: 'a' });
    expect(await statistics.queueCounts('{"$gt": ""}')).toMatchObject({ queueName: '{"$gt": ""}', queued: 0, unknown: 0, total: 0, exact: true });
  });

  it('count many queues in one read, in the order asked, whatever their number', async () => {
    const names = Array.from({ length: 120 }, (_, index) => `queue-${index}`);
    await insert(...names.flatMap((queueName) => [{ queueName, status: 'queued' }, { queueName, status: 'failed' }]));
    const asked = [...names].reverse().concat('none', 'queue-0');
    const counts = await statistics.manyQueueCounts(asked);
    expect(commands).toEqual(['aggregate']);
    expect(counts.map(({ queueName }) => queueName)).toEqual(asked);
    expect(counts[0]).toMatchObject({ queued: 1, failed: 1, total: 2 });
    expect(counts.at(-2)).toMatchObject({ total: 0 });
    expect(counts.at(-1)).toMatchObject({ total: 2 });
    expect(await statistics.manyQueueCounts([])).toEqual([]);
  });

  it('count a document that lists several queues for each of them, as filters find it', async () => {
    await insert({ queueName: ['a', 'b', 'a'], status: 'queued' }, { queueName: 'a', status: 'queued' });
    expect((await statistics.manyQueueCounts(['a', 'b'])).map(({ queued }) => queued)).toEqual([2, 1]);
  });

  it('name all queues, sorted, passing over names that are no strings', async () => {
    await insert({ queueName: 'b' }, { queueName: 'A' }, { queueName: 'a' }, { queueName: 'a' }, { queueName: 7 }, { queueName: true }, { queueName: null }, {});
    expect(await statistics.queueNames()).toEqual(['A', 'a', 'b']);
    expect(commands).toEqual(['aggregate']);
  });

  it('select names by a plain substring in any case, never by a pattern', async () => {
    await insert({ queueName: 'dev_partner_tasks' }, { queueName: 'Partner.Jobs' }, { queueName: 'a.*b' }, { queueName: 'axxb' });
    expect(await statistics.queueNames('PARTNER')).toEqual(['Partner.Jobs', 'dev_partner_tasks']);
    expect(await statistics.queueNames('a.*b')).toEqual(['a.*b']);
    expect(await statistics.queueNames('r.j')).toEqual(['Partner.Jobs']);
    expect(await statistics.queueNames('none')).toEqual([]);
  });

  it('know since when the longest-waiting execution of each queue is queued, in one read', async () => {
    await insert(
      { queueName: 'a', status: 'queued', enqueuedAt: ago(5) },
      { queueName: 'a', status: 'queued', enqueuedAt: ago(9) },
      { queueName: 'a', status: 'queued', enqueuedAt: 'yesterday' },
      { queueName: 'a', status: 'queued' },
      { queueName: 'a', status: 'completed', enqueuedAt: ago(50) },
      { queueName: 'b', status: 'completed', enqueuedAt: ago(50) },
    );
    expect(await statistics.oldestQueuedAt(['b', 'a', 'none'])).toEqual([null, ago(9), null]);
    expect(commands).toEqual(['aggregate']);
  });

  it('count what has been processing for longer than the time-out in each queue, in one read', async () => {
    await insert(
      { queueName: 'a', status: 'processing', processingStartedAt: ago(11) },
      { queueName: 'a', status: 'processing', processingStartedAt: ago(10) },
      { queueName: 'a', status: 'processing', processingStartedAt: null },
      { queueName: 'a', status: 'failed', processingStartedAt: ago(99) },
      { queueName: 'b', status: 'processing', processingStartedAt: ago(99) },
    );
    expect(await statistics.stuckCounts(['none', 'b', 'a'], 10)).toEqual([0, 1, 1]);
    expect(commands).toEqual(['aggregate']);
  });

  it('refuse objects for names, and time-outs that are none', async () => {
    await expect(statistics.queueCounts({ $ne: '' } as unknown as string)).rejects.toMatchObject({ code: 'INVALID_INPUT', field: ['queueName'] });
    await expect(statistics.queueNames({ $regex: '.' } as unknown as string)).rejects.toMatchObject({ field: ['nameContains'] });
    await expect(statistics.stuckCounts(['a'], Number.NaN)).rejects.toMatchObject({ field: ['timeoutMs'] });
  });
});
