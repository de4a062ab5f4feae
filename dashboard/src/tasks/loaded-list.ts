import type { TaskOrder } from '../routing/task-filter.js';

/** As much of a row as says where it belongs. */
export interface Placed {
  readonly id: string;
  readonly enqueuedAt: string;
  readonly updatedAt: string;
  readonly failedAt: string | null;
  readonly processingStartedAt: string | null;
}

/** A message of `taskChanged`. */
export interface RowChange<Row> {
  /** `TaskTracker.id`; null for a BOOKMARK. */
  readonly nodeId: string | null;
  readonly matches: boolean;
  readonly task: Row | null;
}

const FIELDS = {
  ENQUEUED_AT: 'enqueuedAt',
  UPDATED_AT: 'updatedAt',
  FAILED_AT: 'failedAt',
  PROCESSING_STARTED_AT: 'processingStartedAt',
} as const satisfies Readonly<Record<TaskOrder['field'], keyof Placed>>;

/** Instants of the API are all written alike, so they compare as texts; rows that lack one are the oldest. */
function keyOf(row: Placed, field: TaskOrder['field']): string {
  return row[FIELDS[field]] ?? '';
}

/**
 * Pages of a list read one after another from its start, kept right by every change since the first page was read. Rows
 * that are equal in the order stand in the order in which they came.
 */
export class LoadedList<Row extends Placed> {
  readonly #field: TaskOrder['field'];
  readonly #sign: 1 | -1;
  readonly #byId = new Map<string, Row>();
  #rows: Row[] = [];
  /** Key of the last row of the last page: what belongs behind it will come with a later page. null: all is loaded. */
  #bound: string | null = null;
  /** Changes since a page was asked for, which that page may not hold. */
  #since: RowChange<Row>[] | null = null;

  constructor({ field, direction }: TaskOrder) {
    this.#field = field;
    this.#sign = direction === 'ASC' ? 1 : -1;
  }

  get length(): number {
    return this.#rows.length;
  }

  /** A copy: later changes do not touch it. */
  snapshot(): readonly Row[] {
    return this.#rows.slice();
  }

  /** To be called before a page is asked for. */
  pageAsked(): void {
    this.#since = [];
  }

  pageFailed(): void {
    this.#since = null;
  }

  /** The page that was asked for: rows that change events have brought already stay as they are. */
  addPage(rows: readonly Row[], hasNextPage: boolean): void {
    for (const row of rows) {
      if (this.#byId.has(row.id)) continue;
      this.#byId.set(row.id, row);
      this.#rows.splice(this.#place(keyOf(row, this.#field)), 0, row);
    }
    const last = rows.at(-1);
    this.#bound = !hasNextPage || last === undefined ? null : keyOf(last, this.#field);
    const since = this.#since ?? [];
    this.#since = null;
    for (const change of since) this.apply(change);
  }

  apply(change: RowChange<Row>): void {
    this.#since?.push(change);
    const { nodeId, matches, task } = change;
    if (nodeId === null) return;
    const before = this.#byId.get(nodeId);
    if (task === null || !matches) {
      if (before) this.#remove(before);
      return;
    }
    const key = keyOf(task, this.#field);
    if (before && keyOf(before, this.#field) === key) {
      this.#rows[this.#indexOf(before)] = task;
      this.#byId.set(nodeId, task);
      return;
    }
    if (before) this.#remove(before);
    if (this.#bound !== null && this.#compare(key, this.#bound) > 0) return;
    this.#byId.set(nodeId, task);
    this.#rows.splice(this.#place(key), 0, task);
  }

  #compare(a: string, b: string): number {
    return a === b ? 0 : (a < b ? -1 : 1) * this.#sign;
  }

  /** Behind all rows that do not belong behind `key`. */
  #place(key: string): number {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(keyOf(this.#rows[middle] as Row, this.#field), key) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #indexOf(row: Row): number {
    let index = this.#place(keyOf(row, this.#field)) - 1;
    while (index >= 0 && this.#rows[index]?.id !== row.id) index -= 1;
    return index;
  }

  #remove(row: Row): void {
    this.#byId.delete(row.id);
    this.#rows.splice(this.#indexOf(row), 1);
  }
}
