import type { Execution } from '../model/execution.js';
import type { ShownStatus } from '../model/status.js';
import type { ClusterTime } from './cursor.js';

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
  /**
   * Age of the last event when it arrived, in ms: commit in the database → seen here; where the database has not answered
   * for a second or more, at least that long. Null before the first event.
   */
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
  /**
   * For who reads again what changed: where only a part of the executions is told of (`feedWithin`), a change of which nobody
   * can tell whether it was of one of them comes as a REMOVED that says nothing. Default false.
   */
  readonly hints?: boolean;
}

/** Who is given every event. What it does is done before the next event is dealt with, so it is quick, and never throws. */
export interface FeedTap {
  onEvent(event: TaskChangeEvent): void;
  /** The feed lost its place: changes may have been missed. Nothing more is given to this tap. */
  onLost(): void;
}

export interface OpenTap {
  /**
   * Resolves when the tap is given what happens as it happens: at once, or when the past was replayed. Also when the tap
   * was closed meanwhile. Rejects with CursorExpiredError or InvalidInputError where the cursor is of no use.
   */
  readonly joined: Promise<void>;
  /** The place behind the last event that it was given: a tap `after` it is given all that this one was not. */
  cursor(): string;
  /** When what happened last before this place was committed (the database's cluster time); null where nothing was seen. */
  time(): ClusterTime | null;
  close(): void;
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

/** What keeps figures from the feed: all of it, and certainty how far it has come. */
export interface TappedFeed extends Feed {
  /**
   * Every event once, in order, before any subscriber is offered it: from now, or behind a cursor.
   * @throws InvalidInputError for a cursor that is none of this collection's
   */
  tap(tap: FeedTap, options?: { readonly after?: string | undefined }): OpenTap;
  /**
   * Resolves when every change that was committed before the call has been given to the live taps: within about half
   * a second on a quiet collection, so ask for the next before the last has come.
   *
   * @param until the database's time at or after the call, as it says with each answer (operationTime); it is asked for
   * where it is not given
   * @throws ResyncRequiredError where the feed loses its place, FeedClosedError
   */
  barrier(until?: ClusterTime | null): Promise<void>;
  /** When the database last answered the feed; null where it has not yet. What the feed has brought holds for then. */
  lastAnswerAt(): Date | null;
}
