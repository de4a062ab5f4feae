import type { mongo } from 'mongoose';

import type { QueueScope } from '../access/queue-scope.js';
import { Gate } from '../concurrency/gate.js';
import { isTaskStatus, type TaskStatus } from '../model/status.js';
import type { ReadDeadline } from '../queries/deadline.js';
import { DEFAULT_MAX_TIME_MS, StoredExecutions } from '../queries/executions.js';
import type { MongoFilter } from '../queries/filter-to-mongo.js';
import { aggregateFigures, type AggregateStatisticsOptions } from './aggregate.js';
import { addTo, COUNTED_FIELDS, COUNTED_INSTANTS } from './counted.js';
import { createFold } from './fold/fold.js';
import type { Fold } from './fold/types.js';
import { hourWindowStart, minuteWindowStart } from './fold/windows.js';
import type { Series } from './requests.js';
import type { FigureSource } from './source.js';
import type { QueueDepth } from './types.js';

/** Documents that come with one answer: the event loop turns in between. */
const BATCH = 500;

/** Scans at the same time; further requests wait. */
const CONCURRENT_SCANS = 2;

/** Limits of a fold that one answer is made with: nothing that was read may go to the others. */
const NO_LIMIT = { maxQueues: 1_000_000, maxQueueNames: 1_000_000, maxErrorGroups: 100_000 };

export interface DatabaseSource extends FigureSource {
  /** The figures of the executions in a scope, from the same reads of those alone. */
  within(scope: QueueScope): DatabaseSource;
  /** The same figures, for one operation. */
  until(deadline: ReadDeadline): DatabaseSource;
}

type Depth = Record<TaskStatus, number>;

/**
 * All figures by reads of the database when asked. What is more than a count is made with a fold of its own, filled by
 * one scan of the documents of the range: the same meaning as the figures in memory, at the cost of reading them.
 */
export function createDatabaseSource({ model, maxTimeMs = DEFAULT_MAX_TIME_MS, clock = () => new Date() }: AggregateStatisticsOptions): DatabaseSource {
  return sourceOver(new StoredExecutions(model, maxTimeMs), clock, new Gate(CONCURRENT_SCANS));
}

function sourceOver(executions: StoredExecutions, clock: () => Date, gate: Gate): DatabaseSource {
  const scan = async (filter: MongoFilter, session?: mongo.ClientSession): Promise<Fold> => {
    await executions.enter(gate);
    try {
      const now = clock().getTime();
      const fold = createFold({ clock: () => now, ...NO_LIMIT });
      await executions.each(filter, { projection: COUNTED_FIELDS, batchSize: BATCH, ...(session && { session }) }, (document) => {
        addTo(fold, document);
        return true;
      });
      return fold;
    } finally {
      gate.leave();
    }
  };

  const failures = (): Promise<Fold> => scan({ failedAt: { $gte: new Date(hourWindowStart(clock().getTime())) } });

  /** How many stand in each status of those that nothing happened to since: so they stood all the time. */
  const unmoved = async (queueName: string | null, moved: MongoFilter, session: mongo.ClientSession | undefined): Promise<Depth> => {
    const rows = await executions.aggregate(
      [{ $match: { ...ofQueue(queueName), $nor: [moved] } }, { $group: { _id: '$status', count: { $sum: 1 } } }],
      { session },
    );
    const depth: Depth = { queued: 0, processing: 0, completed: 0, failed: 0, dlq: 0, archived: 0 };
    for (const { _id: status, count } of rows) if (isTaskStatus(status)) depth[status] += Number(count);
    return depth;
  };

  return {
    ...aggregateFigures(executions, clock),
    within: (scope) => sourceOver(executions.within(scope), clock, gate),
    until: (deadline) => sourceOver(executions.until(deadline), clock, gate),

    async throughput({ queueName, from, to, interval }) {
      const within = { $gte: new Date(from), $lt: new Date(to) };
      const fold = await scan({ ...ofQueue(queueName), $or: anyInstant(within) });
      return fold.throughput(queueName, from, to, interval);
    },

    history({ queueName, from, to, interval }: Series): Promise<readonly QueueDepth[]> {
      const moved = { $or: anyInstant({ $gte: new Date(from) }) };
      return executions.inOneCut(async (session) => {
        const fold = await scan({ ...ofQueue(queueName), ...moved }, session);
        const others = await unmoved(queueName, moved, session);
        return fold.history(queueName, from, to, interval).map((depth) => ({
          at: depth.at,
          queued: depth.queued + others.queued,
          processing: depth.processing + others.processing,
          completed: depth.completed + others.completed,
          failed: depth.failed + others.failed,
          dlq: depth.dlq + others.dlq,
          archived: depth.archived + others.archived,
        }));
      });
    },

    async errorGroups({ queueName, from, to }) {
      return (await failures()).errorGroups(queueName, from, to);
    },

    async errorGroup(fingerprint, queueName) {
      return (await failures()).errorGroup(fingerprint, queueName);
    },

    async failures(fingerprints, { queueName, from, to, interval }) {
      const fold = await scan({ ...ofQueue(queueName), failedAt: { $gte: new Date(from), $lt: new Date(to) } });
      return fingerprints.map((fingerprint) => fold.failures(fingerprint, queueName, from, to, interval));
    },

    async runLatencies(queueNames) {
      if (queueNames.length === 0) return [];
      const since = { $gte: new Date(minuteWindowStart(clock().getTime())) };
      const fold = await scan({ queueName: { $in: [...new Set(queueNames)] }, $or: [{ completedAt: since }, { failedAt: since }] });
      return queueNames.map((name) => fold.runLatency(name));
    },
  };
}

function ofQueue(queueName: string | null): MongoFilter {
  return queueName === null ? {} : { queueName: { $eq: queueName } };
}

function anyInstant(condition: MongoFilter): MongoFilter[] {
  return COUNTED_INSTANTS.map((field) => ({ [field]: condition }));
}
