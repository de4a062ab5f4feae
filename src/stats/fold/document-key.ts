import mongoose from 'mongoose';

const { EJSON } = mongoose.mongo.BSON;

/**
 * A document's `_id` as text: small, equal for equal ids, ordered (ObjectIds as the database orders them), and
 * independent of the buffer that the driver read the id from, which an id held for long would hold as well.
 */
export function documentKey(id: unknown): string {
  if (typeof id === 'string') return `s${id}`;
  if (typeof id === 'number') return `n${Object.is(id, -0) ? '-0' : id}`;
  if (id instanceof mongoose.mongo.BSON.ObjectId) return `o${id.toHexString()}`;
  return `e${EJSON.stringify({ id }, { relaxed: false })}`;
}

/** The `_id` that has this key. */
export function documentIdOf(key: string): unknown {
  const text = key.slice(1);
  switch (key[0]) {
    case 's':
      return text;
    case 'n':
      return Number(text);
    case 'o':
      return mongoose.mongo.BSON.ObjectId.createFromHexString(text);
    default:
      return (EJSON.parse(text, { relaxed: false }) as { id: unknown }).id;
  }
}
