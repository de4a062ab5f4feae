import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { LoadedList, type Placed, type RowChange } from '../../../dashboard/src/tasks/loaded-list.js';
import type { TaskOrder } from '../../../dashboard/src/routing/task-filter.js';

interface Row extends Placed {
  readonly version: number;
}

const instant = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();

function row(id: string, minute: number, version = 0): Row {
  return { id, enqueuedAt: instant(minute), updatedAt: instant(minute), failedAt: null, processingStartedAt: null, version };
}

const NEWEST: TaskOrder = { field: 'ENQUEUED_AT', direction: 'DESC' };
const ids = (list: LoadedList<Row>): string[] => list.snapshot().map(({ id }) => id);
const written = (task: Row): RowChange<Row> => ({ nodeId: task.id, matches: true, task });
const gone = (id: string): RowChange<Row> => ({ nodeId: id, matches: false, task: null });

function loaded(rows: readonly Row[], hasNextPage: boolean, order = NEWEST): LoadedList<Row> {
  const list = new LoadedList<Row>(order);
  list.pageAsked();
  list.addPage(rows, hasNextPage);
  return list;
}

describe('a list that is read page after page', () => {
  it('takes in what is new at its place, and takes out what leaves', () => {
    const list = loaded([row('c', 30), row('b', 20), row('a', 10)], false);
    list.apply(written(row('d', 25)));
    list.apply(gone('b'));
    list.apply(written(row('e', 40)));
    expect(ids(list)).toEqual(['e', 'c', 'd', 'a']);
  });

  it('puts a row that was written again in its own place, and moves one whose order changed', () => {
    const list = loaded([row('c', 30), row('b', 20), row('a', 10)], false);
    list.apply(written(row('b', 20, 1)));
    expect(list.snapshot()[1]).toEqual(row('b', 20, 1));
    list.apply(written(row('a', 35, 1)));
    expect(ids(list)).toEqual(['a', 'c', 'b']);
  });

  it('leaves what belongs behind its last page to a later page', () => {
    const list = loaded([row('c', 30), row('b', 20)], true);
    list.apply(written(row('z', 5)));
    expect(ids(list)).toEqual(['c', 'b']);
    list.apply(written(row('c', 1, 1)));
    expect(ids(list)).toEqual(['b']);
    list.pageAsked();
    list.addPage([row('z', 5), row('c', 1, 1)], false);
    expect(ids(list)).toEqual(['b', 'z', 'c']);
    list.apply(written(row('y', 0)));
    expect(ids(list)).toEqual(['b', 'z', 'c', 'y']);
  });

  it('does not let a page that was read earlier undo a change that came before it', () => {
    const list = loaded([row('c', 30)], true);
    list.pageAsked();
    list.apply(gone('b'));
    list.apply(written(row('a', 10, 1)));
    list.addPage([row('b', 20), row('a', 10)], false);
    expect(list.snapshot()).toEqual([row('c', 30), row('a', 10, 1)]);
  });

  it('shows no row twice when pages overlap', () => {
    const list = loaded([row('c', 30), row('b', 20)], true);
    list.pageAsked();
    list.addPage([row('b', 20), row('a', 10)], false);
    expect(ids(list)).toEqual(['c', 'b', 'a']);
  });

  it('takes rows that lack the instant for the oldest', () => {
    const list = loaded([{ ...row('b', 0), failedAt: instant(5) }], false, { field: 'FAILED_AT', direction: 'DESC' });
    list.apply(written(row('never', 9)));
    list.apply(written({ ...row('a', 0), failedAt: instant(1) }));
    expect(ids(list)).toEqual(['b', 'a', 'never']);
  });

  it('is what the whole list is, after any changes between any pages', () => {
    const change = fc.record({ id: fc.integer({ min: 0, max: 12 }), minute: fc.integer({ min: 0, max: 60 }), gone: fc.boolean() });
    const step = fc.oneof({ weight: 3, arbitrary: change.map((of) => ({ of })) }, { weight: 1, arbitrary: fc.constant({ page: true as const }) });
    const direction = fc.constantFrom<TaskOrder['direction']>('ASC', 'DESC');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), direction, (steps, way) => {
        // The database: each row's minute is its own, so that the order has no equals.
        const database = new Map<string, Row>();
        const order: TaskOrder = { field: 'ENQUEUED_AT', direction: way };
        const sorted = (): Row[] => [...database.values()].sort((a, b) => (a.enqueuedAt < b.enqueuedAt ? -1 : 1) * (way === 'ASC' ? 1 : -1));
        const keyOf = (id: number, minute: number): number => minute * 20 + id;
        for (let id = 0; id < 8; id += 1) database.set(`r${id}`, row(`r${id}`, keyOf(id, 7 * id)));
        const list = new LoadedList<Row>(order);
        let end: string | null = null;
        let more = true;
        const page = (): void => {
          if (!more) return;
          list.pageAsked();
          const behind = sorted().filter(({ enqueuedAt }) => end === null || (way === 'ASC' ? enqueuedAt > end : enqueuedAt < end));
          const rows = behind.slice(0, 3);
          more = behind.length > 3;
          end = rows.at(-1)?.enqueuedAt ?? end;
          list.addPage(rows, more);
        };
        page();
        let version = 0;
        for (const taken of steps) {
          if ('page' in taken) {
            page();
            continue;
          }
          const id = `r${taken.of.id}`;
          if (taken.of.gone) {
            database.delete(id);
            list.apply(gone(id));
          } else {
            const fresh = row(id, keyOf(taken.of.id, taken.of.minute), (version += 1));
            database.set(id, fresh);
            list.apply(written(fresh));
          }
        }
        while (more) page();
        expect(list.snapshot()).toEqual(sorted());
      }),
    );
  });
});
