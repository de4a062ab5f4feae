import { ProcessingOrder, WaitingOrder } from './active.js';
import { STATUS_COUNT } from './contribution.js';
import { Refusals } from './refusals.js';
import type { Series } from './series.js';
import { OTHER_QUEUES } from './types.js';

/** What is kept of one queue. */
export class QueueEntry {
  /** How many documents stand in each status. */
  readonly counts: number[] = new Array<number>(STATUS_COUNT).fill(0);
  #waiting: WaitingOrder | null = null;
  #processing: ProcessingOrder | null = null;

  constructor(
    readonly name: string,
    /** Its own, or that of the other queues. */
    readonly series: Series,
    readonly own: boolean,
  ) {}

  get empty(): boolean {
    return this.counts.every((count) => count === 0);
  }

  get waiting(): WaitingOrder | null {
    return this.#waiting;
  }

  get processing(): ProcessingOrder | null {
    return this.#processing;
  }

  openWaiting(): WaitingOrder {
    return (this.#waiting ??= new WaitingOrder());
  }

  openProcessing(): ProcessingOrder {
    return (this.#processing ??= new ProcessingOrder());
  }
}

export interface QueueLimits {
  readonly maxQueues: number;
  readonly maxQueueNames: number;
}

/**
 * Queues by name, while a document names them. A queue keeps its place from its first document to its last: buckets of
 * its own where there was room, else with the other queues; where not even its name could be kept, nothing but a share of
 * the other queues' figures.
 */
export class Queues {
  readonly entries = new Map<string, QueueEntry>();
  /** How many documents were counted under names that are not kept, by name. */
  readonly refusals = new Refusals();
  /** The sum of them; a document counts once for each such name. */
  refused = 0;
  owners = 0;

  constructor(
    readonly limits: QueueLimits,
    readonly others: Series,
    readonly openSeries: () => Series,
  ) {}

  get(name: string): QueueEntry | undefined {
    return this.entries.get(name);
  }

  /** The entry where this name's next document is counted; undefined where the name is refused. */
  admit(name: string): QueueEntry | undefined {
    const found = this.entries.get(name);
    if (found !== undefined) return found;
    if (this.entries.size >= this.limits.maxQueueNames || this.refusals.get(name) > 0) return undefined;
    const own = this.owners < this.limits.maxQueues && name !== OTHER_QUEUES;
    return this.insert(new QueueEntry(name, own ? this.openSeries() : this.others, own));
  }

  insert(entry: QueueEntry): QueueEntry {
    if (entry.own) this.owners += 1;
    this.entries.set(entry.name, entry);
    return entry;
  }

  /** One more document (or less, by a weight of -1) of a name that is not kept. */
  refuse(name: string, weight: number): void {
    this.refused += weight;
    this.refusals.set(name, this.refusals.get(name) + weight);
  }

  remove(entry: QueueEntry): void {
    if (entry.own) this.owners -= 1;
    this.entries.delete(entry.name);
  }
}
