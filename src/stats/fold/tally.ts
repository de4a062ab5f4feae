import type { FailureCount, Interval } from '../types.js';
import { Cells } from './cells.js';
import { type Kept, KeptFew } from './kept.js';
import { HOUR_MS, INTERVAL_MS, LAST_INSTANT, MINUTE_MS, type MixedRange, type Windows } from './windows.js';

/** Samples that are kept of a group, and of a group in one queue. */
export const GROUP_SAMPLES = 20;
export const QUEUE_SAMPLES = 10;
/** How many of the first failures are kept, to know the next when the first is deleted. */
const FIRST_FAILURES = 4;

const TALLY_BYTES = 700;
const KEPT_BYTES = 100;

/** Failures of one group, in all or in one queue. */
export class Tally {
  readonly hours = new Cells();
  readonly minutes = new Cells();
  readonly newest: KeptFew;
  readonly oldest = new KeptFew(FIRST_FAILURES, -1);

  constructor(samples: number) {
    this.newest = new KeptFew(samples, 1);
  }

  add(failure: Kept, windows: Windows): void {
    this.#count(failure.at, 1, windows);
    this.newest.add(failure);
    this.oldest.add(failure);
  }

  remove(failure: Kept, windows: Windows): void {
    this.#count(failure.at, -1, windows);
    this.newest.remove(failure);
    this.oldest.remove(failure);
    if (this.hours.empty) this.#clear();
  }

  #count(at: number, weight: number, windows: Windows): void {
    const minute = Math.floor(at / MINUTE_MS);
    if (minute >= windows.firstMinute) this.minutes.change(minute, weight);
    this.hours.change(Math.floor(at / HOUR_MS), weight);
  }

  #clear(): void {
    this.newest.clear();
    this.oldest.clear();
  }

  /** Lets go of what has left the windows. */
  trim(windows: Windows): void {
    this.minutes.dropBefore(windows.firstMinute);
    this.hours.dropBefore(windows.firstHour);
    this.newest.dropBefore(windows.firstHour * HOUR_MS);
    this.oldest.dropBefore(windows.firstHour * HOUR_MS);
    if (this.hours.empty) this.#clear();
  }

  get empty(): boolean {
    return this.hours.empty;
  }

  /** Bytes by a rough count. */
  get size(): number {
    return TALLY_BYTES + this.hours.pairs.byteLength + this.minutes.pairs.byteLength + this.newest.entries.length * KEPT_BYTES;
  }

  count({ leading, hours, trailing }: MixedRange): number {
    return this.minutes.sum(...leading) + this.hours.sum(...hours) + this.minutes.sum(...trailing);
  }

  /** The first failure; where it is not known exactly any more, the start of its hour. */
  get firstSeenAt(): number {
    return this.oldest.foremost?.at ?? (this.hours.oldest ?? 0) * HOUR_MS;
  }

  /** The last failure; where it is not known exactly any more, the last instant of its minute or hour that it can have been at. */
  get lastSeenAt(): number {
    if (this.newest.foremost !== undefined) return this.newest.foremost.at;
    const end = this.minutes.newest === undefined ? ((this.hours.newest ?? 0) + 1) * HOUR_MS : (this.minutes.newest + 1) * MINUTE_MS;
    return Math.min(end - 1, this.newest.passedOver?.at ?? LAST_INSTANT);
  }

  /**
   * Whether there is a failure in (from, to], but for one that is counted already. Where the newest before `to` are not
   * kept any more, `from` is widened to its whole hour.
   */
  hasWithin(from: number, to: number, but: Kept | null = null): boolean {
    const last = this.newest.entries.find(({ at, key }) => at <= to && !(at === but?.at && key === but.key));
    if (last !== undefined) return last.at > from;
    if (this.newest.passedOver === null) return false;
    const [first, end] = [Math.floor(from / HOUR_MS), Math.floor(to / HOUR_MS) + 1];
    const isKept = but !== null && this.newest.entries.some(({ at, key }) => at === but.at && key === but.key);
    const later = this.newest.entries.filter(({ at }) => at < end * HOUR_MS).length + Number(but !== null && !isKept);
    return this.hours.sum(first, end) > later;
  }

  /** The newest failures, newest first; where none of those is kept, the first ones. */
  get samples(): readonly Kept[] {
    return this.newest.entries.length > 0 ? this.newest.entries : [...this.oldest.entries].reverse();
  }

  /** Keys of the newest failures in [from, to), newest first; where none of those is kept, of the newest that are. */
  sampleKeys(from: number, to: number): readonly string[] {
    const kept = this.samples;
    const within = kept.filter(({ at }) => at >= from && at < to);
    return (within.length > 0 ? within : kept).map(({ key }) => key);
  }
}

/** `from` and `to` (not included) are multiples of the interval, in ms since 1970. */
export interface BucketRange {
  readonly from: number;
  readonly to: number;
  readonly interval: Interval;
}

/** The failures of a tally in each interval of a range; what lies before the windows is empty. */
export function failureCounts(
  tally: { readonly minutes: Pick<Cells, 'sum'>; readonly hours: Pick<Cells, 'sum'> } | undefined,
  { from, to, interval }: BucketRange,
  windows: Windows,
): readonly FailureCount[] {
  const width = INTERVAL_MS[interval];
  const byMinute = width < HOUR_MS;
  const [unit, first] = byMinute ? [MINUTE_MS, windows.firstMinute] : [HOUR_MS, windows.firstHour];
  const cells = byMinute ? tally?.minutes : tally?.hours;
  const counts: FailureCount[] = [];
  for (let start = from; start < to; start += width) {
    const count = cells?.sum(Math.max(start / unit, first), (start + width) / unit) ?? 0;
    counts.push({ start: new Date(start), count });
  }
  return counts;
}
