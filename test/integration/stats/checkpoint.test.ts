import type mongoose from 'mongoose';
import { afterEach, describe, expect, it, type MockInstance, vi } from 'vitest';

import { CHECKPOINT_COLLECTION, CHECKPOINT_VERSION, Checkpoints } from '../../../src/stats/checkpoint.js';
import { ScanReader } from '../../../src/stats/scan-reader.js';
import { type FreshDatabase, freshDatabase } from '../../support/database.js';
import { expectExact, seedTasks, Writers } from '../../support/exact-statistics.js';
import { Random } from '../../support/random-tasks.js';
import { crash, statisticsOn, type TestStatisticsOptions, untilStatistics } from '../../support/statistics.js';

/** A dozen bytes a part, so that everything is split. */
const SMALL = 12;

interface Saved {
  readonly _id: string;
  readonly [field: string]: unknown;
}

function saved({ connection }: FreshDatabase): mongoose.mongo.Collection<Saved> {
  return connection.collection(CHECKPOINT_COLLECTION) as unknown as mongoose.mongo.Collection<Saved>;
}

/** Figures that were ready once, and saved when they were closed. */
async function once(database: FreshDatabase, options: TestStatisticsOptions = {}): Promise<void> {
  await using world = await statisticsOn(database.connection, options);
  await untilStatistics(world.statistics, 'READY');
}

function watchReads(): MockInstance<ScanReader['read']> {
  return vi.spyOn(ScanReader.prototype, 'read');
}

describe('Figures in memory, after a restart,', () => {
  afterEach(() => vi.restoreAllMocks());

  it.each([31, 32, 33])('go on from the checkpoint without reading the collection, while eight writers go on (%i)', async (seed) => {
    await using database = await freshDatabase();
    const random = new Random(seed);
    const ids = await seedTasks(database.connection, 200, random);
    await using writers = new Writers(database.connection, seed, 8, ids);
    await once(database);
    const reads = watchReads();
    for (let restarts = 0; restarts < 2; restarts += 1) {
      const before = writers.writes;
      while (writers.writes < before + 50) await new Promise((resolve) => setTimeout(resolve, 5));
      await once(database);
    }
    await writers.stop();
    await using world = await statisticsOn(database.connection);
    await untilStatistics(world.statistics, 'READY');
    expect(reads).not.toHaveBeenCalled();
    await expectExact(database.connection, world);
  });

  it('go on from the last checkpoint when the process was killed', async () => {
    await using database = await freshDatabase();
    await seedTasks(database.connection, 100, new Random(34));
    const killed = await statisticsOn(database.connection, { checkpointIntervalMs: 50 });
    await untilStatistics(killed.statistics, 'READY');
    await expect.poll(() => killed.statistics.status().lastCheckpointAt).not.toBeNull();
    await using writers = new Writers(database.connection, 35, 4);
    await expect.poll(() => writers.writes).toBeGreaterThan(100);
    await crash(killed);
    await writers.stop();
    const reads = watchReads();
    await using world = await statisticsOn(database.connection);
    await untilStatistics(world.statistics, 'READY');
    expect(reads).not.toHaveBeenCalled();
    await expectExact(database.connection, world);
  });

  it('go on with the scan where it was', async () => {
    await using database = await freshDatabase();
    const random = new Random(36);
    const ids = await seedTasks(database.connection, 300, random);
    const original = ScanReader.prototype.read;
    const reads = watchReads().mockImplementation(async function (this: ScanReader, from, limit) {
      if (reads.mock.calls.length > 10) await new Promise(() => undefined);
      return original.call(this, from, limit);
    });
    const stopped = await statisticsOn(database.connection, { chunkSize: 10, checkpointIntervalMs: 50 });
    await expect.poll(() => stopped.statistics.status().lastCheckpointAt, { timeout: 5_000 }).not.toBeNull();
    await expect.poll(() => reads.mock.calls.length).toBeGreaterThan(10);
    await using writers = new Writers(database.connection, 37, 8, ids);
    await expect.poll(() => writers.writes).toBeGreaterThan(100);
    await crash(stopped);
    expect(await new Checkpoints(database.connection, 'task_trackers').facts()).toMatchObject({ complete: false, usable: true });
    vi.restoreAllMocks();
    const further = watchReads();
    await using world = await statisticsOn(database.connection, { chunkSize: 10 });
    await untilStatistics(world.statistics, 'READY');
    await writers.stop();
    expect(further.mock.calls[0]?.[0]).not.toEqual({ kind: 'minKey' });
    await expectExact(database.connection, world);
  });

  const spoilt: readonly (readonly [string, (database: FreshDatabase) => Promise<unknown>])[] = [
    ['of another version', (database) => saved(database).updateOne({ _id: 'statistics' }, { $set: { version: '0.0' } })],
    ['of another collection', (database) => saved(database).updateOne({ _id: 'statistics' }, { $set: { collection: 'another' } })],
    ['whose bytes were cut', (database) => saved(database).updateOne({ _id: 'statistics' }, { $set: { bytes: Buffer.from('half') } })],
    ['that lacks a part', (database) => saved(database).updateOne({ _id: 'statistics' }, { $set: { bytes: null, parts: 3 } })],
    ['that is something else', (database) => saved(database).replaceOne({ _id: 'statistics' }, { version: CHECKPOINT_VERSION, collection: 7 })],
    ['whose cursor is none', (database) => saved(database).updateOne({ _id: 'statistics' }, { $set: { cursor: 'nonsense' } })],
    ['that is gone', (database) => saved(database).deleteMany({})],
  ];
  it.each(spoilt)('read the collection again instead of a checkpoint %s, and save a new one', async (_what, spoil) => {
    await using database = await freshDatabase();
    await seedTasks(database.connection, 50, new Random(38));
    await once(database);
    await spoil(database);
    const reads = watchReads();
    await once(database);
    expect(reads).toHaveBeenCalled();
    expect(await new Checkpoints(database.connection, 'task_trackers').facts()).toMatchObject({ complete: true, usable: true });
    reads.mockClear();
    await using world = await statisticsOn(database.connection);
    await untilStatistics(world.statistics, 'READY');
    expect(reads).not.toHaveBeenCalled();
    await expectExact(database.connection, world);
  });

  it('read the collection again where it was dropped and made anew since', async () => {
    await using database = await freshDatabase();
    await seedTasks(database.connection, 50, new Random(39));
    await once(database);
    await database.connection.collection('task_trackers').drop();
    await database.connection.collection('task_trackers').insertOne({ queueName: 'new', status: 'queued' } as never);
    await using world = await statisticsOn(database.connection);
    await untilStatistics(world.statistics, 'READY');
    expect(await world.statistics.queueNames()).toEqual(['new']);
    await expectExact(database.connection, world);
  });
});

