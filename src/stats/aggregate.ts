import { isTaskStatus, TaskStatus } from '../model/status.js';
import type { TaskTrackerModel } from '../model/task-tracker.js';
import { DEFAULT_MAX_TIME_MS, StoredExecutions } from '../queries/executions.js';
import { list, spanMs, text } from '../queries/validate.js';
import type { QueueCounts, QueueFigures } from './types.js';

/** Queues that one call may name. */
const MAX_QUEUES = 1_000;
const MAX_NAME_PART = 256;

export interface AggregateStatisticsOptions {
  /** The model on the application's connection, which must be open when a figure is asked for. */
  readonly model: TaskTrackerModel;
  /** How long each read may take in the database, in ms. Default 10,000. */
  readonly maxTimeMs?: number | undefined;
  /** The time now. Default: the system's clock. */
  readonly clock?: (() => Date) | undefined;
}

type Tally = Record<TaskStatus | 'unknown', number>;

/**
 * Statistics counted by the database when asked: exact, and the costlier the larger the queues.
 * One read per call. A status that is none of the six (a list of statuses is none) counts as unknown.
 */
export function createAggregateStatistics({ model, maxTimeMs = DEFAULT_MAX_TIME_MS, clock = () => new Date() }: AggregateStatisticsOptions): QueueFigures {
  return aggregateFigures(new StoredExecutions(model, maxTimeMs), clock);
}

/** The same, over these executions. */
export function aggregateFigures(executions: StoredExecutions, clock: () => Date): QueueFigures {

  const manyQueueCounts = async (queueNames: readonly string[]): Promise<readonly QueueCounts[]> => {
    const wanted = namesIn(queueNames);
    if (wanted.length === 0) return [];
    const asOf = clock();
    const rows = await executions.aggregate([
      { $match: { queueName: { $in: [...new Set(wanted)] } } },
      { $group: { _id: { queueName: '$queueName', status: '$status' }, count: { $sum: 1 } } },
    ]);
    const tallies = new Map(wanted.map((name) => [name, emptyTally()]));
    for (const { _id, count } of rows) {
      const { queueName, status } = _id as { queueName?: unknown; status?: unknown };
      for (const tally of named(tallies, queueName)) tally[isTaskStatus(status) ? status : 'unknown'] += Number(count);
    }
    return wanted.map((queueName) => countsOf(queueName, tallies.get(queueName) ?? emptyTally(), asOf));
  };

  return {
    manyQueueCounts,

    async queueCounts(queueName) {
      const [counts] = await manyQueueCounts([queueName]);
      return counts ?? countsOf(queueName, emptyTally(), clock());
    },

    async queueNames(nameContains) {
      const part = nameContains === undefined ? '' : text(nameContains, ['nameContains'], MAX_NAME_PART).toLowerCase();
      // Grouping by an indexed field alone reads one index entry per name; names are few, so they are selected here.
      const rows = await executions.aggregate([{ $group: { _id: '$queueName' } }]);
      const names = rows.map(({ _id }) => _id).filter((name) => typeof name === 'string');
      return names.filter((name) => name.toLowerCase().includes(part)).sort();
    },

    async oldestQueuedAt(queueNames) {
      const wanted = namesIn(queueNames);
      if (wanted.length === 0) return [];
      const rows = await executions.aggregate([
        { $match: { queueName: { $in: [...new Set(wanted)] }, status: TaskStatus.QUEUED, enqueuedAt: { $type: 'date' } } },
        { $group: { _id: '$queueName', oldest: { $min: '$enqueuedAt' } } },
      ]);
      const oldest = new Map(rows.map((row) => [row['_id'], row['oldest']]));
      return wanted.map((name) => {
        const found = oldest.get(name);
        return found instanceof Date ? found : null;
      });
    },

    async stuckCounts(queueNames, timeoutMs) {
      const wanted = namesIn(queueNames);
      const threshold = new Date(clock().getTime() - spanMs(timeoutMs, ['timeoutMs']));
      if (wanted.length === 0) return [];
      const rows = await executions.aggregate([
        { $match: { queueName: { $in: [...new Set(wanted)] }, status: TaskStatus.PROCESSING, processingStartedAt: { $lt: threshold } } },
        { $group: { _id: '$queueName', count: { $sum: 1 } } },
      ]);
      const counts = new Map(rows.map((row) => [row['_id'], Number(row['count'])]));
      return wanted.map((name) => counts.get(name) ?? 0);
    },
  };
}

function namesIn(queueNames: readonly string[]): readonly string[] {
  return list(queueNames, ['queueName'], MAX_QUEUES, (name) => text(name, ['queueName'], Number.POSITIVE_INFINITY));
}

function emptyTally(): Tally {
  return { queued: 0, processing: 0, completed: 0, failed: 0, dlq: 0, archived: 0, unknown: 0 };
}

/** The tallies that a stored queue name counts for: one, or several where the document holds a list of names. */
function named(tallies: ReadonlyMap<string, Tally>, queueName: unknown): readonly Tally[] {
  const names: readonly unknown[] = Array.isArray(queueName) ? [...new Set<unknown>(queueName)] : [queueName];
  return names.flatMap((name) => (typeof name === 'string' ? (tallies.get(name) ?? []) : []));
}

function countsOf(queueName: string, tally: Tally, asOf: Date): QueueCounts {
  const total = Object.values(tally).reduce((sum, count) => sum + count, 0);
  return { queueName, ...tally, total, asOf, exact: true, source: 'AGGREGATE' };
}
