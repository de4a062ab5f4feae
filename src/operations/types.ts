import type { QueueScope } from '../access/queue-scope.js';
import type { Role } from '../access/role.js';
import type { Execution } from '../model/execution.js';
import type { ReadDeadline } from '../queries/deadline.js';
import type { TaskFilter } from '../queries/types.js';

export const BULK_ACTIONS = ['RETRY', 'ARCHIVE', 'MOVE_TO_DLQ', 'FAIL_STUCK', 'DELETE_ARCHIVED'] as const;
export type BulkAction = (typeof BULK_ACTIONS)[number];

export type BulkState = 'RUNNING' | 'COMPLETED' | 'CANCELLED' | 'FAILED';

/** Who asks for an operation: it acts with their rights, as they were when they asked. */
export interface Requester {
  readonly name: string;
  readonly role: Role;
  readonly queues: QueueScope | null;
}

export interface BulkRequest {
  readonly action: BulkAction;
  readonly filter: TaskFilter;
  /** Kept with each execution as the move of one keeps it. Needed for ARCHIVE. */
  readonly reason?: string | null | undefined;
  /** Act on the first so many only. Default: on all, of which there may be so many at most. */
  readonly limit?: number | null | undefined;
  /** For FAIL_STUCK: how long an execution must have been processing, in ms. Default 30 minutes. */
  readonly timeoutMs?: number | null | undefined;
}

/** What an operation would do now. */
export interface BulkPreview {
  readonly action: BulkAction;
  readonly matched: number;
  /** At most 20. */
  readonly sample: readonly Execution[];
  /** Why the operation would be refused as it stands; null where it would not. */
  readonly obstacle: Error | null;
}

/** Why an execution was not dealt with. */
export interface BulkFailure {
  readonly code: 'RETRIES_EXHAUSTED' | 'INVALID_TRANSITION' | 'WRITE_REFUSED';
  readonly message: string;
}

export interface BulkOperation {
  readonly id: string;
  readonly action: BulkAction;
  readonly state: BulkState;
  /** How many executions it is about: counted and listed when it was asked for. */
  readonly matched: number;
  /** succeeded + skipped + failed. */
  readonly processed: number;
  readonly succeeded: number;
  /** Those that others had changed when their turn came, so that they no longer fit. */
  readonly skipped: number;
  readonly failed: number;
  readonly filter: TaskFilter;
  readonly reason: string | null;
  readonly limit: number | null;
  readonly requestedBy: string;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly cancelledBy: string | null;
  /** Why it is FAILED. */
  readonly error: string | null;
  /** Why executions failed: the first 20. */
  readonly failures: readonly BulkFailure[];
}

/** Changes of many executions at a time: asked for here, made in the background by whichever replica comes to it. */
export interface BulkOperations {
  /** What an operation would do; writes nothing. @throws InvalidInputError */
  preview(request: BulkRequest, requester: Requester): Promise<BulkPreview>;
  /** @throws InvalidInputError, TooManyMatchesError; nothing has been written then */
  start(request: BulkRequest, requester: Requester): Promise<BulkOperation>;
  /**
   * When it has answered, nothing more is changed by the operation. One that was cancelled already is the answer too.
   * @throws OperationNotFoundError, OperationEndedError
   */
  cancel(id: string, requester: Requester): Promise<BulkOperation>;
  /** Null where there is none, or none that the requester may know of. */
  byId(id: string, requester: Requester): Promise<BulkOperation | null>;
  /** The newest first. */
  recent(first: number, requester: Requester): Promise<readonly BulkOperation[]>;
  /**
   * The same, for one operation of the API: what `preview`, `byId` and `recent` read goes on no longer than that. What
   * writes is not cut. @throws QueryTimeoutError, AbandonedError
   */
  until(deadline: ReadDeadline): BulkOperations;
  /** Calls back after any operation may have changed, whichever replica changed it: with its id, or null where that is not known. Returns how to stop. */
  onChange(listener: (id: string | null) => void): () => void;
  /** Ends after the chunk that is being written; another replica goes on at once. */
  close(): Promise<void>;
}
