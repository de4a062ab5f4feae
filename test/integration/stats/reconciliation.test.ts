import { describe, expect, it } from 'vitest';

import { freshDatabase } from '../../support/database.js';
import { expectExact, seedTasks, Writers } from '../../support/exact-statistics.js';
import { logLines } from '../../support/log-lines.js';
import { Random } from '../../support/random-tasks.js';
import { statisticsOn, untilStatistics } from '../../support/statistics.js';

describe('The comparison of figures in memory with the database', () => {
  it('finds nothing wrong while eight writers go on', async () => {
    await using database = await freshDatabase();
    const ids = await seedTasks(database.connection, 200, new Random(21));
    await using world = await statisticsOn(database.connection);
    await untilStatistics(world.statistics, 'READY');
    await using writers = new Writers(database.connection, 22, 8, ids);
    for (let times = 0; times < 10; times += 1) expect(await world.statistics.reconcile()).toEqual([]);
    await writers.stop();
    expect(world.statistics.status()).toMatchObject({ state: 'READY', lastDrift: 0, lastReconciliationAt: expect.any(Date) as Date });
    await expectExact(database.connection, world);
  });

  it('finds what the feed has missed, says so, and has the figures made anew', async () => {
    await using database = await freshDatabase();
    const { log, lines } = logLines();
    await seedTasks(database.connection, 100, new Random(23));
    await using world = await statisticsOn(database.connection, { log, misses: ({ executionId }) => executionId === 'missed' });
    await untilStatistics(world.statistics, 'READY');
    const collection = database.connection.collection('task_trackers');
    await collection.insertOne({ executionId: 'missed', queueName: 'a', status: 'queued', enqueuedAt: new Date() } as never);
    await world.settled();
    const before = await world.statistics.queueCounts('a');
    const drift = await world.statistics.reconcile();
    expect(drift).toEqual([{ queueName: 'a', status: 'queued', counted: before.queued + 1, held: [before.queued, before.queued] }]);
    expect(world.statistics.status()).toMatchObject({ lastDrift: 1 });
    expect(await world.statistics.queueCounts('a')).toMatchObject({ queued: before.queued + 1 });
    await untilStatistics(world.statistics, 'READY');
    await expectExact(database.connection, world);
    expect(lines.filter((line) => line['msg'] === 'statistics: counts are not what the database says')).toHaveLength(1);
    expect(world.statistics.status()).toMatchObject({ lastDrift: 0 });
  });

  it('runs by itself at intervals', async () => {
    await using database = await freshDatabase();
    await using world = await statisticsOn(database.connection, { reconcileIntervalMs: 100 });
    await untilStatistics(world.statistics, 'READY');
    await expect.poll(() => world.statistics.status().lastReconciliationAt, { timeout: 5_000 }).not.toBeNull();
  });
});
