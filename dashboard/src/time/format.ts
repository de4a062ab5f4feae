/** Which clock instants are shown by: the reader's own, or UTC. */
export type Zone = 'local' | 'utc';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const NONE = '–';

/** A length of time in at most two units: `12 ms`, `1.3 s`, `2 m 05 s`, `3 h 20 m`, `4 d 2 h`. Negative ones count as 0. */
export function formatDuration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return NONE;
  const length = Math.max(0, ms);
  if (length < SECOND) return `${Math.round(length)} ms`;
  if (length < 10 * SECOND) return `${(Math.floor(length / 100) / 10).toFixed(1)} s`;
  if (length < MINUTE) return `${Math.floor(length / SECOND)} s`;
  if (length < HOUR) return two(length, MINUTE, 'm', SECOND, 's');
  if (length < DAY) return two(length, HOUR, 'h', MINUTE, 'm');
  return two(length, DAY, 'd', HOUR, 'h');
}

function two(ms: number, big: number, bigUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((ms % big) / small);
  const padded = big === DAY ? String(rest) : String(rest).padStart(2, '0');
  return `${Math.floor(ms / big)} ${bigUnit}${rest === 0 ? '' : ` ${padded} ${smallUnit}`}`;
}

/** Clocks of two machines differ a little: what seems to lie this near in the future is now. */
const SKEW_MS = 30 * SECOND;

/** How long ago, in one unit: `now`, `12 s ago`, `5 m ago`, `3 h ago`, `2 d ago`; `in 5 m` for the future. */
export function formatRelative(at: number, now: number): string {
  const ms = now - at;
  if (ms < -SKEW_MS) return `in ${oneUnit(-ms)}`;
  return ms < SECOND ? 'now' : `${oneUnit(ms)} ago`;
}

/** The same without `ago`: how old something is. */
export function formatAge(at: number, now: number): string {
  return oneUnit(Math.max(0, now - at));
}

function oneUnit(ms: number): string {
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} m`;
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)} h`;
  return `${Math.floor(ms / DAY)} d`;
}

const FORMATS = new Map<Zone, Intl.DateTimeFormat>();

function partsOf(at: number, zone: Zone): Readonly<Record<string, string>> {
  let format = FORMATS.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      fractionalSecondDigits: 3,
      hourCycle: 'h23',
      timeZoneName: 'shortOffset',
      ...(zone === 'utc' ? { timeZone: 'UTC' } : {}),
    });
    FORMATS.set(zone, format);
  }
  return Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
}

/** `2026-11-24 10:20:45.857 UTC`, or with the offset of the local zone: `… GMT+1`. */
export function formatInstant(at: number, zone: Zone): string {
  const { year, month, day, hour, minute, second, fractionalSecond, timeZoneName } = partsOf(at, zone);
  return `${year}-${month}-${day} ${hour}:${minute}:${second}.${fractionalSecond} ${timeZoneName?.replace(/^GMT(\+0)?$/, 'UTC')}`;
}

/** `10:20:45` */
export function formatClock(at: number, zone: Zone): string {
  const { hour, minute, second } = partsOf(at, zone);
  return `${hour}:${minute}:${second}`;
}

/** `10:20` */
export function formatMinute(at: number, zone: Zone): string {
  const { hour, minute } = partsOf(at, zone);
  return `${hour}:${minute}`;
}

/** `24 Nov` */
export function formatDay(at: number, zone: Zone): string {
  const { day, month } = partsOf(at, zone);
  return `${Number(day)} ${MONTHS[Number(month) - 1]}`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const COUNT = new Intl.NumberFormat('en-US');

/** `1,234,567` */
export function formatCount(count: number): string {
  return COUNT.format(count);
}

/** `1.2k`, `34M`: for axes and badges, where there is no room. */
export function formatShortCount(count: number): string {
  if (Math.abs(count) < 1_000) return String(Math.round(count * 10) / 10);
  const [scale, unit] = Math.abs(count) < 1_000_000 ? [1_000, 'k'] : [1_000_000, 'M'];
  return `${Math.round((count / scale) * 10) / 10}${unit}`;
}
