import type { Execution } from '../model/execution.js';
import { comparePositions, directionOf, isExactStart, type Direction } from '../queries/keyset.js';
import type { SliceRequest, TaskOrder } from '../queries/types.js';
import type { Step } from './fold.js';
import { rowOf, type Row } from './row.js';

export interface WindowOptions {
  /** Length of the list. */
  readonly first: number;
  /** Rows that are kept behind the list, so that most rows that leave it are followed at once. */
  readonly reserve: number;
  readonly order: TaskOrder;
}

export type ReadRequest = Pick<SliceRequest, 'behind' | 'limit'>;

interface PendingRead {
  readonly request: ReadRequest;
  /** What the events since it began have made of each execution: its row, or null where it is not one of the list's. */
  readonly touched: Map<string, Row | null>;
}

/** The list is the one that `LiveWindow.list` now gives, whatever it was before. */
export const REPLACED = 'replaced';

/**
 * The start of a list, kept right by the changes of its rows; pure, it asks for reads and is given their results.
 *
 * It knows every row up to a horizon, which lies behind the list's end: what enters or leaves up to there is placed at
 * once, what lies beyond is forgotten. When rows run short, those behind the horizon are read.
 *
 * A read races the feed: its rows may be newer than the changes that have come. So it begins at a point of the feed,
 * and what changes come from then on count instead of the rows that were read of the same executions, by their _id,
 * whether they come before the read is back or after (list, then watch; DBLog's watermarks without the second one). A
 * change that is older than the read sets a row back for a moment: whatever the read was ahead of follows.
 *
 * Where the place of a row cannot be told, it asks to read the list anew rather than guess.
 */
export class LiveWindow {
  readonly #first: number;
  readonly #capacity: number;
  /** Fewer rows than this are too few. */
  readonly #least: number;
  readonly #order: TaskOrder;
  readonly #direction: Direction;
  #rows: Row[] = [];
  readonly #byKey = new Map<string, Row>();
  /** Every row up to the place of this one is known; null: to the end. */
  #horizon: Row | null = null;
  /** The rows do not say how the list stands: it must be read. */
  #stale = true;
  /** The database sorts the rows as they are compared here. */
  #inOrder = true;
  #read: PendingRead | null = null;

  constructor({ first, reserve, order }: WindowOptions) {
    this.#first = first;
    this.#capacity = first + reserve;
    this.#least = first + Math.ceil(reserve / 2);
    this.#order = order;
    this.#direction = directionOf(order);
  }

  /** The list. As it last was, in part, while `stale`. */
  get list(): readonly Execution[] {
    return this.#rows.slice(0, this.#first).map(({ execution }) => execution);
  }

  /** True until the list has been read, and again where it must be read anew: no steps come meanwhile. */
  get stale(): boolean {
    return this.#stale;
  }

  /** How many executions changed since the read that is under way began. */
  get touched(): number {
    return this.#read?.touched.size ?? 0;
  }

  /** Whether rows are missing from the list that are still to be read. */
  get short(): boolean {
    return this.#stale || (this.#horizon !== null && this.#rows.length < this.#first);
  }

