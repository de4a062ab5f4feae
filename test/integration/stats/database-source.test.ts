import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createTaskTrackerModel } from '../../../src/model/task-tracker.js';
import { addTo } from '../../../src/stats/counted.js';
import { createDatabaseSource } from '../../../src/stats/database-source.js';
import { createFold } from '../../../src/stats/fold/fold.js';
import type { Fold } from '../../../src/stats/fold/types.js';
import { seriesOf } from '../../../src/stats/requests.js';
import type { FigureSource } from '../../../src/stats/source.js';
import type { Interval } from '../../../src/stats/types.js';
import { type FreshDatabase, freshDatabase } from '../../support/database.js';
import { Random, randomFields } from '../../support/random-tasks.js';

const NOW = Date.parse('2026-03-05T14:37:21.123Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const QUEUES = ['a', 'b', 'list'];

describe('Figures counted by the database', () => {
  let database: FreshDatabase;
  let source: FigureSource;
  /** What figures in memory would say. */
  let fold: Fold;

  beforeAll(async () => {
    database = await freshDatabase();
    const model = createTaskTrackerModel(database.connection);
    const random = new Random(7);
    const documents = Array.from({ length: 600 }, (_, index) => ({ _id: index, ...randomFields(random, NOW, QUEUES) }));
    await model.collection.insertMany(documents as never[]);
    source = createDatabaseSource({ model, clock: () => new Date(NOW) });
    fold = createFold({ clock: () => NOW });
    for (const document of documents) addTo(fold, document);
  });
  afterAll(() => database.close());

  const ranges: readonly (readonly [Interval, number, number])[] = [
    ['MINUTE', NOW - 24 * HOUR, NOW],
    ['MINUTE', NOW - 2 * HOUR, NOW - HOUR],
    ['FIVE_MINUTES', NOW - 12 * HOUR, NOW + HOUR],
    ['HOUR', NOW - 30 * 24 * HOUR, NOW],
    ['HOUR', NOW - 30 * HOUR, NOW - 10 * HOUR],
    ['DAY', NOW - 30 * 24 * HOUR, NOW],
  ];

  it.each(ranges)('are what memory would say for throughput and depths: %s', async (interval, from, to) => {
    for (const queueName of [...QUEUES, null, 'none']) {
      const series = seriesOf({ queueName, from: new Date(from), to: new Date(to), interval }, NOW);
      const args = [queueName, series.from, series.to, interval] as const;
      expect(await source.throughput(series)).toEqual(fold.throughput(...args));
      expect(await source.history(series)).toEqual(fold.history(...args));
    }
  });

  it('are what memory would say for error groups, over all and by queue', async () => {
    for (const queueName of [null, 'a', 'none']) {
      for (const [from, to] of [[NOW - 30 * 24 * HOUR, NOW], [NOW - 3 * HOUR, NOW - HOUR]] as const) {
        const groups = await source.errorGroups({ queueName, from, to, first: 20 });
        const byFingerprint = (a: { fingerprint: string }, b: { fingerprint: string }): number => (a.fingerprint < b.fingerprint ? -1 : 1);
        expect([...groups].sort(byFingerprint)).toEqual([...fold.errorGroups(queueName, from, to)].sort(byFingerprint));
      }
    }
    const [group] = fold.errorGroups(null, NOW - 24 * HOUR, NOW);
    expect(group).toBeDefined();
    const { fingerprint } = group as { fingerprint: string };
    expect(await source.errorGroup(fingerprint, null)).toEqual(fold.errorGroup(fingerprint, null));
    expect(await source.errorGroup('no fingerprint', null)).toBeNull();
    for (const [interval, from, to] of ranges) {
      for (const queueName of [null, 'a', 'none']) {
        const series = seriesOf({ queueName, from: new Date(from), to: new Date(to), interval }, NOW);
        const [counts, none] = await source.failures([fingerprint, 'no fingerprint'], series);
        expect(counts).toEqual(fold.failures(fingerprint, queueName, series.from, series.to, interval));
        expect(none?.every(({ count }) => count === 0)).toBe(true);
      }
    }
  });

  it('are what memory would say for run times', async () => {
    expect(await source.runLatencies(['b', 'none', 'a'])).toEqual(['b', 'none', 'a'].map((name) => fold.runLatency(name)));
    expect(await source.runLatencies([])).toEqual([]);
  });
});
