import type { QueueCounts } from '../api/queue-counts.js';

/** A figure of the last hours: from which instant on, of how many executions. */
export interface Latency {
  readonly ms: number;
  readonly count: number;
  readonly since: string;
}

export interface QueueRow {
  readonly name: string;
  readonly counts: QueueCounts;
  readonly oldestQueuedAt: string | null;
  readonly stuckCount: number;
  readonly wait: Latency | null;
  readonly run: Latency | null;
}

export interface QueueFigures {
  readonly name: string;
  readonly oldestQueuedAt: string | null;
  readonly stuckCount: number;
  readonly stats: QueueCounts;
}

interface Quantile {
  readonly count: number;
  readonly p95: number | null;
}

export interface LatencyBucket {
  readonly start: string;
  readonly wait: Quantile;
  readonly run: Quantile;
}

/** A p95 of fewer executions says little. */
const ENOUGH = 20;

/**
 * The p95 of the newest hour that has enough executions, else of the hour that has most: quantiles of two hours cannot
 * be joined.
 */
export function latencyOf(buckets: readonly LatencyBucket[], which: 'wait' | 'run'): Latency | null {
  let most: Latency | null = null;
  for (const bucket of buckets.toReversed()) {
    const { count, p95 } = bucket[which];
    if (p95 === null) continue;
    const latency = { ms: p95, count, since: bucket.start };
    if (count >= ENOUGH) return latency;
    if (most === null || count > most.count) most = latency;
  }
  return most;
}

/** Joins what was asked with what came live, which is newer. A queue that holds nothing any more is left out. */
export function rowsOf(
  asked: readonly QueueFigures[],
  live: ReadonlyMap<string, QueueCounts>,
  latencies: ReadonlyMap<string, readonly LatencyBucket[]>,
): readonly QueueRow[] {
  const figures = new Map(asked.map((queue) => [queue.name, queue]));
  const names = new Set([...figures.keys(), ...live.keys()]);
  const rows: QueueRow[] = [];
  for (const name of names) {
    const queue = figures.get(name);
    const counts = live.get(name) ?? queue?.stats;
    if (counts === undefined || counts.total === 0) continue;
    const buckets = latencies.get(name) ?? [];
    rows.push({
      name,
      counts,
      // A figure that was asked a moment before the counts must not contradict them.
      oldestQueuedAt: counts.queued === 0 ? null : (queue?.oldestQueuedAt ?? null),
      stuckCount: Math.min(counts.processing, queue?.stuckCount ?? 0),
      wait: latencyOf(buckets, 'wait'),
      run: latencyOf(buckets, 'run'),
    });
  }
  return rows;
}

export const COUNT_COLUMNS = ['queued', 'processing', 'completed', 'failed', 'dlq', 'archived'] as const;
export const SORT_COLUMNS = ['name', ...COUNT_COLUMNS, 'unknown', 'wait', 'run', 'oldest', 'stuck'] as const;
export type SortColumn = (typeof SORT_COLUMNS)[number];

export interface Sort {
  readonly column: SortColumn;
  readonly direction: 'asc' | 'desc';
}

export const DEFAULT_SORT: Sort = { column: 'name', direction: 'asc' };

const BY_NAME = new Intl.Collator('en', { numeric: true });

/** What a row is ordered by; null goes last whatever the direction. */
function keyOf(row: QueueRow, column: Exclude<SortColumn, 'name'>): number | null {
  switch (column) {
    case 'wait':
      return row.wait?.ms ?? null;
    case 'run':
      return row.run?.ms ?? null;
    case 'oldest':
      // The longest wait is the largest.
      return row.oldestQueuedAt === null ? null : -Date.parse(row.oldestQueuedAt);
    case 'stuck':
      return row.stuckCount;
    default:
      return row.counts[column];
  }
}

export function sortRows(rows: readonly QueueRow[], { column, direction }: Sort): readonly QueueRow[] {
  const sign = direction === 'asc' ? 1 : -1;
  const byName = (a: QueueRow, b: QueueRow): number => BY_NAME.compare(a.name, b.name);
  if (column === 'name') return rows.toSorted((a, b) => sign * byName(a, b));
  return rows.toSorted((a, b) => {
    const [x, y] = [keyOf(a, column), keyOf(b, column)];
    if (x === y) return byName(a, b);
    if (x === null) return 1;
    if (y === null) return -1;
    return sign * (x - y);
  });
}

export function filterRows(rows: readonly QueueRow[], text: string): readonly QueueRow[] {
  const wanted = text.trim().toLowerCase();
  return wanted === '' ? rows : rows.filter(({ name }) => name.toLowerCase().includes(wanted));
}

export function parseSort(text: string | null): Sort {
  const [name, direction] = (text ?? '').split('.');
  const column = SORT_COLUMNS.find((known) => known === name);
  return column !== undefined && (direction === 'asc' || direction === 'desc') ? { column, direction } : DEFAULT_SORT;
}

/** null for the order that holds without being said. */
export function writeSort({ column, direction }: Sort): string | null {
  return column === DEFAULT_SORT.column && direction === DEFAULT_SORT.direction ? null : `${column}.${direction}`;
}

/** The order after a click on a column's head: figures begin with the largest, names with A. */
export function nextSort(sort: Sort, column: SortColumn): Sort {
  if (sort.column === column) return { column, direction: sort.direction === 'asc' ? 'desc' : 'asc' };
  return { column, direction: column === 'name' ? 'asc' : 'desc' };
}

export function totalsOf(rows: readonly QueueRow[]): Readonly<Record<(typeof COUNT_COLUMNS)[number] | 'unknown', number>> {
  const totals = { queued: 0, processing: 0, completed: 0, failed: 0, dlq: 0, archived: 0, unknown: 0 };
  for (const { counts } of rows) for (const name of Object.keys(totals) as (keyof typeof totals)[]) totals[name] += counts[name];
  return totals;
}
