import type { MetadataScalar } from './types.js';

/** Enough digits to tell any double from any Decimal128 (34 digits), and no more than toPrecision takes. */
const DIGITS = 100;

function bsonType(value: unknown): unknown {
  return typeof value === 'object' && value !== null && '_bsontype' in value ? value._bsontype : undefined;
}

/** A decimal numeral without redundant zeros, so that equal numbers are equal texts: `-12e-1`. */
function canonical(numeral: string): string {
  const parts = /^(-?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(numeral);
  if (!parts) return numeral;
  const [, sign = '', whole = '', fraction = '', power = '0'] = parts;
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  return `${sign}${significant}e${Number(power) - fraction.length + digits.length - significant.length}`;
}

/** The stored number as a numeral; undefined where the value is no number. */
function numeralOf(stored: unknown): string | undefined {
  if (typeof stored === 'bigint') return stored.toString();
  const type = bsonType(stored);
  return type === 'Long' || type === 'Decimal128' || type === 'Int32' || type === 'Double' ? String(stored) : undefined;
}

/** A stored number as a numeral of which equal numbers have the same, whatever their types. Exact but for doubles of more than 100 digits. */
export function exactNumeral(stored: unknown): string {
  return canonical(typeof stored === 'number' ? stored.toPrecision(DIGITS) : (numeralOf(stored) ?? ''));
}

/** The order of a stored number against a plain one, at a double's precision: negative, 0, positive; NaN for what is no number. */
export function compareNumber(stored: unknown, value: number): number {
  return typeof stored === 'number' ? stored - value : Number(numeralOf(stored)) - value;
}

function equalsNumber(stored: unknown, value: number): boolean {
  if (typeof stored === 'number') return stored === value;
  const numeral = numeralOf(stored);
  return numeral !== undefined && canonical(numeral) === canonical(value.toPrecision(DIGITS));
}

/** Whether a stored value equals a scalar, as MongoDB compares: numbers by value whatever their type, no conversions. */
export function equalsScalar(stored: unknown, scalar: MetadataScalar): boolean {
  if (scalar === null) return stored === null || stored === undefined;
  if (typeof scalar === 'number') return equalsNumber(stored, scalar);
  return stored === scalar;
}
