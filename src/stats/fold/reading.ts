import type { Interval, LatencySummary, QueueDepth, ThroughputBucket } from '../types.js';
import { CHANGES, COUNTERS } from './contribution.js';
import { LatencySum } from './latency.js';
import type { BucketRing, Series } from './series.js';
import { HOUR_MS, INTERVAL_MS, MINUTE_MS, mixedRange, type Windows } from './windows.js';

/** The buckets that an interval is read from: of its rings, those from `first` to before `end`, `unit` ms wide each. */
interface Source {
  readonly rings: readonly BucketRing[];
  readonly unit: number;
  readonly first: number;
  readonly end: number;
}

function sourceOf(series: readonly Series[], interval: Interval, windows: Windows): Source {
  return interval === 'MINUTE' || interval === 'FIVE_MINUTES'
    ? { rings: series.map(({ minutes }) => minutes), unit: MINUTE_MS, first: windows.firstMinute, end: windows.endMinute }
    : { rings: series.map(({ hours }) => hours), unit: HOUR_MS, first: windows.firstHour, end: windows.endHour };
}

/** Reads the sum of any number of series. Keeps what it sums in, so that a day of minutes costs no memory but the answer. */
export class Reading {
  readonly #counters = new Array<number>(CHANGES).fill(0);
  readonly #wait = new LatencySum();
  readonly #run = new LatencySum();

  throughput(series: readonly Series[], from: number, to: number, interval: Interval, windows: Windows): readonly ThroughputBucket[] {
    const { rings, unit, first, end } = sourceOf(series, interval, windows);
    const width = INTERVAL_MS[interval];
    const sums = { counters: this.#counters, wait: this.#wait, run: this.#run };
    const buckets: ThroughputBucket[] = [];
    for (let start = from; start < to; start += width) {
      sums.counters.fill(0);
      const last = Math.min((start + width) / unit, end);
      for (let bucket = Math.max(start / unit, first); bucket < last; bucket++) for (const ring of rings) ring.sum(bucket, sums);
      const [enqueued = 0, started = 0, completed = 0, failed = 0, dlq = 0, archived = 0] = sums.counters;
      buckets.push({ start: new Date(start), enqueued, started, completed, failed, dlq, archived, wait: sums.wait.take(), run: sums.run.take() });
    }
    return buckets;
  }

  /** From the present back: what changed since is undone, bucket by bucket. */
  history(series: readonly Series[], from: number, to: number, interval: Interval, windows: Windows): readonly QueueDepth[] {
    const { rings, unit, first, end } = sourceOf(series, interval, windows);
    const width = INTERVAL_MS[interval];
    const depth = new Array<number>(COUNTERS - CHANGES).fill(0);
    for (const { ahead, present } of series) ahead.forEach((count, status) => (depth[status]! += present[status]! - count));
    const depths: QueueDepth[] = [];
    let undone = end;
    for (let at = to - width; at >= from; at -= width) {
      const bucket = at / unit;
      if (bucket < first || bucket > end) {
        depths.push(depthOf(at, []));
        continue;
      }
      while (undone > bucket) {
        undone -= 1;
        for (const ring of rings) ring.undoChanges(undone, depth);
      }
      depths.push(depthOf(at, depth));
    }
    return depths.reverse();
  }

  /** Run times of what ended in the last 24 h. */
  runLatency(series: readonly Series[], windows: Windows, now: number): LatencySummary {
    const { leading, hours, trailing } = mixedRange(windows, now - 24 * HOUR_MS, now + 1);
    for (const one of series) {
      for (const [from, to] of [leading, trailing]) for (let minute = from; minute < to; minute++) one.minutes.sumRuns(minute, this.#run);
      for (let hour = hours[0]; hour < hours[1]; hour++) one.hours.sumRuns(hour, this.#run);
    }
    return this.#run.take();
  }
}

function depthOf(at: number, [queued = 0, processing = 0, completed = 0, failed = 0, dlq = 0, archived = 0]: readonly number[]): QueueDepth {
  return { at: new Date(at), queued, processing, completed, failed, dlq, archived };
}
