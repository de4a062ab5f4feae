import mongoose from 'mongoose';

import { EMPTY_LIST } from './bson-order.js';
import type { Position } from './keyset.js';
import type { TaskOrder } from './types.js';
import { refuse } from './validate.js';

const { EJSON } = mongoose.mongo.BSON;

const VERSION = 1;
/** Longest cursor that is looked at, in characters. */
const MAX_LENGTH = 16_384;
const BASE64URL = /^[A-Za-z0-9_-]+$/;

/**
 * A cursor is base64url of `[version, order field, direction, [sort key] or [] for an empty list, _id]`, values as
 * canonical Extended JSON. Opaque to clients; it names a place between rows, so it stays good when its row is gone.
 */
export function encodeCursor(order: TaskOrder, { key, id }: Position): string {
  const values = EJSON.serialize({ key: key === EMPTY_LIST ? [] : [key], id }, { relaxed: false });
  return Buffer.from(JSON.stringify([VERSION, order.field, order.direction, values['key'], values['id']])).toString('base64url');
}

/**
 * The place that a cursor names.
 * @throws InvalidInputError naming `field` for a text that is none of our cursors, and for a cursor of another order
 */
export function decodeCursor(cursor: unknown, order: TaskOrder, field: readonly string[]): Position {
  const parts = parse(cursor);
  if (!Array.isArray(parts) || parts.length !== 5 || parts[0] !== VERSION || !Array.isArray(parts[3]) || parts[3].length > 1) {
    return refuse(field, 'is not a cursor of this list: pass one that a page gave');
  }
  if (parts[1] !== order.field || parts[2] !== order.direction) {
    return refuse(field, `belongs to another order (${String(parts[1])} ${String(parts[2])}): start again from the first page of this one`);
  }
  try {
    const { key, id } = EJSON.deserialize({ key: parts[3] as unknown[], id: parts[4] as unknown }, { relaxed: false }) as { key: unknown[]; id: unknown };
    return { key: key.length === 0 ? EMPTY_LIST : key[0], id };
  } catch {
    return refuse(field, 'is not a cursor of this list: pass one that a page gave');
  }
}

function parse(cursor: unknown): unknown {
  if (typeof cursor !== 'string' || cursor.length > MAX_LENGTH || !BASE64URL.test(cursor)) return undefined;
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
