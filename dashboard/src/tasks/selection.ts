import { useMemo, useState } from 'react';

import type { TaskRow } from '../api/live-tasks.js';
import { type Selected, toggled } from './selected.js';

export interface Selection {
  readonly size: number;
  readonly tasks: readonly TaskRow[];
  has(executionId: string): boolean;
  /** The row at an index in or out; `range`: all from the one that was toggled last to this one, in. */
  toggle(rows: readonly TaskRow[], index: number, range: boolean): void;
  addAll(rows: readonly TaskRow[]): void;
  clear(): void;
}

const NONE: Selected<TaskRow> = { byId: new Map(), last: null };

/**
 * Rows that somebody has ticked. They stay ticked when they leave the list, and are as they were last seen in it.
 *
 * @param rows as they are now
 */
export function useSelection(rows: readonly TaskRow[]): Selection {
  const [selected, setSelected] = useState<Selected<TaskRow>>(NONE);
  const tasks = useMemo(() => {
    if (selected.byId.size === 0) return [];
    const now = new Map(rows.filter(({ executionId }) => selected.byId.has(executionId)).map((row) => [row.executionId, row]));
    return [...selected.byId.values()].map((row) => now.get(row.executionId) ?? row);
  }, [rows, selected]);
  const moves = useMemo(
    () => ({
      toggle: (all: readonly TaskRow[], index: number, range: boolean) => setSelected((before) => toggled(before, all, index, range)),
      addAll: (all: readonly TaskRow[]) =>
        setSelected(({ byId, last }) => ({ byId: new Map([...byId, ...all.map((row) => [row.executionId, row] as const)]), last })),
      clear: () => setSelected(NONE),
    }),
    [],
  );
  return useMemo(() => ({ ...moves, tasks, size: selected.byId.size, has: (executionId: string) => selected.byId.has(executionId) }), [moves, tasks, selected]);
}
