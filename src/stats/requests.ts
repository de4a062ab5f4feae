import { instant, list, oneOf, refuse, spanMs, text, wholeNumber } from '../queries/validate.js';
import { ceilTo, DAY_MS, floorTo, hourWindowStart, INTERVAL_MS, MINUTE_MS, minuteWindowStart } from './fold/windows.js';
import type { ErrorGroupsRequest, Interval, SeriesRequest } from './types.js';

/** Queues that one call may name. */
export const MAX_QUEUES = 1_000;
/** Error groups that one call may ask for. */
export const MAX_ERROR_GROUPS = 200;
export const DEFAULT_ERROR_GROUPS = 20;

const MAX_NAME_PART = 256;

/** What `from: 24 hours ago` is late by when it arrives: taken as the earliest instant, not refused. */
const GRACE_MS = MINUTE_MS;

interface Reach {
  readonly spanMs: number;
  readonly spelled: string;
  /** Start of what is kept. */
  readonly start: (now: number) => number;
}

const BY_MINUTE: Reach = { spanMs: DAY_MS, spelled: '24 hours', start: minuteWindowStart };
const BY_HOUR: Reach = { spanMs: 30 * DAY_MS, spelled: '30 days', start: hourWindowStart };
const REACH: Readonly<Record<Interval, Reach>> = { MINUTE: BY_MINUTE, FIVE_MINUTES: BY_MINUTE, HOUR: BY_HOUR, DAY: BY_HOUR };

const interval = oneOf<Interval>(['MINUTE', 'FIVE_MINUTES', 'HOUR', 'DAY']);

/** A range of whole buckets: `from` and `to` (not included) are multiples of the interval, in ms since 1970. */
export interface Series {
  readonly queueName: string | null;
  readonly from: number;
  readonly to: number;
  readonly interval: Interval;
}

/** A range of failures by failedAt, in ms since 1970; `to` is not included. */
export interface ErrorRange {
  readonly queueName: string | null;
  readonly from: number;
  readonly to: number;
  readonly first: number;
}

/** A name of a queue, or null for all. */
export function queueOrAll(queueName: string | null | undefined): string | null {
  return queueName === null || queueName === undefined ? null : text(queueName, ['queueName']);
}

/** Names as documents hold them: of any length. */
export function queueList(queueNames: readonly string[]): readonly string[] {
  return list(queueNames, ['queueName'], MAX_QUEUES, (name) => text(name, ['queueName'], Number.POSITIVE_INFINITY));
}

export function fingerprintList(fingerprints: readonly string[]): readonly string[] {
  return list(fingerprints, ['fingerprint'], MAX_ERROR_GROUPS, (each) => text(each, ['fingerprint']));
}

/** In lower case. */
export function namePart(nameContains: string | undefined): string {
  return nameContains === undefined ? '' : text(nameContains, ['nameContains'], MAX_NAME_PART).toLowerCase();
}

export function timeout(timeoutMs: number): number {
  return spanMs(timeoutMs, ['timeoutMs']);
}

/** Sets `from` to the earliest instant that is kept where it misses it by no more than a request takes. */
function notBefore(from: number, earliest: number, spelled: string): number {
  if (from < earliest - GRACE_MS) refuse(['from'], `must not lie before ${new Date(earliest).toISOString()}: figures reach back ${spelled}`);
  return Math.max(from, earliest);
}

function ordered(from: number, to: number): void {
  if (from >= to) refuse(['from'], 'must lie before to');
}

/**
 * A valid range of buckets: MINUTE and FIVE_MINUTES span and reach back 24 h, HOUR and DAY 30 days, so that an answer
 * has about 1,440 buckets at most.
 * @throws InvalidInputError that names the argument and says the limit
 */
export function seriesOf(request: SeriesRequest, now: number): Series {
  const asked = interval(request.interval, ['interval']);
  const { spanMs: limit, spelled, start } = REACH[asked];
  const width = INTERVAL_MS[asked];
  const given = instant(request.from, ['from']).getTime();
  const to = request.to === null || request.to === undefined ? now : instant(request.to, ['to']).getTime();
  ordered(given, to);
  const from = notBefore(given, start(now), spelled);
  if (to - from > limit + GRACE_MS) refuse(['to'], `may lie at most ${spelled} after from for ${asked} buckets`);
  ordered(from, to);
  return { queueName: queueOrAll(request.queueName), from: floorTo(from, width), to: ceilTo(to, width), interval: asked };
}

/** @throws InvalidInputError that names the argument and says the limit */
export function errorRangeOf(request: ErrorGroupsRequest, now: number): ErrorRange {
  const earliest = BY_HOUR.start(now);
  const given = request.from === null || request.from === undefined ? now - BY_HOUR.spanMs : instant(request.from, ['from']).getTime();
  // A failure of this very instant counts: the end is not included.
  const to = request.to === null || request.to === undefined ? now + MINUTE_MS : instant(request.to, ['to']).getTime();
  ordered(given, to);
  const from = notBefore(given, earliest, BY_HOUR.spelled);
  ordered(from, to);
  const first = request.first === null || request.first === undefined ? DEFAULT_ERROR_GROUPS : wholeNumber(request.first, ['first'], 1, MAX_ERROR_GROUPS);
  return { queueName: queueOrAll(request.queueName), from, to, first };
}
