import { useEffect, useMemo, useRef } from 'react';

import type { ResultOf } from '../api/graphql.js';
import { useApiQuery, useLive } from '../api/hooks.js';
import { QUEUE_STATS_CHANGED, type QueueCounts } from '../api/queue-counts.js';
import { useThrottled } from '../api/use-throttled.js';
import { INTERVAL_MS } from '../charts/throughput.js';
import { type Range, type TimeWindow, windowOf, type Zoom } from '../charts/window.js';
import { useNow } from '../time/time.js';
import { QUEUE, QUEUE_BUCKET_CHANGED, QUEUE_SERIES, type QueueBucket } from './documents.js';
import { joinBuckets } from './series.js';

const COUNTS = {
  initial: null as QueueCounts | null,
  apply: (_before: QueueCounts | null, { queueStatsChanged }: ResultOf<typeof QUEUE_STATS_CHANGED>): QueueCounts => queueStatsChanged,
};

const ASK_AGAIN_MS = 2_000;

/** The present of a queue: counts are pushed, what waits and what is stuck is asked for again when they change. */
export function useQueue(name: string) {
  const counts = useLive(QUEUE_STATS_CHANGED, { queueName: name }, COUNTS);
  const queue = useApiQuery(QUEUE, { name });
  const askAgain = useThrottled(queue.refetch, ASK_AGAIN_MS);
  const seen = useRef(false);
  useEffect(() => {
    // The first counts are as old as the first answer.
    if (counts.value !== null && seen.current) askAgain();
    seen.current = counts.value !== null;
  }, [counts.value, askAgain]);
  const found = queue.data === undefined ? undefined : queue.data.queue;
  return {
    counts: counts.value,
    /** undefined: not known yet; null: no execution names it. */
    queue: found ?? (counts.value !== null && counts.value.total > 0 ? undefined : found),
    error: queue.error ?? counts.error,
    refetch: queue.refetch,
  };
}

type Buckets = ReadonlyMap<string, QueueBucket>;

/** More than a chart shows at a time: older ones have been asked for meanwhile. */
const MOST_KEPT = 12;

const BUCKETS = {
  initial: new Map<string, QueueBucket>() as Buckets,
  apply(buckets: Buckets, { throughputChanged: bucket }: ResultOf<typeof QUEUE_BUCKET_CHANGED>): Buckets {
    const next = new Map(buckets).set(bucket.start, bucket);
    const [oldest] = next.keys();
    if (next.size > MOST_KEPT && oldest !== undefined) next.delete(oldest);
    return next;
  },
  restart: (): Buckets => new Map(),
};

/** The window that charts show: a range that ends now, or a zoom. The same object until one of its bounds changes. */
export function useTimeWindow(range: Range, zoom: Zoom | null): TimeWindow {
  const now = useNow(INTERVAL_MS.MINUTE);
  const { from, to, interval, live } = windowOf(range, zoom, now);
  return useMemo(() => ({ from, to, interval, live }), [from, to, interval, live]);
}

/** The past of a queue in a window. A window that ends now is live: the bucket that still grows is pushed. */
export function useQueueSeries(name: string, window: TimeWindow) {
  const { from, to, interval, live } = window;
  const asked = useApiQuery(QUEUE_SERIES, { name, from: new Date(from).toISOString(), to: new Date(to).toISOString(), interval });
  const pushed = useLive(QUEUE_BUCKET_CHANGED, live ? { name, interval } : null, BUCKETS);
  const data = asked.data?.queue;
  const buckets = useMemo(() => (data ? joinBuckets(data.throughput, pushed.value.values(), window) : null), [data, pushed.value, window]);
  return { buckets, history: data?.history ?? null, fetching: asked.fetching, error: asked.error, refetch: asked.refetch };
}
