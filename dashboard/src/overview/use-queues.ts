import { useEffect, useMemo, useRef } from 'react';

import type { ApiError } from '../api/errors.js';
import type { ResultOf } from '../api/graphql.js';
import { useApiQuery, useLive, useLiveEvents } from '../api/hooks.js';
import { QUEUE_STATS_CHANGED, type QueueCounts } from '../api/queue-counts.js';
import { useThrottled } from '../api/use-throttled.js';
import { useNow } from '../time/time.js';
import { QUEUE_LATENCIES, QUEUES, STUCK_TASK_DETECTED } from './documents.js';
import { type QueueRow, rowsOf } from './rows.js';

type Counts = ReadonlyMap<string, QueueCounts>;

const COUNTS = {
  initial: new Map<string, QueueCounts>() as Counts,
  apply(counts: Counts, { queueStatsChanged: changed }: ResultOf<typeof QUEUE_STATS_CHANGED>): Counts {
    return new Map(counts).set(changed.queueName, changed);
  },
  // A queue that went away meanwhile is not told of: the query, asked again, says what is there.
  restart: (): Counts => new Map(),
};

const HOUR_MS = 3_600_000;
/** Figures that no subscription tells are asked for again after changes, this long after the last time at the soonest. */
const ASK_AGAIN_MS = 3_000;
/** Quantiles of an hour move slowly. */
const ASK_LATENCIES_AGAIN_MS = 15_000;

export interface Queues {
  /** null until the first answer. */
  readonly rows: readonly QueueRow[] | null;
  readonly error: ApiError | null;
  /** The latencies could not be read; the rest could. */
  readonly latenciesFailed: boolean;
  refetch(): void;
}

/** Every queue with its figures, live: counts are pushed, the rest is asked for again after they have changed. */
export function useQueues(): Queues {
  const hour = useNow(HOUR_MS);
  const queues = useApiQuery(QUEUES, {});
  const latencies = useApiQuery(QUEUE_LATENCIES, { from: new Date(hour - HOUR_MS).toISOString() });
  const counts = useLive(QUEUE_STATS_CHANGED, { queueName: null }, COUNTS);

  const askAgain = useThrottled(queues.refetch, ASK_AGAIN_MS);
  const askLatenciesAgain = useThrottled(latencies.refetch, ASK_LATENCIES_AGAIN_MS);
  const seen = useRef(0);
  useEffect(() => {
    // The first counts are those of the query; what comes after them has changed.
    if (counts.value.size > 0 && seen.current > 0) {
      askAgain();
      askLatenciesAgain();
    }
    seen.current = counts.value.size;
  }, [counts.value, askAgain, askLatenciesAgain]);
  useLiveEvents(STUCK_TASK_DETECTED, {}, askAgain);

  const asked = queues.data?.queues;
  const buckets = useMemo(() => new Map(latencies.data?.queues.map(({ name, throughput }) => [name, throughput])), [latencies.data]);
  const rows = useMemo(() => (asked || counts.value.size > 0 ? rowsOf(asked ?? [], counts.value, buckets) : null), [asked, counts.value, buckets]);
  return {
    rows: rows !== null && asked === undefined && rows.length === 0 ? null : rows,
    error: queues.error ?? counts.error,
    latenciesFailed: latencies.error !== null,
    refetch: queues.refetch,
  };
}
