/** What the API sends and takes, as JSON carries it: instants are RFC 3339 text in UTC, names of enums in capitals. */

export const TASK_STATUSES = ['QUEUED', 'PROCESSING', 'COMPLETED', 'FAILED', 'DLQ', 'ARCHIVED', 'UNKNOWN'] as const;
/** `UNKNOWN`: the stored status is none of the other six. */
export type TaskStatus = (typeof TASK_STATUSES)[number];

export type ErrorCategory = 'TRANSIENT' | 'VALIDATION' | 'PROCESSING' | 'INFRASTRUCTURE' | 'PARTNER_API' | 'UNKNOWN';

export type ChangeKind = 'CREATED' | 'UPDATED' | 'REMOVED' | 'BOOKMARK';

export type FeedState = 'STARTING' | 'LIVE' | 'RECONNECTING' | 'RESYNCING' | 'FAILED';

export type JsonScalar = string | number | boolean | null;

/** A condition on one value inside `metadata`; all that are given must hold. */
export interface MetadataFilter {
  /** Names joined by dots, e.g. `aircraft.id`. */
  readonly path: string;
  readonly eq?: JsonScalar;
  readonly in?: readonly JsonScalar[] | null;
  readonly exists?: boolean | null;
}

/** `TaskFilter` of the API: all conditions must hold, within a list any of its values. Instants are text or a Date. */
export interface TaskFilter {
  readonly queueName?: readonly string[] | null;
  readonly status?: readonly TaskStatus[] | null;
  readonly errorCategory?: readonly ErrorCategory[] | null;
  readonly taskId?: string | null;
  readonly taskIdPrefix?: string | null;
  readonly executionId?: readonly string[] | null;
  readonly fingerprint?: string | null;
  readonly enqueuedAfter?: string | Date | null;
  readonly enqueuedBefore?: string | Date | null;
  readonly updatedAfter?: string | Date | null;
  readonly updatedBefore?: string | Date | null;
  readonly failedAfter?: string | Date | null;
  readonly failedBefore?: string | Date | null;
  readonly minRetryCount?: number | null;
  readonly metadata?: readonly MetadataFilter[] | null;
}

/** What every watched execution has, whatever `fields` asks for besides. */
export interface TaskKeys {
  /** Global id of the document. */
  readonly id: string;
  readonly executionId: string;
}

/** An execution with every scalar field of the API's `TaskTracker` (but `isStuck`, which time changes and no event). */
export interface Task extends TaskKeys {
  readonly taskId: string;
  readonly queueName: string;
  readonly messageVersion: string;
  readonly status: TaskStatus;
  readonly enqueuedAt: string;
  readonly processingStartedAt: string | null;
  readonly completedAt: string | null;
  readonly failedAt: string | null;
  readonly archivedAt: string | null;
  readonly retryCount: number;
  readonly maxRetries: number;
  readonly lastRetryAt: string | null;
  readonly errorMessage: string | null;
  readonly errorCategory: ErrorCategory | null;
  readonly errorStack: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly archivedReason: string | null;
  readonly archivedBy: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly queueType: string;
  readonly naturalKey: string;
  readonly canRetry: boolean;
  /** In ms, as of the answer. */
  readonly waitMs: number | null;
  /** In ms, as of the answer. */
  readonly runMs: number | null;
  readonly irregularities: readonly string[];
}

/** One change of one execution. Its fields are those of the API's `TaskChange`. */
export interface TaskChange<T extends TaskKeys = Task> {
  /** Where the feed stands after this change: `after` of a later watch. */
  readonly cursor: string;
  readonly kind: Exclude<ChangeKind, 'BOOKMARK'>;
  /** When the database committed it, by the database's clock. */
  readonly at: string;
  /** Null for a REMOVED of which the database kept no picture. */
  readonly executionId: string | null;
  /** Global id of the document, known in any case. */
  readonly nodeId: string;
  /** The execution as of this change; null for REMOVED. */
  readonly task: T | null;
  readonly status: TaskStatus | null;
  readonly previousStatus: TaskStatus | null;
  readonly changedFields: readonly string[];
  /** True where `task` was read after the change and may already hold later ones. */
  readonly lookedUp: boolean;
  /** Whether `task` matches the filter of the watch; false: it is to be taken out of a list of what matches. */
  readonly matches: boolean;
}

/** Why a list came again, or where there is a gap: the API's error code. */
export type LossCode = 'CURSOR_EXPIRED' | 'RESYNC_REQUIRED';

/** Everything that matches, listed: it takes the place of all that was known. */
export interface ListItem<T extends TaskKeys = Task> {
  readonly type: 'list';
  /** The newest by `enqueuedAt` first. */
  readonly tasks: readonly T[];
  /** Where the feed stood before the list was read: what happened since follows as changes. */
  readonly cursor: string;
  /** Null for the first list; else why the list had to be made again. */
  readonly cause: LossCode | null;
}

export interface ChangeItem<T extends TaskKeys = Task> {
  readonly type: 'change';
  readonly change: TaskChange<T>;
  readonly cursor: string;
}

/** Only with `list: false`: changes may have been missed, the watch goes on from now. */
export interface GapItem {
  readonly type: 'gap';
  readonly cause: LossCode;
  readonly cursor: string;
}

export type WatchItem<T extends TaskKeys = Task> = ListItem<T> | ChangeItem<T> | GapItem;

/**
 * - `connecting`: for the first time
 * - `listing`: reading what matches
 * - `live`: changes come as they happen
 * - `stalled`: connected, but the server's own feed is behind; what happens meanwhile comes later
 * - `reconnecting`: the connection is lost, or the server cannot serve at the moment; it is tried again
 * - `paused`: the reader is behind by `bufferLimit` items; the watch goes on when it has read half of them
 * - `ended`
 */
export type WatchState = 'connecting' | 'listing' | 'live' | 'stalled' | 'reconnecting' | 'paused' | 'ended';

export interface WatchStatus {
  readonly state: WatchState;
  /** Since when it has been in this state. */
  readonly since: Date;
  /** Why it is not live, in words; null where there is nothing to say. */
  readonly reason: string | null;
  /** Tries in a row that have failed. */
  readonly failures: number;
}
