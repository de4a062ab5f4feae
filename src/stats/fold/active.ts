import { documentIdOf, documentKey } from './document-key.js';
import { SortedTree } from './sorted-tree.js';
import type { ProcessingEntry } from './types.js';

/** One that is being processed: since when, and its document's key. */
export interface Place {
  readonly startedAt: number;
  readonly key: string;
}

function comparePlaces(a: Place, b: Place): number {
  return a.startedAt - b.startedAt || (a.key < b.key ? -1 : Number(a.key > b.key));
}

/** What is being processed, by start and `_id`. */
export class ProcessingOrder {
  readonly places = new SortedTree<Place, undefined>(undefined, comparePlaces);

  add(place: Place): void {
    this.places.set(place, undefined);
  }

  remove(place: Place): void {
    this.places.delete(place);
  }

  countBefore(instant: number): number {
    return this.places.forRange({ startedAt: -Infinity, key: '' }, { startedAt: instant, key: '' }, false);
  }

  list(after: ProcessingEntry | null, limit: number): readonly ProcessingEntry[] {
    const found: ProcessingEntry[] = [];
    if (limit <= 0) return found;
    const start = after === null ? undefined : { startedAt: after.startedAt, key: documentKey(after.documentId) };
    for (const place of this.places.keys(start)) {
      if (start !== undefined && comparePlaces(place, start) === 0) continue;
      found.push({ startedAt: place.startedAt, documentId: documentIdOf(place.key) });
      if (found.length >= limit) break;
    }
    return found;
  }
}

/** What is being processed in several orders, as one. */
export function mergeProcessing(orders: readonly ProcessingOrder[], after: ProcessingEntry | null, limit: number): readonly ProcessingEntry[] {
  const [only] = orders;
  if (orders.length <= 1) return only?.list(after, limit) ?? [];
  const entries = orders.flatMap((order) => order.list(after, limit)).map((entry) => ({ ...entry, key: documentKey(entry.documentId) }));
  return entries
    .sort(comparePlaces)
    .slice(0, limit)
    .map(({ startedAt, documentId }) => ({ startedAt, documentId }));
}

/** How many wait since each instant. */
export class WaitingOrder {
  readonly counts = new SortedTree<number, number>();

  change(since: number, weight: number): void {
    const count = (this.counts.get(since) ?? 0) + weight;
    if (count > 0) this.counts.set(since, count);
    else this.counts.delete(since);
  }

  get oldest(): number | undefined {
    return this.counts.minKey();
  }
}
