import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'wouter';

import { parseTaskFilter, parseTaskOrder, resolveTaskFilter, type TaskFilter, type TaskOrder, writeTaskFilter, writeTaskOrder } from '../routing/task-filter.js';

export const DEFAULT_ORDER: TaskOrder = { field: 'ENQUEUED_AT', direction: 'DESC' };

export interface TaskView {
  /** As it stands in the URL. */
  readonly filter: TaskFilter;
  /** As the API takes it: relative instants counted from when the filter was given. */
  readonly resolved: TaskFilter;
  readonly order: TaskOrder;
  /** What stands in the URL and cannot be understood. */
  readonly dropped: readonly string[];
  setFilter(filter: TaskFilter): void;
  setOrder(order: TaskOrder): void;
}

/** What the view of tasks shows is what its URL says, and nothing else. */
export function useTaskView(): TaskView {
  const [params, setParams] = useSearchParams();
  const text = params.toString();
  const { filter, dropped, order } = useMemo(() => {
    const current = new URLSearchParams(text);
    return { ...parseTaskFilter(current), order: parseTaskOrder(current) ?? DEFAULT_ORDER };
  }, [text]);
  const key = JSON.stringify(filter);
  const resolved = useMemo(() => resolveTaskFilter(JSON.parse(key) as TaskFilter, Date.now()), [key]);
  const change = useCallback(
    (write: (next: URLSearchParams) => void) =>
      setParams((before) => {
        const next = new URLSearchParams(before);
        write(next);
        return next;
      }),
    [setParams],
  );
  const setFilter = useCallback((next: TaskFilter) => change((into) => writeTaskFilter(next, into)), [change]);
  const setOrder = useCallback(
    (next: TaskOrder) => change((into) => writeTaskOrder(next.field === DEFAULT_ORDER.field && next.direction === DEFAULT_ORDER.direction ? null : next, into)),
    [change],
  );
  return { filter, resolved, order, dropped, setFilter, setOrder };
}
