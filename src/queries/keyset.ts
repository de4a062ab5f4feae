import { compareValues, isCertainSortKey, KINDS, kindOf, sortKeyOf, type Kind } from './bson-order.js';
import type { MongoFilter } from './filter-to-mongo.js';
import type { TaskOrder, TaskOrderField } from './types.js';

/** Where a row stands in an order: its sort key, and its `_id` among rows with the same key. */
export interface Position {
  readonly key: unknown;
  readonly id: unknown;
}

export type Direction = 1 | -1;

export function directionOf(order: TaskOrder): Direction {
  return order.direction === 'ASC' ? 1 : -1;
}

/** Where a document stands when walking in a direction: a list stands at its smallest entry upwards, at its largest downwards. */
export function positionOf(document: Readonly<Record<string, unknown>>, field: TaskOrderField, direction: Direction): Position {
  return { key: sortKeyOf(document[field], direction), id: document['_id'] };
}

/** Whether `positionOf` is where MongoDB puts the document; false where entries of a list cannot be told apart here. */
export function isCertainPosition(document: Readonly<Record<string, unknown>>, field: TaskOrderField, { key }: Position): boolean {
  return isCertainSortKey(document[field], key);
}

/** MongoDB's order of two places when walking in a direction: negative, 0, positive; NaN where it cannot be told here. */
export function comparePositions(a: Position, b: Position, direction: Direction): number {
  const byKey = compareValues(a.key, b.key);
  return (byKey === 0 ? compareValues(a.id, b.id) : byKey) * direction;
}

/** Names that `$type` has for a kind; kinds without are asked for in other ways. */
const TYPES: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  minKey: ['minKey'],
  number: ['number'],
  string: ['string', 'symbol'],
  object: ['object'],
  binary: ['binData'],
  objectId: ['objectId'],
  boolean: ['bool'],
  date: ['date'],
  timestamp: ['timestamp'],
  regex: ['regex'],
  code: ['dbPointer', 'javascript', 'javascriptWithScope'],
  maxKey: ['maxKey'],
};

/** Kinds whose values cannot or need not be told apart: rows that hold them are ordered by `_id` alone. */
const OPAQUE = new Set<Kind>(['minKey', 'emptyList', 'null', 'list', 'regex', 'code', 'maxKey']);

/** Conditions of which one holds where the field, or an entry of the list in it, is of one of these kinds. */
function ofKinds(field: string, kinds: readonly Kind[]): MongoFilter[] {
  const types = kinds.flatMap((kind) => TYPES[kind] ?? []);
  const conditions: MongoFilter[] = types.length === 0 ? [] : [{ [field]: { $type: types } }];
  if (kinds.includes('null')) conditions.push({ [field]: { $eq: null } });
  if (kinds.includes('emptyList')) conditions.push({ [field]: { $size: 0 } });
  if (kinds.includes('list')) conditions.push({ [field]: { $elemMatch: { $type: 'array' } } });
  return conditions;
}

/** Kinds that come earlier than `kind` when walking in this direction. */
function kindsBefore(kind: Kind, direction: Direction): readonly Kind[] {
  const at = KINDS.indexOf(kind);
  return direction === 1 ? KINDS.slice(0, at) : KINDS.slice(at + 1);
}

function isNaNValue(value: unknown): boolean {
  return kindOf(value) === 'number' && Number.isNaN(Number(String(value)));
}

/** Values of the key's own kind that come earlier. NaN is the smallest number, but compares with none. */
function earlierOfKind(field: string, key: unknown, direction: Direction): MongoFilter[] {
  if (OPAQUE.has(kindOf(key))) return [];
  if (isNaNValue(key)) return direction === 1 ? [] : [{ [field]: { $gte: Number.NEGATIVE_INFINITY } }];
  const earlier: MongoFilter[] = [{ [field]: { [direction === 1 ? '$lt' : '$gt']: key } }];
  if (kindOf(key) === 'number' && direction === 1) earlier.push({ [field]: { $eq: Number.NaN } });
  return earlier;
}

/** The row's key is another one. */
function differs(field: string, key: unknown): MongoFilter[] {
  const kind = kindOf(key);
  if (!OPAQUE.has(kind)) return [{ [field]: { $ne: key } }];
  return [{ $nor: ofKinds(field, [kind]) }];
}

/** `_id` comes later. It is never a list, and `$gt` and `$lt` stay within a type. */
function laterId(id: unknown, direction: Direction): MongoFilter[] {
  const kind = kindOf(id);
  const laterKinds = kindsBefore(kind, direction === 1 ? -1 : 1).filter((each) => TYPES[each] !== undefined || each === 'null');
  const within: MongoFilter[] = OPAQUE.has(kind)
    ? []
    : isNaNValue(id)
      ? earlierOfKind('_id', id, direction === 1 ? -1 : 1)
      : [{ _id: { [direction === 1 ? '$gt' : '$lt']: id } }];
  if (kind === 'number' && direction === -1 && !isNaNValue(id)) within.push({ _id: { $eq: Number.NaN } });
  return [...within, ...ofKinds('_id', laterKinds)];
}

/** Whether `behind` is exact for this place: not where rows with values of its kind are ordered, but not by what is known here. */
export function isExactStart({ key, id }: Position): boolean {
  return ![kindOf(key), kindOf(id)].some((kind) => kind === 'list' || kind === 'regex' || kind === 'code');
}

/**
 * The rows behind a position when walking `field` and then `_id` in a direction: exactly those that MongoDB's sort puts
 * there, whatever types the field holds. MongoDB compares within a type only, and asks of a list whether any entry
 * matches, so this says: nothing in the field comes earlier, and either the key differs or the `_id` comes later.
 */
export function behind(field: string, { key, id }: Position, direction: Direction): MongoFilter {
  const earlier = [...earlierOfKind(field, key, direction), ...ofKinds(field, kindsBefore(kindOf(key), direction))];
  const later = { $or: [...differs(field, key), ...laterId(id, direction)] };
  return earlier.length === 0 ? { $and: [later] } : { $and: [{ $nor: earlier }, later] };
}

/**
 * The date at a position as a range to start an index walk at; undefined where the key is no date.
 * It selects dates only: what sorts behind all dates is `notDates`.
 */
export function dateRange(field: string, { key }: Position, direction: Direction): MongoFilter | undefined {
  return key instanceof Date ? { [field]: { [direction === 1 ? '$gte' : '$lte']: key } } : undefined;
}

const YEAR_1 = new Date('0001-01-01T00:00:00Z');

/**
 * Rows without any date in the field. `$type` decides; the range says nearly the same in words that mongod turns into
 * the two ends of an index, so that the dates between are not walked.
 */
export function notDates(field: string): MongoFilter {
  return { $and: [{ [field]: { $not: { $gte: YEAR_1 } } }, { [field]: { $not: { $type: 'date' } } }] };
}
