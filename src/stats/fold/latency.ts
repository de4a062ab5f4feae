import { DDSketch } from '@datadog/sketches-js';

import type { LatencySummary } from '../types.js';

/**
 * Latencies as DDSketch keeps them (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile sketch with
 * relative-error guarantees", VLDB 2019): counts by bins that grow geometrically. Each quantile, and the maximum, is
 * within 1 % of the measured latency of that rank. The library maps values to bins and finds quantiles; the counts are
 * kept elsewhere, more compactly than in its stores, since a fold has one sketch per queue, bucket and kind.
 */
export const RELATIVE_ACCURACY = 0.01;

const { mapping } = new DDSketch({ relativeAccuracy: RELATIVE_ACCURACY });

/** Bins are numbered by slots: 0 for 0 ms, then the library's keys from 1 ms on. The longest span of two dates is below this. */
export const SLOTS = 1_880;

/** The slot of a latency in whole ms. */
export function slotOf(ms: number): number {
  return ms < 1 ? 0 : mapping.key(ms) + 1;
}

/** The latency that stands for a slot. */
export function latencyOf(slot: number): number {
  return slot === 0 ? 0 : mapping.value(slot - 1);
}

const LATENCIES = Float64Array.from({ length: SLOTS }, (_, slot) => latencyOf(slot));

const NONE: LatencySummary = Object.freeze({ count: 0, p50: null, p95: null, p99: null, max: null });

/** Sums bins of any number of sketches, which is how DDSketches are merged, and reads the quantiles. Empty again after each `take`. */
export class LatencySum {
  readonly #counts = new Int32Array(SLOTS);
  /** Which slots are counted, a bit each. */
  readonly #counted = new Int32Array(Math.ceil(SLOTS / 32));
  /** While it is read: the counted slots, ascending, and how many latencies lie in each and those before it. */
  readonly #slots = new Uint16Array(SLOTS);
  readonly #running = new Int32Array(SLOTS);
  #places = 0;
  readonly #sketch = new DDSketch({ relativeAccuracy: RELATIVE_ACCURACY });
  #lowest = SLOTS;
  #highest = 0;
  #total = 0;

  constructor() {
    // The library's sketch asks its store for the key at a rank, and its mapping for the value of the key.
    this.#sketch.store.keyAtRank = (rank) => this.#placeAt(rank);
    this.#sketch.mapping = { ...mapping, key: (value) => mapping.key(value), value: (place) => LATENCIES[this.#slots[place]!]!, toProto: () => mapping.toProto() };
  }

  add(slot: number, count: number): void {
    this.#counts[slot]! += count;
    this.#counted[slot >>> 5]! |= 1 << (slot & 31);
    this.#total += count;
    if (slot < this.#lowest) this.#lowest = slot;
    if (slot > this.#highest) this.#highest = slot;
  }

  /** The first place where more than `rank` latencies are passed. */
  #placeAt(rank: number): number {
    let low = 0;
    let high = this.#places - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#running[middle]! > rank) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Quantile q is that of rank floor(q × (count − 1)), counted from 0 in ascending order. */
  take(): LatencySummary {
    if (this.#total === 0) return NONE;
    const [counts, counted, slots, running] = [this.#counts, this.#counted, this.#slots, this.#running];
    let places = 0;
    let passed = 0;
    for (let word = this.#lowest >>> 5; word <= this.#highest >>> 5; word++) {
      for (let bits = counted[word]!; bits !== 0; bits &= bits - 1) {
        const slot = word * 32 + 31 - Math.clz32(bits & -bits);
        passed += counts[slot]!;
        counts[slot] = 0;
        running[places] = passed;
        slots[places] = slot;
        places += 1;
      }
      counted[word] = 0;
    }
    this.#places = places;
    const sketch = this.#sketch;
    sketch.count = this.#total;
    const summary = {
      count: this.#total,
      p50: sketch.getValueAtQuantile(0.5),
      p95: sketch.getValueAtQuantile(0.95),
      p99: sketch.getValueAtQuantile(0.99),
      max: LATENCIES[this.#highest]!,
    };
    this.#lowest = SLOTS;
    this.#highest = 0;
    this.#total = 0;
    return summary;
  }
}
