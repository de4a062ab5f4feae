import { useEffect, useMemo, useState } from 'react';

import type { ResultOf } from '../api/graphql.js';
import { useApiQuery, useLive } from '../api/hooks.js';
import { useNow } from '../time/time.js';
import { type Bucket, lastMinutes, type Minute, MINUTE_MS, THROUGHPUT, THROUGHPUT_CHANGED } from './throughput.js';

const SHOWN_MINUTES = 60;
const ASK_AGAIN_MS = 30 * MINUTE_MS;

type Changes = ReadonlyMap<string, Bucket>;

const FOLD = {
  initial: new Map<string, Bucket>() as Changes,
  apply(changes: Changes, { throughputChanged: bucket }: ResultOf<typeof THROUGHPUT_CHANGED>): Changes {
    const next = new Map(changes);
    next.set(bucket.start, bucket);
    const [oldest] = next.keys();
    if (next.size > 2 * SHOWN_MINUTES && oldest !== undefined) next.delete(oldest);
    return next;
  },
  // What happened meanwhile is asked for again.
  restart: (): Changes => new Map(),
};

export interface Minutes {
  /** null until the first answer, and where there is none. */
  readonly minutes: readonly Minute[] | null;
  readonly failed: boolean;
}

/** What ended in each of the last 60 minutes, live. `queueName` null: of all queues. Waits while `pause`. */
export function useMinutes(queueName: string | null, pause = false): Minutes {
  // Asked again as the page grows old, or the first answer would lie further and further back.
  const asked = useNow(ASK_AGAIN_MS);
  const from = new Date(asked - SHOWN_MINUTES * MINUTE_MS).toISOString();
  const { data, error } = useApiQuery(THROUGHPUT, { queueName, from }, { pause });
  const { value: changes } = useLive(THROUGHPUT_CHANGED, pause ? null : { queueName }, FOLD);
  const now = useNow(MINUTE_MS);
  // The present minute may begin between two ticks: a bucket that is newer than the tick is the present one.
  const newest = Math.max(now, ...[...changes.keys()].map((start) => Date.parse(start)));
  const minutes = useMemo(
    () => (data ? lastMinutes(newest, SHOWN_MINUTES, data.throughput, changes.values()) : null),
    [data, changes, newest],
  );
  return { minutes, failed: error !== null };
}

/** False at first, true once the component has been there for `ms`: what scrolls by needs no figures. */
export function useSettled(ms: number): boolean {
  const [settled, setSettled] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return settled;
}
