import type { QueueScope } from '../access/queue-scope.js';
import { Gate } from '../concurrency/gate.js';
import type { Feed } from '../feed/types.js';
import { matcherOf } from '../queries/filter-matches.js';
import { MAX_PAGE_SIZE, validateOrder } from '../queries/page.js';
import { isWithin } from '../queries/scope.js';
import type { TaskQueries } from '../queries/types.js';
import { validateFilter } from '../queries/validate-filter.js';
import { wholeNumber } from '../queries/validate.js';
import { LiveList } from './live-list.js';
import type { LiveLists } from './types.js';

export interface LiveListsOptions {
  readonly feed: Feed;
  readonly queries: Pick<TaskQueries, 'slice' | 'within'>;
  /** Whether an error of a read says that the database is away for now: the read is repeated then. */
  readonly isTransient: (error: unknown) => boolean;
  /** Time between two tries to read while the database is away, in ms. Default 1,000. */
  readonly retryMs?: number;
  /** Rows that are kept behind a list at least; half as many as the list has, where that is more. Default 10. */
  readonly leastReserve?: number;
  /** Executions that may change while a list is read, before it is given up with SlowConsumerError. Default 50,000. */
  readonly mostTouched?: number;
}

/** Reads of all lists at the same time; the others wait. After a resync every list is read anew. */
const CONCURRENT_READS = 8;

/**
 * The live lists of one application. Each list stands in the feed as one subscriber, and is closed when its last reader
 * leaves; all of them end when the feed is closed, so nothing else has to be closed.
 */
export function createLiveLists({ feed, queries, isTransient, retryMs = 1_000, leastReserve = 10, mostTouched = 50_000 }: LiveListsOptions): LiveLists {
  const lists = new Map<string, LiveList>();
  const gate = new Gate(CONCURRENT_READS);
  const gated = (source: Pick<TaskQueries, 'slice'>): Pick<TaskQueries, 'slice'> => ({
    async slice(request) {
      await gate.enter();
      try {
        return await source.slice(request);
      } finally {
        gate.leave();
      }
    },
  });
  const listsOf = (scope: QueueScope | null): LiveLists => ({
    within: listsOf,
    open({ filter = null, orderBy, first: asked }) {
      const order = validateOrder(orderBy);
      const first = wholeNumber(asked, ['first'], 1, MAX_PAGE_SIZE);
      const key = JSON.stringify([scope?.key ?? null, validateFilter(filter), order.field, order.direction, first]);
      const known = lists.get(key);
      if (known !== undefined) return known.join();
      const matchesFilter = matcherOf(filter);
      const list = new LiveList({
        feed,
        queries: gated(scope === null ? queries : queries.within(scope)),
        filter,
        order,
        first,
        reserve: Math.max(leastReserve, Math.ceil(first / 2)),
        matches: scope === null ? matchesFilter : (execution) => isWithin(scope, execution.stored) && matchesFilter(execution),
        isTransient,
        retryMs,
        mostTouched,
        onEnd: () => lists.delete(key),
      });
      lists.set(key, list);
      return list.join();
    },
  });
  return listsOf(null);
}
