import type { Execution } from '../model/execution.js';
import type { ShownStatus } from '../model/status.js';

export type ChangeKind = 'CREATED' | 'UPDATED' | 'REMOVED' | 'BOOKMARK';

/** One change of one execution, or a BOOKMARK: nothing happened that you asked for, but the cursor moved. */
export interface TaskChangeEvent {
  /** Opaque and versioned. Passing it as `after` goes on behind this event. */
  readonly cursor: string;
  readonly kind: ChangeKind;
  /** When the database committed the change (its clock). */
  readonly at: Date;
  /** Null for a BOOKMARK, and for a REMOVED whose pre-image the database did not keep. */
  readonly executionId: string | null;
  /** `_id` of the document; null for a BOOKMARK. */
  readonly documentId: unknown;
  /** The execution as of this change; null for REMOVED and BOOKMARK. */
  readonly task: Execution | null;
  /** The execution as it was before this change; null where it is new or the database kept no pre-image. */
  readonly before: Execution | null;
  /** True where `task` was read after the event (no post-image): it may already hold later changes. */
  readonly lookedUp: boolean;
  readonly status: ShownStatus | null;
  readonly previousStatus: ShownStatus | null;
  /** Top-level and dotted names that this change set or removed; a value that stayed the same is not among them. */
  readonly changedFields: readonly string[];
}

export type FeedState = 'STARTING' | 'LIVE' | 'RECONNECTING' | 'RESYNCING' | 'FAILED';

export interface FeedStatus {
  readonly state: FeedState;
  /** The newest position that the feed has reached. */
  readonly cursor: string;
  /** Age of the last event when it arrived, in ms: commit in the database → seen here. Null before the first event. */
  readonly lagMs: number | null;
  readonly lastEventAt: Date | null;
  readonly subscribers: number;
  /** How many past events can be replayed from memory. */
  readonly ringSize: number;
  /** How often history was lost and every subscriber was told to list again. */
  readonly resyncs: number;
  /** Why the feed is not LIVE, in words; null while it is. */
  readonly reason: string | null;
}

export interface FeedSubscribeOptions {
  /**
   * Which events this subscriber wants (BOOKMARKs come regardless). Must be pure and must not throw.
   * To keep a filtered list right, accept an event if its `task` or its `before` matches.
   */
  readonly accepts?: (event: TaskChangeEvent) => boolean;
  /** Go on behind this cursor: what happened since is replayed first. Absent: from now. */
  readonly after?: string | undefined;
  /** Whether BOOKMARK events are wanted. Default true. */
  readonly bookmarks?: boolean;
}

/**
 * Every change of the collection, in order per execution, from one change stream.
 * At-least-once: after a reconnect an event may come twice, never not at all.
 */
export interface Feed {
  status(): FeedStatus;
  /** The newest position reached: take it before a read, subscribe `after` it, and nothing is missed. */
  cursor(): string;
  /**
   * Subscribed when it returns (not at the first `next()`): what happens from then on is delivered.
   * Ends with CursorExpiredError, ResyncRequiredError, SlowConsumerError, or InvalidInputError for a cursor that is none.
   */
  subscribe(options?: FeedSubscribeOptions): AsyncIterableIterator<TaskChangeEvent>;
  /** The status now and at every change of state. Never ends until returned or the feed closes. */
  watchStatus(): AsyncIterableIterator<FeedStatus>;
}
