import type { Connection } from 'mongoose';

import { prepareOwnCollections } from '../../src/app/own-collections.js';
import { OPERATIONS_COLLECTION } from '../../src/operations/store.js';
import { TARGETS_COLLECTION } from '../../src/operations/targets.js';
import { silentLogger } from './database.js';

/**
 * The application's own collections, for tests whose clock stands in the past: the database goes by its own clock, and
 * would remove what they have just written, by its age, whenever it looks (once a minute).
 */
export async function keptOwnCollections(connection: Connection): Promise<void> {
  await prepareOwnCollections(connection, { auditDays: 0 }, silentLogger());
  for (const collection of [OPERATIONS_COLLECTION, TARGETS_COLLECTION]) await connection.collection(collection).dropIndex('expireAt');
}
