import mongoose, { type Connection, type mongo } from 'mongoose';
import type { Logger } from 'pino';

import { CollectionWatch } from '../feed/collection-watch.js';
import type { StoredDocument } from '../model/execution.js';
import { limitedRead, type ReadDeadline } from '../queries/deadline.js';
import { MAX_PAGE_SIZE, DEFAULT_PAGE_SIZE } from '../queries/page.js';
import { scopeCondition } from '../queries/scope.js';
import { refuse, text, wholeNumber } from '../queries/validate.js';
import type { AuditEntry, AuditLog, AuditPageRequest, AuditRecord } from './types.js';

export const AUDIT_COLLECTION = 'task_tracker_audit';

/** Orders of the pages. */
export const AUDIT_INDEXES = [
  { key: { at: -1, _id: -1 }, options: { name: 'at_id' } },
  { key: { executionId: 1, at: -1, _id: -1 }, options: { name: 'execution_at_id', partialFilterExpression: { executionId: { $exists: true } } } },
  { key: { actor: 1, at: -1, _id: -1 }, options: { name: 'actor_at_id' } },
] as const;

/** The field by whose age entries are removed. */
export const AUDIT_EXPIRY_FIELD = 'at';

const READ_LIMIT_MS = 10_000;
const CURSOR = /^(-?\d{1,16})\.([0-9a-f]{24})$/;

export interface AuditLogOptions {
  readonly connection: Connection;
  readonly log: Logger;
}

interface Place {
  readonly at: Date;
  readonly id: mongo.ObjectId;
}

function cursorOf({ at, _id }: AuditEntry): string {
  return Buffer.from(`${at.getTime()}.${_id.toHexString()}`).toString('base64url');
}

function placeOf(cursor: string): Place {
  const [, at, id] = CURSOR.exec(Buffer.from(text(cursor, ['after']), 'base64url').toString('utf8')) ?? [];
  const instant = new Date(Number(at));
  if (id === undefined || Number.isNaN(instant.getTime())) return refuse(['after'], 'is not a cursor of this list: pass one that a page gave');
  return { at: instant, id: new mongoose.Types.ObjectId(id) as unknown as mongo.ObjectId };
}

function entryOf(document: StoredDocument): AuditEntry {
  const { _id, at, actor, action, executionId = null, taskId = null, queueName = null, newExecutionId = null, filter = null } = document;
  const { reason = null, before = null, after = null, operationId = null, detail = null } = document;
  const entry = { _id, at, actor, action, executionId, taskId, queueName, newExecutionId, filter, reason, before, after, operationId, detail };
  return entry as AuditEntry;
}

/**
 * The log in `task_tracker_audit`. Entries are inserted in the transaction of what they tell of, and never changed;
 * the database removes them when they are old enough. A crash leaves both or neither.
 */
export function createAuditLog({ connection, log }: AuditLogOptions): AuditLog {
  const documents = (): mongo.Collection => {
    if (connection.db === undefined) throw new Error('the connection is not open');
    return connection.db.collection(AUDIT_COLLECTION) as unknown as mongo.Collection;
  };
  const watch = new CollectionWatch({ collection: documents, log });
  const reads = (deadline: ReadDeadline | null): Pick<AuditLog, 'page' | 'byId'> => ({
    async page({ first, after, executionId, actor, scope }: AuditPageRequest) {
      const size = wholeNumber(first ?? DEFAULT_PAGE_SIZE, ['first'], 1, MAX_PAGE_SIZE);
      const conditions: mongo.Document[] = [];
      if (executionId !== null && executionId !== undefined) conditions.push({ executionId: { $eq: text(executionId, ['executionId']) } });
      if (actor !== null && actor !== undefined) conditions.push({ actor: { $eq: text(actor, ['actor']) } });
      if (scope !== null && scope !== undefined) conditions.push(scopeCondition(scope));
      if (after !== null && after !== undefined) {
        const { at, id } = placeOf(after);
        conditions.push({ at: { $lte: at } }, { $or: [{ at: { $lt: at } }, { _id: { $lt: id } }] });
      }
      const filter = conditions.length === 0 ? {} : { $and: conditions };
      const rows = await limitedRead(deadline, READ_LIMIT_MS, (limit) =>
        documents()
          .find(filter, { sort: { at: -1, _id: -1 }, limit: size + 1, ...limit })
          .toArray(),
      );
      const edges = rows.slice(0, size).map((row) => {
        const node = entryOf(row);
        return { cursor: cursorOf(node), node };
      });
      return { edges, hasNextPage: rows.length > size };
    },

    async byId(id) {
      const found = await limitedRead(deadline, READ_LIMIT_MS, (limit) => documents().findOne({ _id: { $eq: id as mongo.ObjectId } }, limit));
      return found && entryOf(found);
    },
  });

  const whole: AuditLog = {
    ...reads(null),
    until: (deadline) => ({ ...whole, ...reads(deadline) }),

    async record(records, session) {
      if (records.length === 0) return;
      await documents().insertMany(records.map((record: AuditRecord) => ({ ...record })), { session, ignoreUndefined: true, ordered: true });
    },

    onEntry(listener) {
      return watch.listen((change) => {
        if (change !== 'anything' && change.isNew && change.document !== null) listener(entryOf(change.document));
      });
    },

    close: () => watch.close(),
  };
  return whole;
}
