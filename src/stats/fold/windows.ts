import type { Interval } from '../types.js';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Width of a bucket of each interval, in ms. Days are days of UTC. */
export const INTERVAL_MS: Readonly<Record<Interval, number>> = {
  MINUTE: MINUTE_MS,
  FIVE_MINUTES: 5 * MINUTE_MS,
  HOUR: HOUR_MS,
  DAY: DAY_MS,
};

/** Instants are taken as lying between 1970 and the year 9999: earlier and later ones count as these ends. */
export const LAST_INSTANT = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/**
 * Start of what is kept by the minute, in ms since 1970: 24 h before `now`, widened to whole FIVE_MINUTES.
 * MINUTE and FIVE_MINUTES buckets that start before it are empty.
 */
export function minuteWindowStart(now: number): number {
  return floorTo(now - DAY_MS, INTERVAL_MS.FIVE_MINUTES);
}

/** Start of what is kept by the hour: 30 days before `now`, widened to whole days of UTC. HOUR and DAY buckets that start before it are empty. */
export function hourWindowStart(now: number): number {
  return floorTo(now - 30 * DAY_MS, DAY_MS);
}

/** End of the buckets of the future, a whole hour at least a day ahead. What lies behind it waits until it comes nearer. */
export function horizon(now: number): number {
  return floorTo(now, HOUR_MS) + DAY_MS + HOUR_MS;
}

/** Buckets by the minute that can be kept at once: the widest distance from minuteWindowStart to horizon, rounded up. */
export const MAX_MINUTES = 24 * 60 + 5 + 25 * 60;
/** Buckets by the hour that can be kept at once. */
export const MAX_HOURS = 31 * 24 + 26;

export function floorTo(instant: number, width: number): number {
  return Math.floor(instant / width) * width;
}

export function ceilTo(instant: number, width: number): number {
  return Math.ceil(instant / width) * width;
}

/** What is kept at an instant, as numbers of buckets since 1970. */
export interface Windows {
  readonly firstMinute: number;
  readonly firstHour: number;
  /** The first minute and hour that are not kept as buckets yet. */
  readonly endMinute: number;
  readonly endHour: number;
}

export function windowsAt(now: number): Windows {
  const end = horizon(now);
  return {
    firstMinute: minuteWindowStart(now) / MINUTE_MS,
    firstHour: hourWindowStart(now) / HOUR_MS,
    endMinute: end / MINUTE_MS,
    endHour: end / HOUR_MS,
  };
}

/** A range of time as whole hours, and whole minutes before and behind them. Ends are not included. */
export interface MixedRange {
  readonly leading: readonly [number, number];
  readonly hours: readonly [number, number];
  readonly trailing: readonly [number, number];
  /** The whole, in ms since 1970. */
  readonly from: number;
  readonly to: number;
}

const NO_BUCKETS = [0, 0] as const;

/**
 * The range [from, to) in ms, as buckets of minutes where they are kept and of hours beyond: bounds are widened to whole
 * minutes, and to whole hours where they lie before the first whole hour that is kept by the minute (`from`: before the
 * first minute that is kept).
 */
export function mixedRange(windows: Windows, from: number, to: number): MixedRange {
  const endMinute = Math.ceil(to / MINUTE_MS);
  const endHour = Math.floor(endMinute / 60);
  const end = { trailing: [endHour * 60, endMinute], to: endMinute * MINUTE_MS } as const;
  if (from >= windows.firstMinute * MINUTE_MS) {
    const minute = Math.floor(from / MINUTE_MS);
    const hour = Math.ceil(minute / 60);
    const start = minute * MINUTE_MS;
    if (hour >= endHour) return { leading: [minute, endMinute], hours: NO_BUCKETS, trailing: NO_BUCKETS, from: start, to: end.to };
    return { leading: [minute, hour * 60], hours: [hour, endHour], ...end, from: start };
  }
  const hour = Math.max(Math.floor(from / HOUR_MS), windows.firstHour);
  const start = hour * HOUR_MS;
  if (endHour < Math.ceil(windows.firstMinute / 60)) {
    const lastHour = Math.ceil(to / HOUR_MS);
    return { leading: NO_BUCKETS, hours: [hour, lastHour], trailing: NO_BUCKETS, from: start, to: lastHour * HOUR_MS };
  }
  return { leading: NO_BUCKETS, hours: [hour, endHour], ...end, from: start };
}
