import { CODES } from './contribution.js';
import { SortedTree } from './sorted-tree.js';

/**
 * Points behind the horizon: how many of each, by minute, until it comes near enough to have buckets. Costs memory only
 * for documents that hold instants more than a day ahead.
 */
export class Future {
  /** Minute → (series and code in one number) → how many. */
  readonly minutes = new SortedTree<number, Map<number, number>>();

  get size(): number {
    return this.minutes.size;
  }

  record(minute: number, series: number, code: number, weight: number): void {
    const key = series * CODES + code;
    let points = this.minutes.get(minute);
    if (points === undefined) {
      points = new Map();
      this.minutes.set(minute, points);
    }
    const count = (points.get(key) ?? 0) + weight;
    if (count !== 0) points.set(key, count);
    else if (points.delete(key) && points.size === 0) this.minutes.delete(minute);
  }

  /** Takes out all points before a minute. */
  takeBefore(endMinute: number, visit: (minute: number, series: number, code: number, count: number) => void): void {
    for (let minute = this.minutes.minKey(); minute !== undefined && minute < endMinute; minute = this.minutes.minKey()) {
      const points = this.minutes.get(minute) ?? new Map<number, number>();
      this.minutes.delete(minute);
      for (const [key, count] of points) visit(minute, Math.floor(key / CODES), key % CODES, count);
    }
  }
}
