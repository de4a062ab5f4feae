import type { Connection } from 'mongoose';
import type { Logger } from 'pino';

import { createAuditLog } from '../audit/audit-log.js';
import type { AuditLog } from '../audit/types.js';
import { isDatabaseUnavailable } from '../graphql/errors.js';
import type { LifecycleOptions } from '../lifecycle/lifecycle.js';
import type { TaskTrackerModel } from '../model/task-tracker.js';
import { createBulkOperations } from '../operations/bulk.js';
import type { BulkOperations } from '../operations/types.js';
import { createRetention } from '../retention/retention.js';
import type { Retention } from '../retention/types.js';
import { prepareOwnCollections } from './own-collections.js';

export interface OperationsConfig {
  readonly bulkLimit: number;
  readonly bulkMaxLimit: number;
  readonly leaseMs: number;
  readonly auditDays: number;
  readonly retentionDlqDays: number;
  readonly retentionArchivedDays: number;
  readonly retentionCompletedDays: number;
  readonly retentionIntervalMs: number;
}

export interface AppOperations {
  readonly audit: AuditLog;
  readonly bulk: BulkOperations;
  readonly retention: Retention;
  /** What the lifecycle is made with, so that its moves are written down. */
  readonly moves: LifecycleOptions;
  close(): Promise<void>;
}

/** What acts on many executions, and where it is written down; nothing of it runs before `begin`. */
export async function createAppOperations(
  connection: Connection,
  model: TaskTrackerModel,
  deduplication: LifecycleOptions['deduplication'],
  config: OperationsConfig,
  log: Logger,
): Promise<AppOperations & { begin(): void }> {
  await prepareOwnCollections(connection, config, log);
  const { bulkLimit, bulkMaxLimit, leaseMs } = config;
  const audit = createAuditLog({ connection, log });
  const moves = { model, deduplication, audit, log };
  const limits = { defaultLimit: Math.min(bulkLimit, bulkMaxLimit), maxLimit: bulkMaxLimit };
  const bulk = createBulkOperations({ ...moves, connection, limits, leaseMs, isTransient: isDatabaseUnavailable });
  const days = { deadLetters: config.retentionDlqDays, archived: config.retentionArchivedDays, completed: config.retentionCompletedDays };
  const retention = createRetention({ ...moves, connection, days, intervalMs: config.retentionIntervalMs, leaseMs });
  return {
    audit,
    bulk,
    retention,
    moves,
    begin() {
      bulk.run();
      retention.begin();
    },
    async close() {
      await Promise.all([bulk.close(), retention.close()]);
      await audit.close();
    },
  };
}
