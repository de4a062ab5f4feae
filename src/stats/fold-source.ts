import type { TappedFeed } from '../feed/types.js';
import type { FoldReading, StatusCounts } from './fold/types.js';
import { namePart } from './requests.js';
import type { FigureSource } from './source.js';
import type { QueueCounts } from './types.js';

const NONE: StatusCounts & { readonly exact: boolean } = { queued: 0, processing: 0, completed: 0, failed: 0, dlq: 0, archived: 0, unknown: 0, exact: true };

/**
 * All figures from memory, at the same cost whatever the size of the collection. What the fold had no room for (names of
 * queues, buckets of their own) is counted by the database.
 */
export function createFoldSource(fold: FoldReading, feed: TappedFeed, database: FigureSource, clock: () => number): FigureSource {
  /** What the feed has brought holds for its last answer; while it is away, changes may be missing. */
  const freshness = (): { asOf: Date; isLive: boolean } => ({
    asOf: feed.lastAnswerAt() ?? new Date(clock()),
    isLive: feed.status().state === 'LIVE',
  });

  /** From memory where the name is kept, else by one read of the database for all the others. */
  const each = async <T>(names: readonly string[], fromFold: (name: string) => T, fromDatabase: (names: readonly string[]) => Promise<readonly T[]>): Promise<readonly T[]> => {
    const left = fold.allQueuesKept ? [] : [...new Set(names)].filter((name) => fold.counts(name)?.exact === false);
    if (left.length === 0) return names.map(fromFold);
    const found = await fromDatabase(left);
    const byName = new Map(left.map((name, index) => [name, found[index] as T]));
    return names.map((name) => byName.get(name) ?? fromFold(name));
  };

  const manyQueueCounts = (names: readonly string[]): Promise<readonly QueueCounts[]> => {
    const { asOf, isLive } = freshness();
    return each(
      names,
      (queueName) => {
        const { exact, ...counts } = fold.counts(queueName) ?? NONE;
        const { queued, processing, completed, failed, dlq, archived, unknown } = counts;
        const total = queued + processing + completed + failed + dlq + archived + unknown;
        return { queueName, ...counts, total, asOf, exact: exact && isLive, source: 'STREAM' };
      },
      (left) => database.manyQueueCounts(left),
    );
  };

  return {
    manyQueueCounts,

    async queueCounts(queueName) {
      const [counts] = await manyQueueCounts([queueName]);
      return counts as QueueCounts;
    },

    async queueNames(nameContains) {
      if (!fold.allQueuesKept) return database.queueNames(nameContains);
      const part = namePart(nameContains);
      const names = fold.queueNames();
      return part === '' ? names : names.filter((name) => name.toLowerCase().includes(part));
    },

    async oldestQueuedAt(queueNames) {
      return each<Date | null>(queueNames, (name) => fold.oldestQueuedAt(name), (left) => database.oldestQueuedAt(left));
    },

    async stuckCounts(queueNames, timeoutMs) {
      const threshold = new Date(clock() - timeoutMs);
      return each(queueNames, (name) => fold.startedBefore(name, threshold), (left) => database.stuckCounts(left, timeoutMs));
    },

    async throughput(series) {
      const { queueName, from, to, interval } = series;
      return fold.hasOwnBuckets(queueName) ? fold.throughput(queueName, from, to, interval) : database.throughput(series);
    },

    async history(series) {
      const { queueName, from, to, interval } = series;
      return fold.hasOwnBuckets(queueName) ? fold.history(queueName, from, to, interval) : database.history(series);
    },

    async errorGroups(range) {
      return fold.hasOwnFailures(range.queueName) ? fold.errorGroups(range.queueName, range.from, range.to) : database.errorGroups(range);
    },

    async errorGroup(fingerprint, queueName) {
      return fold.hasOwnFailures(queueName) ? fold.errorGroup(fingerprint, queueName) : database.errorGroup(fingerprint, queueName);
    },

    async failures(fingerprints, series) {
      const { queueName, from, to, interval } = series;
      if (!fold.hasOwnFailures(queueName)) return database.failures(fingerprints, series);
      return fingerprints.map((fingerprint) => fold.failures(fingerprint, queueName, from, to, interval));
    },

    async runLatencies(queueNames) {
      return Promise.all(
        queueNames.map(async (name) => {
          if (fold.hasOwnBuckets(name)) return fold.runLatency(name);
          const [latency] = await database.runLatencies([name]);
          return latency as ReturnType<FoldReading['runLatency']>;
        }),
      );
    },
  };
}
