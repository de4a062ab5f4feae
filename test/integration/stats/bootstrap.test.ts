import type mongoose from 'mongoose';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { connectDatabase } from '../../../src/database/connect.js';
import { createAggregateStatistics } from '../../../src/stats/aggregate.js';
import { ScanReader } from '../../../src/stats/scan-reader.js';
import { type FreshDatabase, freshDatabase, silentLogger } from '../../support/database.js';
import { expectExact, seedTasks, Writers } from '../../support/exact-statistics.js';
import { Random } from '../../support/random-tasks.js';
import { statisticsOn, untilStatistics } from '../../support/statistics.js';
import { tcpProxy } from '../../support/tcp-proxy.js';

/** Chunks are read as ever, but come back late: what happened since the read is delivered first. */
function delayReads(random: Random): void {
  const original = ScanReader.prototype.read;
  vi.spyOn(ScanReader.prototype, 'read').mockImplementation(async function (this: ScanReader, from, limit) {
    const chunk = await original.call(this, from, limit);
    await new Promise((resolve) => setTimeout(resolve, random.below(60)));
    return chunk;
  });
}

describe('Figures in memory', () => {
  afterEach(() => vi.restoreAllMocks());

  it.each([1, 2, 3, 4])('are exact after a scan under eight writers, of ids of every type (%i)', async (seed) => {
    await using database = await freshDatabase();
    const random = new Random(seed);
    const ids = await seedTasks(database.connection, 200 + random.below(200), random);
    await using writers = new Writers(database.connection, seed, 8, ids);
    await using world = await statisticsOn(database.connection, { chunkSize: random.pick([7, 20, 60]) });
    await untilStatistics(world.statistics, 'READY');
    expect(writers.writes).toBeGreaterThan(10);
    await writers.stop();
    await expectExact(database.connection, world);
  });

  it.each([5, 6])('are exact when chunks come back long after they were read (%i)', async (seed) => {
    await using database = await freshDatabase();
    const random = new Random(seed);
    const ids = await seedTasks(database.connection, 200, random);
    delayReads(random);
    await using writers = new Writers(database.connection, seed, 8, ids);
    await using world = await statisticsOn(database.connection, { chunkSize: 10 });
    await untilStatistics(world.statistics, 'READY');
    await writers.stop();
    await expectExact(database.connection, world);
  });

  it('are exact over a collection that is empty, and over what comes into it', async () => {
    await using database = await freshDatabase();
    await using world = await statisticsOn(database.connection);
    await untilStatistics(world.statistics, 'READY');
    expect(world.statistics.status()).toMatchObject({ progress: 1, reason: null, scanned: null });
    await using writers = new Writers(database.connection, 9, 4);
    while (writers.writes < 200) await world.settled();
    await writers.stop();
    await expectExact(database.connection, world);
  });

  it('are counted by the database until they are ready, with the same result, and say how far they are', async () => {
    await using database = await freshDatabase();
    const random = new Random(10);
    await seedTasks(database.connection, 100, random);
    delayReads(random);
    await using world = await statisticsOn(database.connection, { chunkSize: 10 });
    const { statistics, model } = world;
    const asked = createAggregateStatistics({ model });
    const progress: number[] = [];
    const watching = (async () => {
      for await (const status of statistics.watchStatus()) {
        if (status.state !== 'BOOTSTRAPPING') return;
        if (status.scanned !== null && status.expected !== null) progress.push(status.scanned / status.expected);
      }
    })();
    expect(await statistics.queueCounts('a')).toMatchObject({ source: 'AGGREGATE', exact: true, total: (await asked.queueCounts('a')).total });
    await untilStatistics(statistics, 'READY');
    await watching;
    expect(progress.length).toBeGreaterThan(0);
    expect(progress.every((share) => share >= 0 && share <= 1)).toBe(true);
    expect(await statistics.queueCounts('a')).toMatchObject({ source: 'STREAM', exact: true, total: (await asked.queueCounts('a')).total });
  });

  it('survive a database that goes away in the middle of the scan', async () => {
    await using database = await freshDatabase();
    const random = new Random(11);
    const ids = await seedTasks(database.connection, 300, random);
    await using proxy = await tcpProxy(Number(new URL(database.uri).port));
    const uri = `mongodb://127.0.0.1:${proxy.port}/${database.name}?directConnection=true`;
    const connection = await connectDatabase(uri, { log: silentLogger(), serverSelectionTimeoutMs: 500 });
    const original = ScanReader.prototype.read;
    let reads = 0;
    vi.spyOn(ScanReader.prototype, 'read').mockImplementation(function (this: ScanReader, from, limit) {
      reads += 1;
      if (reads === 4) {
        proxy.cut();
        setTimeout(() => proxy.restore(), 1_000);
      }
      return original.call(this, from, limit);
    });
    await using writers = new Writers(database.connection, 12, 4, ids);
    {
      await using world = await statisticsOn(connection, { chunkSize: 20 });
      await untilStatistics(world.statistics, 'READY');
      await writers.stop();
      await expectExact(database.connection, world);
    }
    expect(reads).toBeGreaterThan(5);
    await connection.close();
  });

  it('are counted by the database, and right, where it keeps no pre-images', async () => {
    await using database = await freshDatabase();
    await seedTasks(database.connection, 50, new Random(13));
    await using world = await statisticsOn(database.connection, { enablePreImages: false });
    await untilStatistics(world.statistics, 'UNAVAILABLE');
    expect(world.statistics.status().reason).toContain('pre-images');
    const asked = await createAggregateStatistics({ model: world.model }).queueCounts('a');
    expect(await world.statistics.queueCounts('a')).toMatchObject({ source: 'AGGREGATE', exact: true, total: asked.total });
    await world.model.collection.insertOne({ queueName: 'a', status: 'queued' } as never);
    expect(await world.statistics.queueCounts('a')).toMatchObject({ total: asked.total + 1 });
    expect(await world.statistics.reconcile()).toBeNull();
  });

  it('are made anew when a change came without what it took away', async () => {
    await using database = await freshDatabase();
    const collection = database.connection.collection('task_trackers');
    await using world = await statisticsOn(database.connection);
    await collection.insertOne({ _id: 1, queueName: 'a', status: 'queued', enqueuedAt: new Date() } as never);
    await untilStatistics(world.statistics, 'READY');
    await turnOffPreImages(database);
    await collection.updateOne({ _id: 1 as never }, { $set: { status: 'processing', processingStartedAt: new Date() } });
    await untilStatistics(world.statistics, 'BOOTSTRAPPING');
    expect(await world.statistics.queueCounts('a')).toMatchObject({ processing: 1, queued: 0, source: 'AGGREGATE' });
  });

  it('are made anew when the collection was dropped', async () => {
    await using database = await freshDatabase();
    await seedTasks(database.connection, 50, new Random(14));
    await using world = await statisticsOn(database.connection);
    await untilStatistics(world.statistics, 'READY');
    await database.connection.collection('task_trackers').drop();
    await untilStatistics(world.statistics, 'BOOTSTRAPPING');
    await untilStatistics(world.statistics, 'READY');
    expect(await world.statistics.queueNames()).toEqual([]);
    await database.connection.collection('task_trackers').insertOne({ queueName: 'new', status: 'queued' } as never);
    await expectExact(database.connection, world);
  });
});

async function turnOffPreImages(database: FreshDatabase): Promise<void> {
  const db = database.connection.db as unknown as mongoose.mongo.Db;
  await db.command({ collMod: 'task_trackers', changeStreamPreAndPostImages: { enabled: false } });
}
