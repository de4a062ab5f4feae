import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';

import { useApi } from '../api/api.js';
import type { ApiError } from '../api/errors.js';
import { type TaskRow, useLiveTasks } from '../api/live-tasks.js';
import type { TaskFilter, TaskOrder } from '../routing/task-filter.js';
import { type Tail, TailStore } from './tail-store.js';

/** Rows that are kept right by `liveTasks` alone; who scrolls further reads pages. */
const HEAD = 100;

export interface TaskList {
  readonly rows: readonly TaskRow[];
  /** Nothing has come yet. */
  readonly waiting: boolean;
  readonly hasMore: boolean;
  readonly loadingMore: boolean;
  readonly error: ApiError | null;
  /** Reads the next page. */
  more(): void;
  /** Gives the pages up: the list is its live start again. */
  collapse(): void;
}

const NO_TAIL: Tail = { rows: null, hasMore: false, loading: false, error: null };
const NOTHING = (): (() => void) => () => undefined;

/**
 * A list of tasks without end: its start is live from the first moment, the rest comes in pages as it is asked for, and
 * is live too.
 *
 * @param filter instants resolved
 */
export function useTaskList(filter: TaskFilter, order: TaskOrder): TaskList {
  const api = useApi();
  const head = useLiveTasks({ filter, orderBy: order, first: HEAD });
  const key = JSON.stringify([filter, order]);
  const asked = useRef({ filter, order });
  asked.current = { filter, order };
  const [tail, setTail] = useState<{ readonly key: string; readonly store: TailStore } | null>(null);
  const store = tail?.key === key ? tail.store : null;
  useEffect(() => () => tail?.store.close(), [tail]);
  const { rows, hasMore, loading, error } = useSyncExternalStore(store?.listen ?? NOTHING, store?.get ?? (() => NO_TAIL));

  const headIsFull = head.tasks.length >= HEAD;
  const more = useCallback(() => {
    if (store !== null) {
      store.more();
    } else if (headIsFull) {
      const next = new TailStore(api, asked.current.filter, asked.current.order);
      next.more();
      setTail({ key, store: next });
    }
  }, [api, key, store, headIsFull]);
  const collapse = useCallback(() => setTail(null), []);

  return useMemo(
    () => ({
      rows: rows ?? head.tasks,
      waiting: head.waiting,
      hasMore: store === null ? headIsFull : hasMore,
      loadingMore: loading,
      error: error ?? head.error,
      more,
      collapse,
    }),
    [rows, head.tasks, head.waiting, head.error, store, headIsFull, hasMore, loading, error, more, collapse],
  );
}
