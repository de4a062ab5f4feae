/**
 * MongoDB's order of values of different types (manual: "Comparison/Sort Order"), and of values within a type as far as
 * a list's smallest and largest entry need it.
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

function compareNumbers(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
  return a - b;
}

function compareValues(a: unknown, b: unknown): number {
  const kind = kindOf(a);
  const byKind = KINDS.indexOf(kind) - KINDS.indexOf(kindOf(b));
  if (byKind !== 0) return byKind;
  switch (kind) {
    case 'number':
      return compareNumbers(Number(String(a)), Number(String(b)));
    case 'string':
    case 'objectId':
      return compareTexts(String(a), String(b));
    case 'boolean':
    case 'date':
      return Number(a) - Number(b);
    default:
      return 0;
  }
}

/** What MongoDB sorts a document by: the value, null for none, and of a list its smallest entry, or largest when descending. */
export function sortKeyOf(value: unknown, direction: 1 | -1): unknown {
  if (!Array.isArray(value)) return value ?? null;
  if (value.length === 0) return EMPTY_LIST;
  return value.reduce((best: unknown, entry: unknown) => (compareValues(entry, best) * direction < 0 ? entry : best)) ?? null;
}
