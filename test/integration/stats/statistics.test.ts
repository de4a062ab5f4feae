import { describe, expect, it } from 'vitest';

import { connectDatabase } from '../../../src/database/connect.js';
import { InvalidInputError } from '../../../src/model/errors.js';
import { createStatistics } from '../../../src/stats/statistics.js';
import type { ErrorGroupNews } from '../../../src/stats/types.js';
import { freshDatabase, silentLogger } from '../../support/database.js';
import { expectExact, seedTasks, Writers } from '../../support/exact-statistics.js';
import { untilState } from '../../support/feed.js';
import { Random } from '../../support/random-tasks.js';
import { statisticsOn, untilStatistics } from '../../support/statistics.js';
import { tcpProxy } from '../../support/tcp-proxy.js';

const MINUTE = 60_000;
const ago = (ms: number): Date => new Date(Date.now() - ms);

describe('The statistics of an application', () => {
  it('say of counts when they were last known right, while the database is away', async () => {
    await using database = await freshDatabase();
    await using proxy = await tcpProxy(Number(new URL(database.uri).port));
    const uri = `mongodb://127.0.0.1:${proxy.port}/${database.name}?directConnection=true`;
    const connection = await connectDatabase(uri, { log: silentLogger(), serverSelectionTimeoutMs: 500 });
    {
      await using world = await statisticsOn(connection);
      await untilStatistics(world.statistics, 'READY');
      await database.connection.collection('task_trackers').insertOne({ queueName: 'a', status: 'queued' } as never);
      await world.settled();
      expect(await world.statistics.queueCounts('a')).toMatchObject({ queued: 1, exact: true, source: 'STREAM' });
      const cutAt = Date.now();
      proxy.cut();
      await untilState(world.feed, 'RECONNECTING');
      const away = await world.statistics.queueCounts('a');
      expect(away).toMatchObject({ queued: 1, exact: false, source: 'STREAM' });
      expect(away.asOf.getTime()).toBeLessThanOrEqual(cutAt + 50);
      await database.connection.collection('task_trackers').insertOne({ queueName: 'a', status: 'queued' } as never);
      proxy.restore();
      await untilState(world.feed, 'LIVE');
      await expect.poll(async () => (await world.statistics.queueCounts('a')).queued).toBe(2);
      expect(await world.statistics.queueCounts('a')).toMatchObject({ exact: true });
    }
    await connection.close();
  });

  it('are kept by two applications in one process side by side', async () => {
    await using database = await freshDatabase();
    const ids = await seedTasks(database.connection, 100, new Random(41));
    await using one = await statisticsOn(database.connection, { checkpointIntervalMs: 30 });
    await using other = await statisticsOn(database.connection, { checkpointIntervalMs: 30 });
    await untilStatistics(one.statistics, 'READY');
    await untilStatistics(other.statistics, 'READY');
    await using writers = new Writers(database.connection, 42, 4, ids);
    await expect.poll(() => writers.writes, { timeout: 10_000 }).toBeGreaterThan(200);
    await writers.stop();
    await expectExact(database.connection, one);
    await expectExact(database.connection, other);
  });

  it('report stuck executions from the database until figures are in memory, and from memory then, each once', async () => {
    await using database = await freshDatabase();
    const collection = database.connection.collection('task_trackers');
    const processing = (_id: string, processingStartedAt: Date, queueName = 'a') => ({ _id: _id as never, queueName, status: 'processing', enqueuedAt: ago(90 * MINUTE), processingStartedAt });
    await collection.insertMany([processing('second', ago(40 * MINUTE)), processing('first', ago(50 * MINUTE)), processing('fresh', ago(0)), processing('elsewhere', ago(50 * MINUTE), 'b')]);
    await using world = await statisticsOn(database.connection);
    const stuck = world.statistics.watchStuck('a', 30 * MINUTE);
    expect(world.statistics.status().state).toBe('BOOTSTRAPPING');
    expect([await stuck.next(), await stuck.next()].map(({ value }) => value as unknown)).toEqual(['first', 'second']);
    const next = stuck.next();
    await untilStatistics(world.statistics, 'READY');
    await collection.insertOne(processing('third', ago(31 * MINUTE)));
    expect(await next).toEqual({ done: false, value: 'third' });
    const soon = world.statistics.watchStuck('a', 200);
    await collection.insertOne({ _id: 'soon' as never, queueName: 'a', status: 'processing', processingStartedAt: new Date() });
    const reported: unknown[] = [];
    for await (const id of soon) {
      reported.push(id);
      if (id === 'soon') break;
    }
    expect(reported).toEqual(['first', 'second', 'third', 'fresh', 'soon']);
    await stuck.return?.();
  });

  it('report stuck executions where figures are never in memory', async () => {
    await using database = await freshDatabase();
    const collection = database.connection.collection('task_trackers');
    await collection.insertOne({ _id: 1 as never, queueName: 'a', status: 'processing', processingStartedAt: ago(MINUTE) });
    await using world = await statisticsOn(database.connection, { enablePreImages: false });
    const { feed, model } = world;
    const statistics = createStatistics({ model, feed, log: silentLogger() });
    expect(statistics.status()).toMatchObject({ state: 'UNAVAILABLE', reason: expect.stringContaining('not kept in memory') as string });
    const stuck = statistics.watchStuck(null, 100);
    expect(await stuck.next()).toEqual({ done: false, value: 1 });
    const next = stuck.next();
    await collection.insertOne({ _id: 2 as never, queueName: 'a', status: 'processing', processingStartedAt: new Date() });
    await collection.insertOne({ _id: 3 as never, queueName: 'a', status: 'processing', processingStartedAt: ago(MINUTE) });
    expect(await next).toEqual({ done: false, value: 3 });
    expect(await stuck.next()).toEqual({ done: false, value: 2 });
    await statistics.close();
    expect(await stuck.next()).toEqual({ done: true, value: undefined });
  });

  it('tell of failures that the feed brings, and whether they are of a new kind', async () => {
    await using database = await freshDatabase();
    const collection = database.connection.collection('task_trackers');
    const failure = (message: string, failedAt = new Date()) => ({ queueName: 'a', status: 'failed', failedAt, errorMessage: message, errorCategory: 'transient' });
    await collection.insertOne(failure('Connection to 10.0.0.1 refused', ago(60 * MINUTE)));
    await using world = await statisticsOn(database.connection);
    const news: ErrorGroupNews[] = [];
    const stop = world.statistics.onErrorGroup((one) => news.push(one));
    await untilStatistics(world.statistics, 'READY');
    await collection.insertMany([failure('Connection to 10.0.0.2 refused'), failure('disk full')]);
    await world.settled();
    expect(news.map(({ queueName, isNew }) => [queueName, isNew])).toEqual([['a', false], ['a', true]]);
    const [group] = await world.statistics.errorGroups({ first: 1 });
    expect(group).toMatchObject({ fingerprint: news[0]?.fingerprint, count: 2, queueNames: ['a'] });
    stop();
    await collection.insertOne(failure('disk full'));
    await world.settled();
    expect(news).toHaveLength(2);
  });

  it('take the threshold of each queue from its own run times', async () => {
    await using database = await freshDatabase();
    const ran = (ms: number) => ({ queueName: 'slow', status: 'completed', processingStartedAt: ago(60 * MINUTE), completedAt: ago(60 * MINUTE - ms) });
    await database.connection.collection('task_trackers').insertMany(Array.from({ length: 60 }, () => ran(10 * MINUTE)) as never[]);
    await using world = await statisticsOn(database.connection);
    const counted = await world.statistics.stuckThresholds(['slow', 'none']);
    await untilStatistics(world.statistics, 'READY');
    expect(await world.statistics.stuckThresholds(['slow', 'none'])).toEqual(counted);
    expect(counted[0]?.timeoutMs).toBeGreaterThan(29 * MINUTE);
    expect(counted[0]?.timeoutMs).toBeLessThan(31 * MINUTE);
    expect(counted).toMatchObject([{ queueName: 'slow', adaptive: true, samples: 60 }, { queueName: 'none', timeoutMs: 30 * MINUTE, adaptive: false, samples: 0 }]);
  });

  it('refuse what cannot be asked for by the name of the argument, from memory as from the database', async () => {
    await using database = await freshDatabase();
    await using world = await statisticsOn(database.connection);
    const { statistics } = world;
    const refused: readonly (readonly [string, () => unknown])[] = [
      ['queueName', () => statistics.queueCounts({ $gt: '' } as never)],
      ['queueName', () => statistics.manyQueueCounts([7] as never)],
      ['queueName', () => statistics.oldestQueuedAt(Array.from({ length: 1_001 }, () => 'a'))],
      ['timeoutMs', () => statistics.stuckCounts(['a'], -1)],
      ['timeoutMs', () => statistics.watchStuck(null, Number.NaN)],
      ['queueName', () => statistics.watchStuck(7 as never, 1)],
      ['nameContains', () => statistics.queueNames('x'.repeat(257))],
      ['from', () => statistics.throughput({ queueName: null, from: ago(25 * 60 * MINUTE), interval: 'MINUTE' })],
      ['to', () => statistics.history({ queueName: null, from: ago(23 * 60 * MINUTE), to: ago(-3 * 60 * MINUTE), interval: 'MINUTE' })],
      ['first', () => statistics.errorGroups({ first: 0 })],
      ['fingerprint', () => statistics.errorGroup(7 as never)],
      ['queueName', () => statistics.stuckThresholds([null] as never)],
    ];
    for (const state of ['BOOTSTRAPPING', 'READY'] as const) {
      await untilStatistics(statistics, state);
      for (const [field, ask] of refused) {
        const error: unknown = await (async () => ask())().catch((reason: unknown) => reason);
        expect(error, `${state} ${field}`).toBeInstanceOf(InvalidInputError);
        expect((error as InvalidInputError).field[0]).toBe(field);
      }
    }
  });
});