  /** What is to be read: the whole list, more rows behind it, or nothing (for now). */
  get wants(): 'all' | 'more' | null {
    if (this.#read !== null) return null;
    if (this.#stale) return 'all';
    if (this.#horizon === null || this.#rows.length >= this.#least) return null;
    return this.#horizon.position !== null && isExactStart(this.#horizon.position) ? 'more' : 'all';
  }

  /** A read begins: changes from now on are remembered until it is back. To be called when it `wants` one. */
  begin(): ReadRequest {
    const all = this.wants === 'all';
    if (all) this.#stale = true;
    const request = all
      ? { behind: null, limit: this.#capacity }
      : { behind: this.#horizon?.execution ?? null, limit: this.#capacity - this.#rows.length };
    this.#read = { request, touched: new Map() };
    return request;
  }

  /** The read failed. */
  abandon(request: ReadRequest): void {
    if (this.#read?.request === request) this.#read = null;
  }

  /** The feed lost its place: whatever is known or being read may be wrong. */
  reset(): void {
    this.#stale = true;
    this.#read = null;
  }

  /**
   * An execution changed.
   * @param row its row as of the change; null where it is not one of the list's (any more)
   */
  apply(key: string, row: Row | null): readonly Step[] {
    this.#read?.touched.set(key, row);
    if (this.#stale) return [];
    const old = this.#byKey.get(key);
    const from = old === undefined ? -1 : this.#rows.indexOf(old);
    if (old !== undefined) this.#remove(old, from);
    const to = row === null ? -1 : this.#placeOf(row);
    if (to === null) {
      this.#stale = true;
      return [];
    }
    if (row !== null && to >= 0) this.#insert(row, to);
    const steps = this.#stepsOf(old, from, row, to);
    this.#trim();
    return steps;
  }

  /** The rows of a read are there, in the database's order. */
  finish(request: ReadRequest, found: readonly Execution[]): readonly Step[] | typeof REPLACED {
    const read = this.#read;
    if (read?.request !== request) return [];
    this.#read = null;
    const all = request.behind === null;
    if (all) this.#empty();
    else if (this.#stale) return [];

    const known = this.#rows.length;
    const rows = found.map((execution) => rowOf(execution, this.#order));
    this.#inOrder &&= this.#areInOrder([...this.#rows.slice(-1), ...rows]);
    for (const row of rows) if (!read.touched.has(row.key) && !this.#byKey.has(row.key)) this.#insert(row, this.#rows.length);
    this.#horizon = found.length < request.limit ? null : (rows.at(-1) ?? null);
    this.#stale = !this.#placeTouched(read.touched, known);
    if (this.#stale) return [];
    return all ? REPLACED : this.#rows.slice(known, this.#first).map(({ execution }, at) => ({ kind: 'ENTER', index: known + at, execution }));
  }

  /** Rows that the feed has brought since the read began. @returns false where one cannot be placed */
  #placeTouched(touched: ReadonlyMap<string, Row | null>, known: number): boolean {
    for (const [key, row] of touched) {
      if (row === null || this.#byKey.has(key)) continue;
      const to = this.#placeOf(row);
      if (to === null || (to >= 0 && to < known)) return false;
      if (to >= 0) this.#insert(row, to);
      this.#trim();
    }
    return true;
  }

  #stepsOf(old: Row | undefined, from: number, row: Row | null, to: number): Step[] {
    const first = this.#first;
    const left = from >= 0 && from < first && old ? old.execution : null;
    const entered = to >= 0 && to < first && row ? row.execution : null;
    if (left && entered) {
      if (from === to) return [{ kind: 'UPDATE', index: to, execution: entered }];
      return [
        { kind: 'LEAVE', index: from, execution: left },
        { kind: 'ENTER', index: to, execution: entered },
      ];
    }
    if (left) {
      const next = this.#rows[first - 1];
      const steps: Step[] = [{ kind: 'LEAVE', index: from, execution: left }];
      return next ? [...steps, { kind: 'ENTER', index: first - 1, execution: next.execution }] : steps;
    }
    if (!entered) return [];
    const last = this.#rows[first];
    const steps: Step[] = [{ kind: 'ENTER', index: to, execution: entered }];
    return last ? [{ kind: 'LEAVE', index: first - 1, execution: last.execution }, ...steps] : steps;
  }

  #compare(a: Row, b: Row): number {
    return a.position === null || b.position === null ? Number.NaN : comparePositions(a.position, b.position, this.#direction);
  }

  /** Nothing says otherwise: two rows that cannot be compared are as the database says. */
  #areInOrder(rows: readonly Row[]): boolean {
    return rows.every((row, at) => {
      const next = rows[at + 1];
      return next === undefined || !(this.#compare(row, next) > 0);
    });
  }

  /** The index where a row belongs; -1 beyond the horizon; null where it cannot be told. */
  #placeOf(row: Row): number | null {
    if (!this.#inOrder) return null;
    if (this.#horizon !== null) {
      const beyond = this.#compare(row, this.#horizon);
      if (Number.isNaN(beyond)) return null;
      if (beyond > 0) return -1;
    }
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = this.#compare(this.#rows[middle] as Row, row);
      if (Number.isNaN(order)) return null;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #insert(row: Row, at: number): void {
    this.#rows.splice(at, 0, row);
    this.#byKey.set(row.key, row);
  }

  #remove(row: Row, at: number): void {
    this.#rows.splice(at, 1);
    this.#byKey.delete(row.key);
  }

  /** Forgets rows beyond what is kept; a read of rows behind them is of no use any more. */
  #trim(): void {
    if (this.#rows.length <= this.#capacity) return;
    for (const row of this.#rows.splice(this.#capacity)) this.#byKey.delete(row.key);
    this.#horizon = this.#rows.at(-1) ?? null;
    if (this.#read !== null && this.#read.request.behind !== null) this.#read = null;
  }

  #empty(): void {
    this.#rows = [];
    this.#byKey.clear();
    this.#horizon = null;
    this.#inOrder = true;
  }
}
