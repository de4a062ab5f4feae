import { InvalidInputError } from '../model/errors.js';

/** Longest text that a filter compares with, in characters. */
export const MAX_TEXT = 4_096;

/** Longest span that a query may name: 10 years, in ms. */
export const MAX_SPAN_MS = 10 * 365 * 24 * 60 * 60 * 1000;

/** Instants that MongoDB, RFC 3339 and every client know. */
export const EARLIEST = new Date('0001-01-01T00:00:00Z');
export const LATEST = new Date('9999-12-31T23:59:59.999Z');

const LONE_SURROGATE = /\p{Surrogate}/u;

/** What a text with half of a surrogate pair is told: it has no UTF-8, and the database would store another one. */
export const ILL_FORMED = 'must be well-formed Unicode: it holds half of a surrogate pair';

export function isWellFormed(text: string): boolean {
  return !LONE_SURROGATE.test(text);
}

/** How an error names a field: `filter.metadata[0].path`. */
export function nameOf(field: readonly string[]): string {
  return field.reduce((text, part) => (/^\d+$/.test(part) ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`), '');
}

/** An InvalidInputError whose message names the field and says what would be right. */
export function refuse(field: readonly string[], wanted: string): never {
  throw new InvalidInputError([...field], `${nameOf(field)} ${wanted}`);
}

/** A string, never something that the database would take for an operator. */
export function text(value: unknown, field: readonly string[], max = MAX_TEXT): string {
  if (typeof value !== 'string') return refuse(field, 'must be a string');
  if (value.length > max) return refuse(field, `may have at most ${max} characters`);
  if (!isWellFormed(value)) return refuse(field, ILL_FORMED);
  return value;
}

export function list<T>(value: unknown, field: readonly string[], max: number, entry: (value: unknown, field: readonly string[]) => T): readonly T[] {
  if (!Array.isArray(value)) return refuse(field, 'must be a list');
  if (value.length > max) return refuse(field, `may have at most ${max} entries`);
  return value.map((each: unknown, index) => entry(each, [...field, String(index)]));
}

export function oneOf<T extends string>(allowed: readonly T[]): (value: unknown, field: readonly string[]) => T {
  return (value, field) => {
    const found = allowed.find((each) => each === value);
    return found ?? refuse(field, `must be one of ${allowed.join(', ')}`);
  };
}

export function instant(value: unknown, field: readonly string[]): Date {
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) return refuse(field, 'must be an instant');
  if (value < EARLIEST || value > LATEST) return refuse(field, 'must lie in the years 1 to 9999');
  return value;
}

export function wholeNumber(value: unknown, field: readonly string[], min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    return refuse(field, `must be a whole number from ${min} to ${max}`);
  }
  return value;
}

/** A span of time in ms: 0 to 10 years. */
export function spanMs(value: unknown, field: readonly string[]): number {
  if (typeof value !== 'number' || !(value >= 0 && value <= MAX_SPAN_MS)) {
    return refuse(field, `must be a number of milliseconds from 0 to ${MAX_SPAN_MS} (10 years)`);
  }
  return value;
}
