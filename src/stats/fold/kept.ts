/** A document at an instant: a failure that may serve as a sample. */
export interface Kept {
  readonly at: number;
  readonly key: string;
}

/** The order of failures in time; documents that failed at the same instant, by key. */
function compare(a: Kept, b: Kept): number {
  return a.at - b.at || (a.key < b.key ? -1 : Number(a.key > b.key));
}

/**
 * The foremost few of any number of failures: the newest, or the oldest. What was passed over is forgotten but for the
 * foremost of it, so it is always known which of the kept ones are truly the foremost: all of them. After removals there
 * may be fewer than the limit, or none, although failures are left.
 */
export class KeptFew {
  /** Foremost first. */
  entries: Kept[] = [];
  /** The foremost that was ever passed over; null while all are kept. What lies before it, if it exists, is kept. */
  passedOver: Kept | null = null;

  constructor(
    readonly limit: number,
    /** 1: the newest are foremost; -1: the oldest. */
    readonly direction: 1 | -1,
  ) {}

  #isBefore(a: Kept, b: Kept): boolean {
    return compare(a, b) * this.direction > 0;
  }

  add(entry: Kept): void {
    if (this.passedOver !== null && !this.#isBefore(entry, this.passedOver)) return;
    let place = this.entries.length;
    while (place > 0 && this.#isBefore(entry, this.entries[place - 1]!)) place -= 1;
    this.entries.splice(place, 0, entry);
    if (this.entries.length > this.limit) this.passedOver = this.entries.pop() ?? null;
  }

  remove(entry: Kept): void {
    const place = this.entries.findIndex((kept) => kept.at === entry.at && kept.key === entry.key);
    if (place >= 0) this.entries.splice(place, 1);
  }

  get foremost(): Kept | undefined {
    return this.entries[0];
  }

  /** Nothing is left at all. */
  clear(): void {
    this.entries.length = 0;
    this.passedOver = null;
  }

  /** Failures before this instant count no longer. */
  dropBefore(instant: number): void {
    if (this.entries.some((entry) => entry.at < instant)) this.entries = this.entries.filter((entry) => entry.at >= instant);
    if (this.direction === 1 && this.passedOver !== null && this.passedOver.at < instant) this.passedOver = null;
  }
}
