import type { Connection } from 'mongoose';

import { existingIndexes } from './indexes.js';
import { databaseOf } from './images.js';

/**
 * Has the database remove documents (TTL index) whose date in `field` is older than `seconds`, or none where that is
 * null: the index is built, changed or dropped. Creates the collection where it is missing and something is to expire.
 *
 * @throws the driver's error where the user may not, or the index cannot be built
 */
export async function keepExpiry(connection: Connection, collection: string, field: string, seconds: number | null): Promise<void> {
  const target = databaseOf(connection).collection(collection);
  const name = `expire_${field}`;
  const existing = (await existingIndexes(connection, collection)).find((index) => index.name === name);
  if (seconds === null) {
    if (existing !== undefined) await target.dropIndex(name);
    return;
  }
  if (existing?.['expireAfterSeconds'] === seconds) return;
  if (existing === undefined) await target.createIndex({ [field]: 1 }, { name, expireAfterSeconds: seconds });
  else await databaseOf(connection).command({ collMod: collection, index: { name, expireAfterSeconds: seconds } });
}
