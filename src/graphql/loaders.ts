import DataLoader from 'dataloader';

import type { Execution } from '../model/execution.js';
import type { TaskQueries } from '../queries/types.js';
import type { QueueCounts, Statistics } from '../stats/types.js';

/** Most keys that one read is asked for. */
const MAX_BATCH = 1_000;

/**
 * Reads that are reached from the rows of a list: all that resolvers ask for in one tick is one read of the database.
 * What was read is remembered, so a set of loaders serves one operation only.
 */
export interface Loaders {
  /** The attempts of a taskId, oldest first; empty where no document has it. */
  readonly retryChain: DataLoader<string, readonly Execution[]>;
  readonly queueCounts: DataLoader<string, QueueCounts>;
  readonly oldestQueuedAt: DataLoader<string, Date | null>;
  /** Stuck executions by queue name, for one time-out in ms. */
  stuckCount(timeoutMs: number): DataLoader<string, number>;
}

const NO_ATTEMPTS: readonly Execution[] = Object.freeze([]);

export function createLoaders(services: { readonly queries: TaskQueries; readonly statistics: Statistics }): Loaders {
  const { queries, statistics } = services;
  const stuckByTimeout = new Map<number, DataLoader<string, number>>();
  return {
    retryChain: new DataLoader(
      async (taskIds) => {
        const chains = await queries.retryChains(taskIds);
        return taskIds.map((taskId) => chains.get(taskId) ?? NO_ATTEMPTS);
      },
      { maxBatchSize: MAX_BATCH },
    ),
    queueCounts: new DataLoader((names) => statistics.manyQueueCounts(names), { maxBatchSize: MAX_BATCH }),
    oldestQueuedAt: new DataLoader((names) => statistics.oldestQueuedAt(names), { maxBatchSize: MAX_BATCH }),
    stuckCount(timeoutMs) {
      let loader = stuckByTimeout.get(timeoutMs);
      if (!loader) {
        loader = new DataLoader((names: readonly string[]) => statistics.stuckCounts(names, timeoutMs), { maxBatchSize: MAX_BATCH });
        stuckByTimeout.set(timeoutMs, loader);
      }
      return loader;
    },
  };
}
