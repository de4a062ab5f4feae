import mongoose from 'mongoose';

import { InvalidInputError } from '../model/errors.js';
import { ILL_FORMED, isWellFormed } from '../queries/validate.js';

/** Largest metadata of one execution: 256 KiB of BSON. */
export const MAX_METADATA_BYTES = 256 * 1024;
/** How deep metadata may nest; `{}` has depth 1. */
export const MAX_METADATA_DEPTH = 32;

/** The smallest element of a BSON document: type byte, one-character key, its end. */
const MIN_ELEMENT_BYTES = 3;

function refuse(path: readonly string[], why: string): never {
  throw new InvalidInputError(path, `${path.join('.')}: ${why}`);
}

function isPlainObject(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A value of the driver's own types (ObjectId, Decimal128 …), as opposed to a document that only names itself one. */
function isBsonValue(value: object): boolean {
  return '_bsontype' in value && !Object.hasOwn(value, '_bsontype');
}

class Walk {
  private elements = 0;

  constructor(private readonly root: string) {}

  check(value: unknown, path: readonly string[], depth: number): void {
    this.elements += 1;
    if (this.elements * MIN_ELEMENT_BYTES > MAX_METADATA_BYTES) this.tooLarge();
    switch (typeof value) {
      case 'string':
        if (!isWellFormed(value)) refuse(path, ILL_FORMED);
        return;
      case 'boolean':
      case 'undefined':
        return;
      case 'number':
        if (!Number.isFinite(value)) refuse(path, `${value} is not a JSON number`);
        return;
      case 'object':
        if (value !== null) this.checkObject(value, path, depth);
        return;
      default:
        refuse(path, `a ${typeof value} cannot be stored`);
    }
  }

  private checkObject(value: object, path: readonly string[], depth: number): void {
    if (value instanceof Date) {
      if (Number.isNaN(value.getTime())) refuse(path, 'is not a valid date');
      return;
    }
    if (isBsonValue(value)) return;
    if (depth > MAX_METADATA_DEPTH) refuse(path, `nests deeper than ${MAX_METADATA_DEPTH} levels`);
    if (Array.isArray(value)) {
      value.forEach((item, index) => this.check(item, [...path, String(index)], depth + 1));
      return;
    }
    if (!isPlainObject(value)) refuse(path, 'must be a plain object, an array or a JSON scalar');
    for (const [key, item] of Object.entries(value)) {
      const here = [...path, key];
      if (key.startsWith('$')) refuse(here, 'a key must not start with "$"');
      if (key.includes('\0')) refuse(here, 'a key must not contain the NUL character');
      if (!isWellFormed(key)) refuse(here, `a key ${ILL_FORMED}`);
      if (key === '_bsontype') refuse(here, 'the key "_bsontype" is reserved');
      this.check(item, here, depth + 1);
    }
  }

  tooLarge(): never {
    refuse([this.root], `must not be larger than ${MAX_METADATA_BYTES} bytes as BSON`);
  }
}

/**
 * Returns the metadata (a shallow copy) if MongoDB can hold them as data: a plain object of JSON values, dates and BSON values,
 * at most 256 KiB of BSON and 32 levels deep, without keys that start with `$` or contain NUL.
 * Else throws InvalidInputError whose `field` is the path to what is wrong.
 */
export function checkMetadata(value: unknown, root = 'metadata'): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !isPlainObject(value)) {
    refuse([root], 'must be an object');
  }
  const walk = new Walk(root);
  walk.check(value, [root], 1);
  if (mongoose.mongo.BSON.calculateObjectSize(value) > MAX_METADATA_BYTES) walk.tooLarge();
  // The top level as an ordinary object: parsers of GraphQL literals make objects without a prototype.
  return { ...value };
}
