import type { mongo } from 'mongoose';

import type { QueueScope } from '../access/queue-scope.js';
import type { ShownStatus } from '../model/status.js';
import type { ReadDeadline } from '../queries/deadline.js';

/** What was done: moves of one execution, and what acts on many. */
export type AuditAction = 'RETRY' | 'ARCHIVE' | 'MOVE_TO_DLQ' | 'FAIL_STUCK' | 'DELETE' | 'BULK' | 'RETENTION';

/** One thing that was done, to be written down. What does not apply is absent. */
export interface AuditRecord {
  readonly at: Date;
  /** Name of who did it. */
  readonly actor: string;
  readonly action: AuditAction;
  readonly executionId?: string | undefined;
  readonly taskId?: string | undefined;
  readonly queueName?: string | undefined;
  /** The execution that a retry has made. */
  readonly newExecutionId?: string | undefined;
  /** Which executions it was about, as it was asked for: plain values, instants as dates. */
  readonly filter?: Readonly<Record<string, unknown>> | undefined;
  readonly reason?: string | undefined;
  /** Where the execution stood. */
  readonly before?: ShownStatus | undefined;
  /** Where it stands now; absent also where it was deleted. */
  readonly after?: ShownStatus | undefined;
  /** The bulk operation that it was part of. */
  readonly operationId?: string | undefined;
  /** In words, what there is to say besides: how a bulk operation or a run of retention ended. */
  readonly detail?: string | undefined;
}

/** A record as it stands in the log; null where it has no value. */
export type AuditEntry = { readonly [Name in keyof AuditRecord]-?: Exclude<AuditRecord[Name], undefined> | (undefined extends AuditRecord[Name] ? null : never) } & {
  readonly _id: mongo.ObjectId;
};

/** Where moves write down what they have done, in the transaction that does it: both are there, or neither is. */
export interface AuditSink {
  record(records: readonly AuditRecord[], session: mongo.ClientSession): Promise<void>;
}

export interface AuditPageRequest {
  /** How many, the newest first: 1 to 200. Default 50. */
  readonly first?: number | null | undefined;
  /** Cursor of the entry behind which to start. */
  readonly after?: string | null | undefined;
  readonly executionId?: string | null | undefined;
  readonly actor?: string | null | undefined;
  /** Only entries about queues in the scope; null: all, also those about no single queue. */
  readonly scope?: QueueScope | null | undefined;
}

export interface AuditPage {
  readonly edges: readonly { readonly cursor: string; readonly node: AuditEntry }[];
  readonly hasNextPage: boolean;
}

/** The log of what operators did. */
export interface AuditLog extends AuditSink {
  /** @throws InvalidInputError naming the argument */
  page(request: AuditPageRequest): Promise<AuditPage>;
  /** By `_id` as stored; null where there is none. */
  byId(id: unknown): Promise<AuditEntry | null>;
  /** Calls back with each entry that is written from about now on, by any replica. Returns how to stop. */
  onEntry(listener: (entry: AuditEntry) => void): () => void;
  /** The same, for one operation: what it reads goes on no longer than that. @throws QueryTimeoutError, AbandonedError */
  until(deadline: ReadDeadline): AuditLog;
  close(): Promise<void>;
}
