import { setTimeout as delay } from 'node:timers/promises';

import type { Feed, TaskChangeEvent } from '../../feed/types.js';
import { isStuck } from '../../model/derived.js';
import type { Execution } from '../../model/execution.js';
import { INTERVAL_MS } from '../../stats/fold/windows.js';
import type { ErrorGroupNews, Interval, ThroughputBucket } from '../../stats/types.js';
import type { OperationContext } from '../context.js';
import { withSamples } from '../error-groups.js';
import { isDatabaseUnavailable } from '../errors.js';
import { createLoaders } from '../loaders.js';
import type { ErrorGroup } from '../types/error-group.js';
import { fromListener } from './callbacks.js';
import { coalesce } from './coalesce.js';
import { endIterator, type EndableIterator } from './iterators.js';
import { type TURN, withTurns } from './turns.js';

/** Least time between two messages of one subscription about figures, in ms. */
const MIN_INTERVAL_MS = 250;
const RETRY_MS = 1_000;

/** Whether an event may have changed what happened in a queue; in which one an execution was before is not always known. */
function concerns({ kind, task, before }: TaskChangeEvent, queueName: string | null): boolean {
  if (kind === 'BOOKMARK') return false;
  if (queueName === null || task?.queueName === queueName || before?.queueName === queueName) return true;
  return before === null && kind !== 'CREATED';
}

/**
 * The interval that is now: at once, after changes (at most every 250 ms), and an empty one whenever an interval begins.
 */
export function watchThroughput(
  { feed, statistics }: Pick<OperationContext, 'statistics'> & { readonly feed: Feed },
  queueName: string | null,
  interval: Interval,
): EndableIterator<ThroughputBucket> {
  const width = INTERVAL_MS[interval];
  const events = feed.subscribe({ accepts: (event) => concerns(event, queueName), bookmarks: false, hints: true });
  return coalesce<TaskChangeEvent | typeof TURN, 'now', ThroughputBucket>({
    source: withTurns(events, width),
    keysOf: () => ['now'],
    initial: ['now'],
    minIntervalMs: MIN_INTERVAL_MS,
    isTransient: isDatabaseUnavailable,
    async read() {
      const start = Math.floor(Date.now() / width) * width;
      return statistics.throughput({ queueName, from: new Date(start), to: new Date(start + width), interval });
    },
  });
}

/** Groups in which a failure was just counted, at most every 250 ms each; or only those that are new. */
export function watchErrorGroups(context: Pick<OperationContext, 'statistics' | 'queries'>, queueName: string | null, newOnly: boolean): EndableIterator<ErrorGroup> {
  const { statistics, queries } = context;
  const wanted = (news: ErrorGroupNews): boolean => (queueName === null || news.queueName === queueName) && (news.isNew || !newOnly);
  return coalesce<ErrorGroupNews, string, ErrorGroup>({
    source: fromListener<ErrorGroupNews>((listener) => statistics.onErrorGroup(listener)),
    keysOf: (news) => (wanted(news) ? [news.fingerprint] : []),
    initial: [],
    minIntervalMs: MIN_INTERVAL_MS,
    isTransient: isDatabaseUnavailable,
    async read(stale) {
      const fingerprints = [...stale].filter((key) => typeof key === 'string');
      const groups = await Promise.all(fingerprints.map((fingerprint) => statistics.errorGroup(fingerprint, queueName)));
      // Samples are read anew at each time.
      return withSamples(groups.filter((group) => group !== null), { queries, loaders: createLoaders({ queries, statistics }) });
    },
  });
}

/** Executions that are stuck, the longest first, then each when its time has passed; none that ended meanwhile. */
export function watchStuck({ statistics, queries }: Pick<OperationContext, 'statistics' | 'queries'>, queueName: string | null, timeoutMs: number): EndableIterator<Execution> {
  const ids = statistics.watchStuck(queueName, timeoutMs);
  let ended = false;
  const read = async (id: unknown): Promise<Execution | null> => {
    while (!ended) {
      try {
        return await queries.byDocumentId(id);
      } catch (error) {
        if (!isDatabaseUnavailable(error)) throw error;
        await delay(RETRY_MS, undefined, { ref: false });
      }
    }
    return null;
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      for (;;) {
        const item = await ids.next();
        if (item.done || ended) return { done: true, value: undefined };
        const execution = await read(item.value);
        if (ended) return { done: true, value: undefined };
        if (execution !== null && isStuck(execution, timeoutMs, new Date())) return { done: false, value: execution };
      }
    },
    async return() {
      ended = true;
      await endIterator(ids);
      return { done: true, value: undefined };
    },
  };
}
