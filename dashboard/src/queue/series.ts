import type { Series } from '../charts/series.js';
import { INTERVAL_MS } from '../charts/throughput.js';
import type { TimeWindow } from '../charts/window.js';
import type { Depth, QueueBucket } from './documents.js';

/** The buckets of a window, ascending; where one stands in both lists, the live one is the newer. */
export function joinBuckets(asked: readonly QueueBucket[], live: Iterable<QueueBucket>, { from, to }: TimeWindow): readonly QueueBucket[] {
  const byStart = new Map<number, QueueBucket>();
  for (const list of [asked, live]) {
    for (const bucket of list) {
      const at = Date.parse(bucket.start);
      if (at >= from && at < to) byStart.set(at, bucket);
    }
  }
  return [...byStart.entries()].sort(([a], [b]) => a - b).map(([, bucket]) => bucket);
}

export interface ChartData {
  readonly times: readonly number[];
  readonly series: readonly Series[];
}

export function throughputSeries(buckets: readonly QueueBucket[]): ChartData {
  return {
    times: buckets.map(({ start }) => Date.parse(start)),
    series: [
      { key: 'completed', label: 'Completed', color: '--tt-fill-completed', kind: 'bar', values: buckets.map(({ completed }) => completed) },
      // Attempts that became dead letters are among the failed ones.
      { key: 'failed', label: 'Failed', color: '--tt-fill-failed', kind: 'bar', values: buckets.map(({ failed, dlq }) => Math.max(0, failed - dlq)) },
      { key: 'dlq', label: 'Dead letters', color: '--tt-fill-dlq', kind: 'bar', values: buckets.map(({ dlq }) => dlq) },
      { key: 'enqueued', label: 'Enqueued', color: '--tt-fill-enqueued', kind: 'step', values: buckets.map(({ enqueued }) => enqueued) },
    ],
  };
}

export function latencySeries(buckets: readonly QueueBucket[], which: 'wait' | 'run'): ChartData {
  return {
    times: buckets.map(({ start }) => Date.parse(start)),
    series: (['p50', 'p95', 'p99'] as const).map((quantile) => ({
      key: quantile,
      label: quantile,
      color: `--tt-${quantile}`,
      kind: 'line',
      values: buckets.map((bucket) => bucket[which][quantile]),
    })),
  };
}

/** How many stand in each status at this moment. */
export interface DepthNow {
  readonly queued: number;
  readonly processing: number;
  readonly failed: number;
  readonly dlq: number;
}

/** @param present is the last point of a window that ends now; null where it is not known, or the window ends earlier */
export function depthSeries(history: readonly Depth[], present: DepthNow | null, window: TimeWindow): ChartData {
  const points: (DepthNow & { readonly at: number })[] = history.map((depth) => ({ ...depth, at: Date.parse(depth.at) }));
  if (present !== null && points.length > 0) {
    const { at } = points.at(-1) ?? { at: window.from };
    points.push({ ...present, at: Math.min(window.to, at + INTERVAL_MS[window.interval]) });
  }
  const series = (key: keyof DepthNow, label: string, hidden = false): Series => ({
    key,
    label,
    color: `--tt-fill-${key}`,
    kind: 'area',
    hidden,
    values: points.map((point) => point[key]),
  });
  return {
    times: points.map(({ at }) => at),
    series: [series('queued', 'Queued'), series('processing', 'Processing'), series('failed', 'Failed', true), series('dlq', 'Dead letters', true)],
  };
}

/** The sum of a series. */
export function totalOf(values: readonly (number | null)[]): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

/** The largest of a series; null where nothing was measured. */
export function peakOf(values: readonly (number | null)[]): number | null {
  return values.reduce<number | null>((peak, value) => (value !== null && (peak === null || value > peak) ? value : peak), null);
}
