import { exactNumeral } from './bson-scalar.js';

/**
 * MongoDB's order of values (manual: "Comparison/Sort Order"; of objects, binary data and within numbers as in mongod's
 * src/mongo/bson/bsonelement.cpp).
 */

/** The sort key of an empty list: before null, after MinKey. */
export const EMPTY_LIST: unique symbol = Symbol('empty list');

/** Kinds of sort keys, in MongoDB's order. */
export const KINDS = [
  'minKey',
  'emptyList',
  'null',
  'number',
  'string',
  'object',
  'list',
  'binary',
  'objectId',
  'boolean',
  'date',
  'timestamp',
  'regex',
  'code',
  'maxKey',
] as const;
export type Kind = (typeof KINDS)[number];

const RANKS = Object.fromEntries(KINDS.map((kind, rank) => [kind, rank])) as Readonly<Record<Kind, number>>;

const KIND_OF_BSON: Readonly<Record<string, Kind>> = {
  MinKey: 'minKey',
  MaxKey: 'maxKey',
  Int32: 'number',
  Double: 'number',
  Long: 'number',
  Decimal128: 'number',
  BSONSymbol: 'string',
  Binary: 'binary',
  ObjectId: 'objectId',
  Timestamp: 'timestamp',
  BSONRegExp: 'regex',
  Code: 'code',
};

export function kindOf(value: unknown): Kind {
  if (value === EMPTY_LIST) return 'emptyList';
  if (value === null || value === undefined) return 'null';
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return 'number';
    case 'string':
      return 'string';
    case 'boolean':
      return 'boolean';
    case 'object': {
      if (value instanceof Date) return 'date';
      if (value instanceof RegExp) return 'regex';
      if (value instanceof Uint8Array) return 'binary';
      if (Array.isArray(value)) return 'list';
      const type = '_bsontype' in value ? value._bsontype : undefined;
      return (typeof type === 'string' ? KIND_OF_BSON[type] : undefined) ?? 'object';
    }
    default:
      return 'code';
  }
}

/** Strings in the order of their UTF-8 bytes, which differs from JavaScript's beyond the Basic Multilingual Plane. */
function compareTexts(a: string, b: string): number {
  return a === b ? 0 : Buffer.from(a).compare(Buffer.from(b));
}

/** A number as a JavaScript number: the nearest, so that unequal ones are in the order of the numbers themselves. */
function nearest(value: unknown): number {
  return typeof value === 'number' ? value : Number(String(value));
}

const INTEGER = /^-?\d+$/;

function compareNumbers(a: unknown, b: unknown): number {
  const [x, y] = [nearest(a), nearest(b)];
  if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(y)) - Number(Number.isNaN(x));
  if (x !== y) return x < y ? -1 : 1;
  if (typeof a === 'number' && typeof b === 'number') return 0;
  const [one, other] = [String(a), String(b)];
  if (INTEGER.test(one) && INTEGER.test(other)) return Number(BigInt(one) > BigInt(other)) - Number(BigInt(one) < BigInt(other));
  return exactNumeral(a) === exactNumeral(b) ? 0 : Number.NaN;
}

interface BinaryLike {
  readonly sub_type: number;
  readonly position: number;
  readonly buffer: Uint8Array;
}

/** Binary data by length, then subtype, then bytes. The old subtype 2 counts its length otherwise. */
function compareBinaries(a: unknown, b: unknown): number {
  const [one, other] = [a, b].map((value) => {
    if (value instanceof Uint8Array) return { type: 0, bytes: value };
    const { sub_type: type, position, buffer } = value as BinaryLike;
    return { type, bytes: buffer.subarray(0, position) };
  }) as [{ type: number; bytes: Uint8Array }, { type: number; bytes: Uint8Array }];
  if (one.type === 2 || other.type === 2) return Number.NaN;
  return one.bytes.length - other.bytes.length || one.type - other.type || Buffer.compare(one.bytes, other.bytes);
}

function compareTimestamps(a: unknown, b: unknown): number {
  const [one, other] = [BigInt(String(a)), BigInt(String(b))];
  return Number(one > other) - Number(one < other);
}

/** The first of these that says anything: another order than equal, or that it cannot be told. */
function firstUnequal(comparisons: Iterable<number>): number {
  for (const order of comparisons) if (order !== 0) return order;
  return 0;
}

function* comparisonsOfLists(a: readonly unknown[], b: readonly unknown[]): Iterable<number> {
  for (let index = 0; index < a.length && index < b.length; index += 1) yield compareValues(a[index], b[index]);
  yield a.length - b.length;
}

/** JavaScript moves such names ahead of the others, so the stored order of the names is lost. */
const MOVED = /^\d+$/;

/** The names of a plain object as stored; null where that is not known. */
function storedNames(value: object): string[] | null {
  const names = Object.keys(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return null;
  return names.length > 1 && names.some((name) => MOVED.test(name)) ? null : names;
}

function* comparisonsOfObjects(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): Iterable<number> {
  const [names, others] = [storedNames(a), storedNames(b)];
  if (names === null || others === null) {
    yield Number.NaN;
    return;
  }
  for (const [index, name] of names.entries()) {
    const other = others[index];
    if (other === undefined) break;
    yield rankOf(a[name]) - rankOf(b[other]);
    yield compareTexts(name, other);
    yield compareValues(a[name], b[other]);
  }
  yield names.length - others.length;
}

function rankOf(value: unknown): number {
  return RANKS[kindOf(value)];
}

/**
 * MongoDB's order of two values: negative, 0, positive; NaN where it cannot be told here (regular expressions, code,
 * decimals that differ only beyond a double's digits, dates beyond JavaScript's).
 */
export function compareValues(a: unknown, b: unknown): number {
  const kind = kindOf(a);
  const byKind = RANKS[kind] - rankOf(b);
  if (byKind !== 0) return byKind;
  switch (kind) {
    case 'minKey':
    case 'maxKey':
    case 'null':
    case 'emptyList':
      return 0;
    case 'number':
      return compareNumbers(a, b);
    case 'string':
    case 'objectId':
      return compareTexts(String(a), String(b));
    case 'boolean':
    case 'date':
      return Number(a) - Number(b);
    case 'binary':
      return compareBinaries(a, b);
    case 'timestamp':
      return compareTimestamps(a, b);
    case 'list':
      return firstUnequal(comparisonsOfLists(a as readonly unknown[], b as readonly unknown[]));
    case 'object':
      return firstUnequal(comparisonsOfObjects(a as Record<string, unknown>, b as Record<string, unknown>));
    case 'regex':
    case 'code':
      return Number.NaN;
  }
}

/** What MongoDB sorts a document by: the value, null for none, and of a list its smallest entry, or largest when descending. */
export function sortKeyOf(value: unknown, direction: 1 | -1): unknown {
  if (!Array.isArray(value)) return value ?? null;
  if (value.length === 0) return EMPTY_LIST;
  return value.reduce((best: unknown, entry: unknown) => (compareValues(entry, best) * direction < 0 ? entry : best)) ?? null;
}

/** Whether `sortKeyOf` is certain: of a list, all entries can be compared with the one that was chosen. */
export function isCertainSortKey(value: unknown, key: unknown): boolean {
  return !Array.isArray(value) || value.every((entry: unknown) => !Number.isNaN(compareValues(entry, key)));
}
