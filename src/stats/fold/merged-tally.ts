import type { Kept } from './kept.js';
import { GROUP_SAMPLES, type Tally } from './tally.js';
import type { MixedRange } from './windows.js';

/** What is read of a tally. */
export type TallyReading = Pick<Tally, 'count' | 'firstSeenAt' | 'lastSeenAt' | 'sampleKeys'> & {
  readonly minutes: Pick<Tally['minutes'], 'sum'>;
  readonly hours: Pick<Tally['hours'], 'sum'>;
};

/** Failures of one group in several queues together, none of which is in two of them. There is at least one tally. */
export class MergedTally implements TallyReading {
  readonly #tallies: readonly Tally[];

  constructor(tallies: readonly Tally[]) {
    this.#tallies = tallies;
  }

  #sum(of: (tally: Tally) => number): number {
    return this.#tallies.reduce((total, tally) => total + of(tally), 0);
  }

  readonly minutes = { sum: (from: number, to: number): number => this.#sum(({ minutes }) => minutes.sum(from, to)) };
  readonly hours = { sum: (from: number, to: number): number => this.#sum(({ hours }) => hours.sum(from, to)) };

  count(range: MixedRange): number {
    return this.#sum((tally) => tally.count(range));
  }

  get firstSeenAt(): number {
    return Math.min(...this.#tallies.map((tally) => tally.firstSeenAt));
  }

  get lastSeenAt(): number {
    return Math.max(...this.#tallies.map((tally) => tally.lastSeenAt));
  }

  sampleKeys(from: number, to: number): readonly string[] {
    const newestFirst = (a: Kept, b: Kept): number => b.at - a.at || (a.key < b.key ? 1 : -1);
    const kept = this.#tallies.flatMap((tally) => tally.samples).sort(newestFirst);
    const within = kept.filter(({ at }) => at >= from && at < to);
    return (within.length > 0 ? within : kept).slice(0, GROUP_SAMPLES).map(({ key }) => key);
  }
}
