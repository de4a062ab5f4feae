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

/** The order of a stored number against a plain one: negative, 0, positive; NaN where the stored value is no number. */
export function compareNumber(stored: unknown, value: number): number {
  if (typeof stored === 'number') return stored - value;
  if (typeof stored === 'bigint') return canonical(stored.toString()) === canonical(value.toPrecision(DIGITS)) ? 0 : Number(stored) - value;
  const type = bsonType(stored);
  if (type !== 'Long' && type !== 'Decimal128' && type !== 'Int32' && type !== 'Double') return Number.NaN;
  const numeral = String(stored);
  if (canonical(numeral) === canonical(value.toPrecision(DIGITS))) return 0;
  return Number(numeral) - value;
}

/** Whether a stored value equals a scalar, as MongoDB compares: numbers by value whatever their type, no conversions. */
export function equalsScalar(stored: unknown, scalar: MetadataScalar): boolean {
  if (scalar === null) return stored === null || stored === undefined;
  if (typeof scalar === 'number') return compareNumber(stored, scalar) === 0;
  return stored === scalar;
}
