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

const NONE: LatencySummary = Object.freeze({ count: 0, p50: null, p95: null, p99: null, max: null });

/** Sums bins of any number of sketches, which is how DDSketches are merged, and reads the quantiles. Empty again after each `take`. */
export class LatencySum {
  readonly #counts = new Float64Array(SLOTS);
  readonly #sketch = new DDSketch({ relativeAccuracy: RELATIVE_ACCURACY });
  #lowest = SLOTS;
  #highest = -1;
  #total = 0;

  add(slot: number, count: number): void {
    this.#counts[slot]! += count;
    this.#total += count;
    if (slot < this.#lowest) this.#lowest = slot;
    if (slot > this.#highest) this.#highest = slot;
  }

  /** Quantile q is that of rank floor(q × (count − 1)), counted from 0 in ascending order. */
  take(): LatencySummary {
    if (this.#total === 0) return NONE;
    const sketch = this.#sketch;
    const { store } = sketch;
    const first = Math.max(this.#lowest, 1);
    sketch.zeroCount = this.#counts[0]!;
    sketch.count = this.#total;
    store.bins.length = 0;
    for (let slot = first; slot <= this.#highest; slot++) store.bins.push(this.#counts[slot]!);
    store.count = this.#total - sketch.zeroCount;
    store.offset = first - 1;
    store.minKey = first - 1;
    store.maxKey = this.#highest - 1;
    const summary = {
      count: this.#total,
      p50: sketch.getValueAtQuantile(0.5),
      p95: sketch.getValueAtQuantile(0.95),
      p99: sketch.getValueAtQuantile(0.99),
      max: latencyOf(this.#highest),
    };
    this.#counts.fill(0, this.#lowest, this.#highest + 1);
    this.#lowest = SLOTS;
    this.#highest = -1;
    this.#total = 0;
    return summary;
  }
}
