import DataLoader from 'dataloader';

import type { Execution } from '../model/execution.js';
import type { TaskQueries } from '../queries/types.js';
import { MAX_TEXT, text } from '../queries/validate.js';
import { documentKey } from '../stats/fold/document-key.js';
import { MAX_ERROR_GROUPS } from '../stats/requests.js';
import type { FailureCount, QueueCounts, SeriesRequest, Statistics, StuckThreshold } from '../stats/types.js';

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
  /** By `_id` as stored; null where there is no such document. */
  readonly document: DataLoader<unknown, Execution | null, string>;
  readonly oldestQueuedAt: DataLoader<string, Date | null>;
  /** The adaptive threshold of each queue. */
  readonly stuckThreshold: DataLoader<string, StuckThreshold>;
  /** Stuck executions by queue name, for one time-out in ms. */
  readonly stuckCount: (timeoutMs: number) => DataLoader<string, number>;
  /** The failures of error groups over time by fingerprint, for one queue and range. */
  readonly failures: (request: SeriesRequest) => DataLoader<string, readonly FailureCount[]>;
}

interface LoaderServices {
  readonly queries: TaskQueries;
  readonly statistics: Statistics;
}

const NO_ATTEMPTS: readonly Execution[] = Object.freeze([]);

/**
 * A loader over texts. A key that cannot be asked for fails by itself, with InvalidInputError naming `field`,
 * and not the others that happen to be read with it.
 */
function loaderOf<V>(
  field: string,
  read: (keys: readonly string[]) => Promise<readonly V[]>,
  { maxBatchSize = MAX_BATCH, maxText = MAX_TEXT }: { readonly maxBatchSize?: number; readonly maxText?: number } = {},
): DataLoader<string, V> {
  return new DataLoader(
    async (keys) => {
      const refused = new Map<string, Error>();
      for (const key of keys) {
        try {
          text(key, [field], maxText);
        } catch (error) {
          refused.set(key, error as Error);
        }
      }
      const asked = keys.filter((key) => !refused.has(key));
      const found = asked.length > 0 ? await read(asked) : [];
      const values = new Map(asked.map((key, position) => [key, found[position] as V]));
      return keys.map((key) => refused.get(key) ?? (values.get(key) as V));
    },
    { maxBatchSize },
  );
}

/** A loader over names of queues as documents hold them, which may be of any length. */
function queueLoader<V>(read: (names: readonly string[]) => Promise<readonly V[]>): DataLoader<string, V> {
  return loaderOf('queueName', read, { maxText: Number.POSITIVE_INFINITY });
}

/** One loader for each thing that is asked of it. */
function remembered<Asked, V>(make: (asked: Asked) => DataLoader<string, V>): (asked: Asked) => DataLoader<string, V> {
  const made = new Map<string, DataLoader<string, V>>();
  return (asked) => {
    const key = JSON.stringify(asked);
    const known = made.get(key) ?? make(asked);
    made.set(key, known);
    return known;
  };
}

/** Most operations use none of them, and few more than one: each is made when it is first asked for. */
class LazyLoaders implements Loaders {
  readonly #queries: TaskQueries;
  readonly #statistics: Statistics;
  #retryChain: Loaders['retryChain'] | undefined;
  #document: Loaders['document'] | undefined;
  #stuckThreshold: Loaders['stuckThreshold'] | undefined;
  #queueCounts: Loaders['queueCounts'] | undefined;
  #oldestQueuedAt: Loaders['oldestQueuedAt'] | undefined;
  #stuckCount: Loaders['stuckCount'] | undefined;
  #failures: Loaders['failures'] | undefined;

  constructor({ queries, statistics }: LoaderServices) {
    this.#queries = queries;
    this.#statistics = statistics;
  }

  get retryChain(): Loaders['retryChain'] {
    return (this.#retryChain ??= loaderOf('taskId', async (taskIds) => {
      const chains = await this.#queries.retryChains(taskIds);
      return taskIds.map((taskId) => chains.get(taskId) ?? NO_ATTEMPTS);
    }));
  }

  get document(): Loaders['document'] {
    return (this.#document ??= new DataLoader(
      async (ids: readonly unknown[]) => {
        const found = new Map((await this.#queries.byDocumentIds(ids)).map((execution) => [documentKey(execution._id), execution]));
        return ids.map((id) => found.get(documentKey(id)) ?? null);
      },
      { cacheKeyFn: documentKey, maxBatchSize: MAX_BATCH },
    ));
  }

  get stuckThreshold(): Loaders['stuckThreshold'] {
    return (this.#stuckThreshold ??= queueLoader((names) => this.#statistics.stuckThresholds(names)));
  }

  get queueCounts(): Loaders['queueCounts'] {
    return (this.#queueCounts ??= queueLoader((names) => this.#statistics.manyQueueCounts(names)));
  }

  get oldestQueuedAt(): Loaders['oldestQueuedAt'] {
    return (this.#oldestQueuedAt ??= queueLoader((names) => this.#statistics.oldestQueuedAt(names)));
  }

  get stuckCount(): Loaders['stuckCount'] {
    return (this.#stuckCount ??= remembered((timeoutMs) => queueLoader((names) => this.#statistics.stuckCounts(names, timeoutMs))));
  }

  get failures(): Loaders['failures'] {
    return (this.#failures ??= remembered((request) =>
      loaderOf('fingerprint', (fingerprints) => this.#statistics.failures(fingerprints, request), { maxBatchSize: MAX_ERROR_GROUPS }),
    ));
  }
}

export function createLoaders(services: LoaderServices): Loaders {
  return new LazyLoaders(services);
}
