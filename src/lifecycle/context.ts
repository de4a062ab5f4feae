import type { Connection, mongo } from 'mongoose';
import type { Logger } from 'pino';

import type { QueueScope } from '../access/queue-scope.js';
import type { AuditSink } from '../audit/types.js';
import type { StoredDocument } from '../model/execution.js';
import type { TaskTrackerModel } from '../model/task-tracker.js';

/**
 * How a second active execution of a task is kept out. `index`: the unique index `tasktracker_active_taskId` refuses it.
 * `check`: a read before the insert, for collections where that index cannot be built; not safe against races.
 */
export type DeduplicationMode = 'index' | 'check';

export interface LifecycleOptions {
  readonly model: TaskTrackerModel;
  /** Asked at every enqueue, since start-up decides it. */
  readonly deduplication: () => DeduplicationMode;
  readonly log: Logger;
  /** Where moves of operators are written down. Default: nowhere. */
  readonly audit?: AuditSink | undefined;
  /** The time that moves write. Default: the system's clock. */
  readonly clock?: (() => Date) | undefined;
  /** Makes executionIds. Default: UUID v4. */
  readonly newId?: (() => string) | undefined;
}

export type ExecutionDocuments = mongo.Collection<StoredDocument & mongo.Document>;

/** What every move works with. */
export interface LifecycleContext {
  readonly documents: ExecutionDocuments;
  readonly connection: Connection;
  readonly deduplication: () => DeduplicationMode;
  readonly log: Logger;
  readonly audit: AuditSink | null;
  readonly clock: () => Date;
  readonly newId: () => string;
  /** Only executions in it are moved; null: all are. */
  readonly scope: QueueScope | null;
}
