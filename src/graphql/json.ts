import { instantText } from '../model/instant-text.js';

/** A value that JSON can carry. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Levels of nesting that are shown; MongoDB itself stores about a hundred. */
export const MAX_JSON_DEPTH = 100;
const TOO_DEEP = `[nested deeper than ${MAX_JSON_DEPTH} levels]`;

type BsonValue = { readonly _bsontype: string; toString(): string; valueOf(): unknown };

function isBson(value: object): value is BsonValue {
  return '_bsontype' in value && typeof value._bsontype === 'string';
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

function binaryToJson(value: object): JsonValue {
  const { sub_type: subType, buffer, position } = value as { sub_type?: unknown; buffer?: unknown; position?: unknown };
  if (!(buffer instanceof Uint8Array)) return String(value);
  const bytes = typeof position === 'number' ? buffer.subarray(0, position) : buffer;
  if (subType === 4 && bytes.length === 16) {
    const hex = Buffer.from(bytes).toString('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  }
  return base64(bytes);
}

function integerToJson(text: string): JsonValue {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
}

/** The types of BSON that JavaScript has no word for. ObjectId is its 24 hex digits, a UUID its usual text, other binaries base64. */
function bsonToJson(value: BsonValue, depth: number): JsonValue {
  switch (value._bsontype) {
    case 'ObjectId':
    case 'ObjectID': {
      const toHex = (value as { toHexString?: unknown }).toHexString;
      return typeof toHex === 'function' ? String(toHex.call(value)) : String(value);
    }
    case 'Long':
      return integerToJson(value.toString());
    case 'Int32':
    case 'Double':
      return toPlainJson(value.valueOf(), depth);
    case 'Binary':
    case 'UUID':
      return binaryToJson(value);
    case 'BSONRegExp': {
      const { pattern, options } = value as { pattern?: unknown; options?: unknown };
      return `/${String(pattern)}/${String(options ?? '')}`;
    }
    case 'MinKey':
    case 'MaxKey':
      return value._bsontype;
    case 'Code':
      return String((value as { code?: unknown }).code);
    default:
      return String(value);
  }
}

/** Whether every value of it is JSON already, as most metadata are: it need not be copied then. */
function isFlatJson(value: object): boolean {
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  for (const key in value) {
    const item = (value as Readonly<Record<string, unknown>>)[key];
    if (typeof item === 'string' || typeof item === 'boolean' || item === null || Number.isFinite(item)) continue;
    return false;
  }
  return true;
}

function objectToJson(value: object, depth: number): JsonValue {
  if (depth >= MAX_JSON_DEPTH) return TOO_DEEP;
  if (Array.isArray(value)) return value.map((item) => toPlainJson(item, depth + 1));
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : instantText(value);
  if (value instanceof RegExp) return String(value);
  if (value instanceof Uint8Array) return base64(value);
  if (isBson(value)) return bsonToJson(value, depth);
  if (isFlatJson(value)) return value as JsonValue;
  const entries = value instanceof Map ? [...value].map(([key, item]) => [String(key), item] as const) : Object.entries(value);
  // A stored key `__proto__` is a key like any other. An object with a prototype is faster to write as JSON.
  const shown = entries.some(([key]) => key === '__proto__') ? (Object.create(null) as Record<string, JsonValue>) : {};
  for (const [key, item] of entries) {
    if (item !== undefined && typeof item !== 'function') shown[key] = toPlainJson(item, depth + 1);
  }
  return shown;
}

/**
 * A stored value as plain JSON: instants as ISO text, ObjectIds as hex, 64-bit integers as numbers while they are safe
 * and as text beyond, decimals as text, binaries as base64, NaN and the infinities as null. Total: it never throws.
 * Nesting beyond `MAX_JSON_DEPTH` is replaced by a remark.
 */
export function toPlainJson(value: unknown, depth = 0): JsonValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : null;
    case 'bigint':
      return integerToJson(value.toString());
    case 'object':
      return value === null ? null : objectToJson(value, depth);
    default:
      return null;
  }
}