describe('The checkpoint', () => {
  const checkpoint = (t: number, fields: Record<string, unknown> = {}) => ({
    bytes: Buffer.from(`figures of ${t}, which take more than a part`),
    cursor: `c${t}`,
    time: { t, i: 1 },
    place: null,
    scanned: t,
    ...fields,
  });

  it('is never replaced by one of an earlier place, nor a complete one by one of a scan under way', async () => {
    await using database = await freshDatabase();
    await database.connection.createCollection('task_trackers');
    const one = new Checkpoints(database.connection, 'task_trackers', SMALL);
    const other = new Checkpoints(database.connection, 'task_trackers');
    const scanning = { place: { kind: 'objectId', id: 7 } as const };
    expect(await one.save(checkpoint(5, scanning))).not.toBeNull();
    expect(await other.save(checkpoint(4, scanning))).toBeNull();
    expect(await other.save(checkpoint(6, scanning))).not.toBeNull();
    expect(await one.load()).toMatchObject({ cursor: 'c6', place: { kind: 'objectId', id: 7 }, time: { t: 6, i: 1 } });
    expect(await one.save(checkpoint(3))).not.toBeNull();
    expect(await other.save(checkpoint(9, scanning))).toBeNull();
    expect(await other.save(checkpoint(2))).toBeNull();
    expect(await other.save(checkpoint(3))).not.toBeNull();
    expect(await one.load()).toMatchObject({ cursor: 'c3', place: null, scanned: 3 });
    expect(await one.save(checkpoint(4, { time: null }))).toBeNull();
  });

  it('is read as it was saved, in as many parts as it takes, and leaves none behind', async () => {
    await using database = await freshDatabase();
    await database.connection.createCollection('task_trackers');
    const checkpoints = new Checkpoints(database.connection, 'task_trackers', SMALL);
    for (const t of [1, 2, 3]) await checkpoints.save(checkpoint(t));
    const found = await checkpoints.load();
    expect(Buffer.from(found?.bytes ?? []).toString()).toBe('figures of 3, which take more than a part');
    await saved(database).updateMany({ _id: { $ne: 'statistics' } }, { $set: { savedAt: new Date(Date.now() - 60 * 60_000) } });
    await checkpoints.save(checkpoint(4));
    expect(await saved(database).countDocuments({ _id: { $ne: 'statistics' } })).toBe(4);
    expect(await checkpoints.save(checkpoint(1))).toBeNull();
    expect(await saved(database).countDocuments({ _id: { $ne: 'statistics' } })).toBe(4);
    expect((await checkpoints.load())?.cursor).toBe('c4');
  });

  it('is always whole, whoever saves it at the same time', async () => {
    await using database = await freshDatabase();
    await database.connection.createCollection('task_trackers');
    const replicas = Array.from({ length: 3 }, () => new Checkpoints(database.connection, 'task_trackers', SMALL));
    let latest = 0;
    const saving = replicas.map(async (replica, index) => {
      for (let t = 1; t < 8; t += 1) await replica.save(checkpoint(t * 3 + index));
    });
    const reading = (async () => {
      for (let reads = 0; reads < 10; reads += 1) {
        const found = await replicas[0]?.load();
        if (found == null) continue;
        expect(Buffer.from(found.bytes).toString()).toBe(`figures of ${found.scanned}, which take more than a part`);
        expect(found.scanned).toBeGreaterThanOrEqual(latest);
        latest = found.scanned;
      }
    })();
    await Promise.all([...saving, reading]);
    expect((await replicas[0]?.load())?.cursor).toBe('c23');
  });

  it('is taken away by who found it useless, unless another has taken its place', async () => {
    await using database = await freshDatabase();
    await database.connection.createCollection('task_trackers');
    const checkpoints = new Checkpoints(database.connection, 'task_trackers');
    const first = (await checkpoints.save(checkpoint(1))) as string;
    await checkpoints.save(checkpoint(2));
    await checkpoints.discard(first);
    const found = await checkpoints.load();
    expect(found?.cursor).toBe('c2');
    await checkpoints.discard(found?.revision as string);
    expect(await checkpoints.load()).toBeNull();
    expect(await checkpoints.facts()).toBeNull();
  });

  it('is saved at the close although a document has just been looked up', async () => {
    await using database = await freshDatabase();
    const document = { queueName: 'a', status: 'queued', metadata: { 'name.with': { dot: 1 } } };
    await using world = await statisticsOn(database.connection);
    const { insertedId: _id } = await world.model.collection.insertOne(document as never);
    await untilStatistics(world.statistics, 'READY');
    await expect.poll(() => world.statistics.status().lastCheckpointAt).not.toBeNull();
    const first = await saved(database).findOne({ _id: 'statistics' });
    const changes = world.feed.subscribe({ bookmarks: false });
    // The change does not say whether its path leads into a name with a dot.
    await world.model.collection.updateOne({ _id }, { $set: { status: 'processing', 'metadata.name': 1 } } as never);
    expect(await changes.next()).toMatchObject({ value: { lookedUp: true } });
    await world.statistics.close();
    expect((await saved(database).findOne({ _id: 'statistics' }))?.['revision']).not.toBe(first?.['revision']);
    const reads = watchReads();
    await using again = await statisticsOn(database.connection);
    await untilStatistics(again.statistics, 'READY');
    expect(reads).not.toHaveBeenCalled();
    expect(await again.statistics.queueCounts('a')).toMatchObject({ processing: 1, total: 1 });
  });

  it('is saved only when something changed', async () => {
    await using database = await freshDatabase();
    await using world = await statisticsOn(database.connection, { checkpointIntervalMs: 20 });
    await untilStatistics(world.statistics, 'READY');
    await expect.poll(() => world.statistics.status().lastCheckpointAt).not.toBeNull();
    const first = await saved(database).findOne({ _id: 'statistics' });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await saved(database).findOne({ _id: 'statistics' }))?.['revision']).toBe(first?.['revision']);
    await world.model.collection.insertOne({ queueName: 'a', status: 'queued' } as never);
    await expect.poll(async () => (await saved(database).findOne({ _id: 'statistics' }))?.['revision']).not.toBe(first?.['revision']);
  });
});
