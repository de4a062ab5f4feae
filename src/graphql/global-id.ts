import mongoose from 'mongoose';

const { EJSON } = mongoose.mongo.BSON;

/** Name of the type in global ids of executions; they outlive a renaming of the class. */
export const TASK_TRACKER_TYPE = 'TaskTracker';

/** What a global id stands for: a type of the schema, and the `_id` of its document as stored. */
export interface GlobalId {
  readonly type: string;
  readonly documentId: unknown;
}

/** Longest global id that is decoded, in characters. */
const MAX_LENGTH = 4_096;
const NAME = /^[A-Z][A-Za-z]{0,63}$/;
const SCALAR_BSON = new Set(['ObjectId', 'Long', 'Int32', 'Double', 'Decimal128', 'Binary', 'UUID', 'Timestamp']);

export function encodeGlobalId(type: string, documentId: unknown): string {
  return Buffer.from(`${type}:${EJSON.stringify(documentId, { relaxed: false })}`, 'utf8').toString('base64url');
}

/**
 * Whether a decoded `_id` can only be compared with, never interpreted: ids come from clients, and an object with a `$`
 * or a regular expression in it would be a query of its own.
 */
function isInert(value: unknown, depth = 0): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return true;
  if (typeof value === 'bigint' || value instanceof Date) return true;
  if (typeof value !== 'object' || depth > 8 || Array.isArray(value) || value instanceof RegExp) return false;
  if (Object.hasOwn(value, '_bsontype')) return false;
  if ('_bsontype' in value) return typeof value._bsontype === 'string' && SCALAR_BSON.has(value._bsontype);
  return Object.entries(value).every(([key, item]) => !key.startsWith('$') && isInert(item, depth + 1));
}

/** Null for a text that is no global id of ours: whatever it is, it names nothing. Never throws. */
export function decodeGlobalId(id: string): GlobalId | null {
  if (id.length > MAX_LENGTH) return null;
  const text = Buffer.from(id, 'base64url').toString('utf8');
  const colon = text.indexOf(':');
  const type = text.slice(0, Math.max(colon, 0));
  if (!NAME.test(type)) return null;
  try {
    const documentId: unknown = EJSON.parse(text.slice(colon + 1), { relaxed: false });
    return isInert(documentId) ? { type, documentId } : null;
  } catch {
    return null;
  }
}
