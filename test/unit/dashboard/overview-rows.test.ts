import { describe, expect, it } from 'vitest';

import {
  filterRows,
  latencyOf,
  nextSort,
  parseSort,
  type QueueRow,
  rowsOf,
  sortRows,
  totalsOf,
  writeSort,
} from '../../../dashboard/src/overview/rows.js';

type Counts = QueueRow['counts'];

function counts(queueName: string, given: Partial<Counts> = {}): Counts {
  const all = { queued: 0, processing: 0, completed: 0, failed: 0, dlq: 0, archived: 0, unknown: 0, ...given };
  const total = Object.values(all).reduce<number>((sum, value) => sum + Number(value), 0);
  return { ...all, queueName, exact: true, total };
}

function row(name: string, given: Partial<Counts> = {}, more: Partial<QueueRow> = {}): QueueRow {
  return { name, counts: counts(name, { completed: 1, ...given }), oldestQueuedAt: null, stuckCount: 0, wait: null, run: null, ...more };
}

const names = (rows: readonly QueueRow[]): string[] => rows.map(({ name }) => name);

describe('the rows of the overview', () => {
  it('show live counts in place of those that were asked, and queues that have come since', () => {
    const asked = [{ name: 'a', oldestQueuedAt: '2026-01-01T00:00:00.000Z', stuckCount: 0, stats: counts('a', { queued: 1 }) }];
    const live = new Map([
      ['a', counts('a', { queued: 2 })],
      ['b', counts('b', { failed: 1 })],
    ]);
    expect(rowsOf(asked, live, new Map()).map(({ name, counts: { queued, failed } }) => [name, queued, failed])).toEqual([
      ['a', 2, 0],
      ['b', 0, 1],
    ]);
  });

  it('leave out a queue that holds nothing any more', () => {
    const asked = [{ name: 'a', oldestQueuedAt: null, stuckCount: 0, stats: counts('a', { queued: 1 }) }];
    expect(rowsOf(asked, new Map([['a', counts('a')]]), new Map())).toEqual([]);
  });

  it('do not contradict the counts with figures that were asked a moment earlier', () => {
    const asked = [{ name: 'a', oldestQueuedAt: '2026-01-01T00:00:00.000Z', stuckCount: 3, stats: counts('a', { queued: 1, processing: 3 }) }];
    const [only] = rowsOf(asked, new Map([['a', counts('a', { completed: 3, processing: 1 })]]), new Map());
    expect([only?.oldestQueuedAt, only?.stuckCount]).toEqual([null, 1]);
  });

  it('take a p95 of the newest hour that has enough executions, else of the fullest', () => {
    const bucket = (start: string, count: number, p95: number | null) => ({ start, wait: { count, p95 }, run: { count: 0, p95: null } });
    const [old, fresh] = ['2026-01-01T10:00:00.000Z', '2026-01-01T11:00:00.000Z'];
    expect(latencyOf([bucket(old, 500, 9), bucket(fresh, 20, 7)], 'wait')).toEqual({ ms: 7, count: 20, since: fresh });
    expect(latencyOf([bucket(old, 500, 9), bucket(fresh, 3, 7)], 'wait')).toEqual({ ms: 9, count: 500, since: old });
    expect(latencyOf([bucket(old, 2, 9), bucket(fresh, 3, 7)], 'wait')).toEqual({ ms: 7, count: 3, since: fresh });
    expect(latencyOf([bucket(old, 2, 9)], 'run')).toBeNull();
  });

  it('add up to totals', () => {
    expect(totalsOf([row('a', { queued: 2 }), row('b', { queued: 3, unknown: 1 })])).toMatchObject({ queued: 5, completed: 2, unknown: 1 });
  });
});

describe('the order of the overview', () => {
  const rows = [
    row('jobs10', { failed: 1 }, { oldestQueuedAt: '2026-01-01T10:00:00.000Z', wait: { ms: 5, count: 1, since: '' } }),
    row('jobs2', { failed: 1 }, { oldestQueuedAt: '2026-01-01T09:00:00.000Z' }),
    row('mail', { failed: 4 }, { wait: { ms: 50, count: 1, since: '' } }),
  ];

  it('counts the numbers in names', () => {
    expect(names(sortRows(rows, { column: 'name', direction: 'asc' }))).toEqual(['jobs2', 'jobs10', 'mail']);
    expect(names(sortRows(rows, { column: 'name', direction: 'desc' }))).toEqual(['mail', 'jobs10', 'jobs2']);
  });

  it('goes by name where figures are equal', () => {
    expect(names(sortRows(rows, { column: 'failed', direction: 'desc' }))).toEqual(['mail', 'jobs2', 'jobs10']);
  });

  it('puts what has no figure last, either way', () => {
    expect(names(sortRows(rows, { column: 'wait', direction: 'desc' }))).toEqual(['mail', 'jobs10', 'jobs2']);
    expect(names(sortRows(rows, { column: 'wait', direction: 'asc' }))).toEqual(['jobs10', 'mail', 'jobs2']);
  });

  it('begins with the longest wait', () => {
    expect(names(sortRows(rows, nextSort({ column: 'name', direction: 'asc' }, 'oldest')))).toEqual(['jobs2', 'jobs10', 'mail']);
  });

  it('is the same after it was written to the URL and read again', () => {
    expect(writeSort(parseSort(null))).toBeNull();
    expect(parseSort(writeSort({ column: 'run', direction: 'desc' }))).toEqual({ column: 'run', direction: 'desc' });
    expect(parseSort('price.up')).toEqual({ column: 'name', direction: 'asc' });
  });
});

describe('the text filter of the overview', () => {
  it('finds a part of a name whatever its case', () => {
    expect(names(filterRows([row('Mail'), row('jobs')], ' mAI '))).toEqual(['Mail']);
  });
});
