import type { Connection } from 'mongoose';
import type { Logger } from 'pino';

import { AUDIT_COLLECTION, AUDIT_EXPIRY_FIELD, AUDIT_INDEXES } from '../audit/audit-log.js';
import { keepExpiry } from '../database/expiry.js';
import { ensureIndexes, type IndexSpec } from '../database/indexes.js';
import { OPERATIONS_COLLECTION, OPERATIONS_INDEXES } from '../operations/store.js';
import { TARGETS_COLLECTION, TARGETS_INDEXES } from '../operations/targets.js';

const OWN: Readonly<Record<string, readonly IndexSpec[]>> = {
  [AUDIT_COLLECTION]: AUDIT_INDEXES,
  [OPERATIONS_COLLECTION]: OPERATIONS_INDEXES,
  [TARGETS_COLLECTION]: TARGETS_INDEXES,
};

const DAY_SECONDS = 24 * 60 * 60;

/**
 * The collections beside `task_trackers` that transactions write to, with their indexes: there before the first of them.
 * What cannot be built is reported and no reason not to start.
 */
export async function prepareOwnCollections(connection: Connection, { auditDays }: { readonly auditDays: number }, log: Logger): Promise<void> {
  for (const [collection, specs] of Object.entries(OWN)) {
    for (const { name, state, reason } of await ensureIndexes(connection, collection, specs)) {
      if (state === 'failed') log.warn({ collection, index: name, reason }, 'index not built');
    }
  }
  try {
    await keepExpiry(connection, AUDIT_COLLECTION, AUDIT_EXPIRY_FIELD, auditDays === 0 ? null : auditDays * DAY_SECONDS);
  } catch (error) {
    log.warn({ err: error }, 'the age at which entries of the audit log are removed could not be set');
  }
}
