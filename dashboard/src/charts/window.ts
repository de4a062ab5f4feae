import type { Interval } from '../api/graphql.js';
import { INTERVAL_MS } from './throughput.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Ranges that end now. */
export const RANGES = { '1h': HOUR_MS, '6h': 6 * HOUR_MS, '24h': DAY_MS, '7d': 7 * DAY_MS, '30d': 30 * DAY_MS } as const;
export type Range = keyof typeof RANGES;
export const RANGE_NAMES = Object.keys(RANGES) as readonly Range[];
export const DEFAULT_RANGE: Range = '1h';

export function parseRange(text: string | null): Range {
  return RANGE_NAMES.find((name) => name === text) ?? DEFAULT_RANGE;
}

/** A part of time that was chosen by dragging over a chart, ms since the epoch. */
export interface Zoom {
  readonly from: number;
  readonly to: number;
}

export function parseZoom(text: string | null): Zoom | null {
  const [, from, to] = /^(\d{1,15})-(\d{1,15})$/.exec(text ?? '') ?? [];
  const zoom = { from: Number(from), to: Number(to) };
  return zoom.from < zoom.to ? zoom : null;
}

export function writeZoom(zoom: Zoom | null): string | null {
  return zoom === null ? null : `${Math.round(zoom.from)}-${Math.round(zoom.to)}`;
}

/** How far back the API keeps buckets of each width. */
const REACH_MS: Readonly<Record<Interval, number>> = { MINUTE: DAY_MS, FIVE_MINUTES: DAY_MS, HOUR: 30 * DAY_MS, DAY: 30 * DAY_MS };
/** More buckets than these are not told apart on a screen. */
const MOST_BUCKETS = 300;

/** The finest width of buckets that the API keeps for this part of time, and that does not make too many of them. */
export function intervalFor({ from, to }: Zoom, now: number): Interval {
  const widths = ['MINUTE', 'FIVE_MINUTES', 'HOUR'] as const;
  const fits = (width: Interval): boolean => now - from <= REACH_MS[width] + INTERVAL_MS[width] && (to - from) / INTERVAL_MS[width] <= MOST_BUCKETS;
  return widths.find(fits) ?? 'DAY';
}

/** What charts show, and what the API is asked for so that they can. */
export interface TimeWindow extends Zoom {
  readonly interval: Interval;
  /** It ends now, and moves on with the time. */
  readonly live: boolean;
}

/**
 * The window of a range, or of a zoom into it. Its bounds are those of buckets, so that it stays the same until a bucket
 * is over: asking again is worth it then.
 */
export function windowOf(range: Range, zoom: Zoom | null, now: number): TimeWindow {
  const span = zoom ?? { from: now - RANGES[range], to: now };
  const interval = intervalFor(span, now);
  const width = INTERVAL_MS[interval];
  // The bucket that still grows is in it, also when it has just begun.
  const end = zoom === null ? (Math.floor(now / width) + 1) * width : Math.ceil(zoom.to / width) * width;
  // What the API keeps reaches back from now, and not a bucket further; nor does it answer for more at once.
  const earliest = Math.max(Math.ceil((now - REACH_MS[interval]) / width) * width, end - REACH_MS[interval]);
  const from = Math.max(earliest, Math.floor(span.from / width) * width);
  const to = Math.max(from + width, end);
  return { from, to, interval, live: zoom === null };
}
