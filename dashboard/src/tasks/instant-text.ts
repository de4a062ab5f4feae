import type { Zone } from '../time/format.js';
import { isInstant } from '../routing/task-filter.js';

/** Offered for every instant. */
export const INSTANT_SUGGESTIONS = ['-15m', '-1h', '-6h', '-24h', '-7d', '-30d'] as const;

const LOCAL = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?)?$/;

/**
 * An instant as people type it: `-2h` or `2h` (before the page asks), `2026-01-31`, `2026-01-31 08:15` by the clock that
 * the reader chose, or RFC 3339. null where it is none of these.
 */
export function readInstant(text: string, zone: Zone): string | null {
  const trimmed = text.trim();
  const relative = /^-?\s?(\d{1,5})\s?([mhd])$/.exec(trimmed);
  if (relative) return `-${relative[1]}${relative[2]}`;
  const local = LOCAL.exec(trimmed);
  if (local) {
    const [year, month, day, hour = 0, minute = 0, second = 0] = local.slice(1, 7).map((part) => (part === undefined ? undefined : Number(part)));
    const parts = [year as number, (month as number) - 1, day as number, hour, minute, second, Number((local[7] ?? '0').padEnd(3, '0'))] as const;
    const at = zone === 'utc' ? Date.UTC(...parts) : new Date(...parts).getTime();
    const date = new Date(at);
    // 2026-02-31 is no day, whatever JavaScript makes of it.
    const readBack = zone === 'utc' ? date.getUTCDate() : date.getDate();
    return Number.isFinite(at) && readBack === day && (month as number) <= 12 ? date.toISOString() : null;
  }
  return /(Z|[+-]\d\d:\d\d)$/.test(trimmed) && isInstant(trimmed) ? new Date(trimmed).toISOString() : null;
}

/** The inverse, for the field that it is typed into. */
export function writeInstant(text: string | undefined, zone: Zone): string {
  if (text === undefined || text.startsWith('-')) return text ?? '';
  const date = new Date(text);
  const shifted = zone === 'utc' ? date : new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 23).replace('T', ' ').replace(/(:00)?\.000$/, '');
}
