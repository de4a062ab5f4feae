import { ANONYMOUS } from '../../../src/access/caller.js';
import { AUDIT_COLLECTION, createAuditLog } from '../../../src/audit/audit-log.js';
import type { AuditLog } from '../../../src/audit/types.js';
import { isDatabaseUnavailable } from '../../../src/graphql/errors.js';
import { createBulkOperations, type BulkOptions } from '../../../src/operations/bulk.js';
import type { BulkOperation, BulkOperations, BulkRequest, Requester } from '../../../src/operations/types.js';
import { silentLogger } from '../../support/database.js';
import { stored } from '../../support/feed.js';
import { keptOwnCollections } from '../../support/own-collections.js';
import { type Harness, lifecycleHarness, type ManualClock } from '../lifecycle/harness.js';

export type Bulk = ReturnType<typeof createBulkOperations>;

export interface BulkHarness extends AsyncDisposable {
  readonly lifecycle: Harness;
  readonly bulk: Bulk;
  readonly audit: AuditLog;
  readonly clock: ManualClock;
  /** The bulk operations of another replica, which works on nothing before `run()`. */
  replica(options?: Partial<BulkOptions>): Bulk;
  /** Puts executions in, past any schema: one of each of these. */
  insert(executions: readonly { readonly id: string; readonly [field: string]: unknown }[]): Promise<void>;
  /** Starts it and waits for its end. */
  done(request: BulkRequest, requester?: Requester): Promise<BulkOperation>;
  statuses(): Promise<Record<string, string>>;
  /** The entries of the audit log, the oldest first. */
  entries(filter?: Record<string, unknown>): Promise<Record<string, unknown>[]>;
}

/** Resolves with the operation when it has ended. */
export async function ended(bulk: BulkOperations, id: string, requester: Requester = ANONYMOUS): Promise<BulkOperation> {
  let stop: () => void = () => undefined;
  try {
    return await new Promise<BulkOperation>((resolve, reject) => {
      const look = async (): Promise<void> => {
        const operation = await bulk.byId(id, requester);
        if (operation !== null && operation.state !== 'RUNNING') resolve(operation);
      };
      stop = bulk.onChange(() => void look().catch(reject));
    });
  } finally {
    stop();
  }
}

export async function bulkHarness(options: Partial<BulkOptions> = {}): Promise<BulkHarness> {
  const lifecycle = await lifecycleHarness();
  const { connection } = lifecycle.database;
  const log = silentLogger();
  await keptOwnCollections(connection);
  const audit = createAuditLog({ connection, log });
  const opened: Bulk[] = [];
  const replica = (more: Partial<BulkOptions> = {}): Bulk => {
    const bulk = createBulkOperations({
      model: lifecycle.model,
      connection,
      audit,
      log,
      deduplication: () => 'index',
      clock: lifecycle.clock.read,
      limits: { defaultLimit: 1_000, maxLimit: 2_000 },
      isTransient: isDatabaseUnavailable,
      ...options,
      ...more,
    });
    opened.push(bulk);
    return bulk;
  };
  const bulk = replica();
  bulk.run();
  return {
    lifecycle,
    bulk,
    audit,
    clock: lifecycle.clock,
    replica,
    async insert(executions) {
      await lifecycle.model.collection.insertMany(executions.map(({ id, ...fields }) => stored(id, fields)));
    },
    async done(request, requester = ANONYMOUS) {
      const { id } = await bulk.start(request, requester);
      return ended(bulk, id, requester);
    },
    async statuses() {
      const all = await lifecycle.everything();
      return Object.fromEntries(all.map(({ executionId, status }) => [String(executionId), String(status)]));
    },
    entries: (filter = {}) => connection.collection(AUDIT_COLLECTION).find(filter).sort({ at: 1, _id: 1 }).toArray(),
    async [Symbol.asyncDispose]() {
      for (const each of opened) await each.close();
      await audit.close();
      await lifecycle.database.close();
    },
  };
}
