import { isTaskStatus, TASK_STATUSES } from '../../model/status.js';
import type { ErrorCategory } from '../../model/error-category.js';
import { slotOf } from './latency.js';
import type { Counted } from './types.js';
import { LAST_INSTANT, MINUTE_MS } from './windows.js';

/**
 * What one document adds to the figures: a pure function of its fields. The figures are the sum of the contributions of
 * all documents, so a change takes back one contribution and adds another.
 */
export interface Contribution {
  /** The queues that it names, each once: none where `queueName` is neither a string nor a list that holds one. */
  readonly queueNames: readonly string[];
  /** Whether `queueName` is a list. */
  readonly isListed: boolean;
  /** Place in STATUSES. */
  readonly status: number;
  /** Instants of its points by PLACES, in ms since 1970; -1 where there is none. */
  readonly at: readonly number[];
  /** What each point counts for: a counter or a bin of a latency. */
  readonly code: readonly number[];
  /** Since when it waits; null unless it is queued and says so. */
  readonly queuedSince: number | null;
  /** Since when it is processed; null unless it is processing and says so. */
  readonly processingSince: number | null;
  readonly failure: Failure | null;
  readonly documentId: unknown;
}

export interface Failure {
  readonly at: number;
  readonly category: ErrorCategory | null;
  readonly message: string;
}

/** Places of counts by status: the six, then all others. */
export const UNKNOWN_STATUS = TASK_STATUSES.length;
export const STATUS_COUNT = TASK_STATUSES.length + 1;
const [QUEUED, PROCESSING, COMPLETED, FAILED, DLQ, ARCHIVED] = [0, 1, 2, 3, 4, 5] as const;

/** Counters of a bucket: six of what happened, then the net change of each status. */
export const COUNTERS = 12;
export const CHANGES = 6;
/** Bins of the wait and of the run: codes from these on, by slot. */
export const WAIT_CODES = 2_048;
export const RUN_CODES = 4_096;
/** Codes are below this. */
export const CODES = 8_192;

const PLACES = 15;
const [ENQUEUED_AT, STARTED_AT, COMPLETED_AT, FAILED_AT, DLQ_AT, ARCHIVED_AT, WAIT, RUN, FIRST_STEP] = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const;

/** What the point at each place adds: leaving a status takes one away. */
export const WEIGHTS: readonly number[] = Array.from({ length: PLACES }, (_, place) => (place > FIRST_STEP && place % 2 === 1 ? -1 : 1));

/** Whether two contributions have the same point at a place, as buckets tell them apart. */
export function samePoint(a: Contribution, b: Contribution, place: number): boolean {
  return a.code[place] === b.code[place] && Math.floor((a.at[place] ?? -1) / MINUTE_MS) === Math.floor((b.at[place] ?? -1) / MINUTE_MS);
}

function instant(value: unknown): number {
  if (!(value instanceof Date)) return -1;
  const ms = value.getTime();
  return Number.isNaN(ms) ? -1 : Math.min(Math.max(ms, 0), LAST_INSTANT);
}

function namesOf(queueName: unknown): readonly string[] {
  if (typeof queueName === 'string') return [queueName];
  if (!Array.isArray(queueName)) return [];
  return [...new Set<unknown>(queueName)].filter((name) => typeof name === 'string');
}

function span(from: Date, to: Date): number {
  return Math.max(0, to.getTime() - from.getTime());
}

class Points {
  readonly at: number[] = new Array<number>(PLACES).fill(-1);
  readonly code: number[] = new Array<number>(PLACES).fill(0);
  #place: number = FIRST_STEP;
  #status = -1;
  #since = -1;

  set(place: number, at: number, code: number): void {
    if (at < 0) return;
    this.at[place] = at;
    this.code[place] = code;
  }

  /** The next status on its path: entered at an instant, or when the one before was where that is not known; never before that. */
  enter(status: number, at: number, last: boolean): void {
    const since = at < 0 && !last ? -1 : Math.max(at, this.#since);
    if (since < 0) return;
    if (this.#status >= 0) this.set(this.#place + 1, since, CHANGES + this.#status);
    if (this.#status >= 0) this.#place += 2;
    this.set(this.#place, since, CHANGES + status);
    this.#status = status;
    this.#since = since;
  }
}

/** When the work ended, as the model's run time has it (model/derived.ts). */
function endOf(execution: Counted, status: number): Date | null {
  switch (status) {
    case QUEUED:
    case PROCESSING:
      return null;
    case COMPLETED:
      return execution.completedAt;
    case FAILED:
    case DLQ:
    case ARCHIVED:
      return execution.failedAt;
    default:
      return execution.completedAt ?? execution.failedAt;
  }
}

/**
 * Events, by the instants that it holds whatever its status: enqueued, started, completed, failed; dlq at failedAt where
 * it is a dead letter or archived, for the model has no instant of that move; archived at archivedAt where it is.
 * Wait: at the start, unless it is queued (again). Run: at its end by its status.
 *
 * Path through the statuses: queued, processing, what it is now, and the dead-letter queue before the archive; a step
 * without an instant is skipped, one before the step before it is taken as at the same time. What it is now without
 * saying since when, it is since the step before; without any, it always was. No path where the status is unknown.
 */
export function contributionOf(execution: Counted): Contribution {
  const { processingStartedAt, completedAt, failedAt, archivedAt, stored } = execution;
  const message = stored['errorMessage'];
  const storedStatus = stored['status'];
  const status = isTaskStatus(storedStatus) ? TASK_STATUSES.indexOf(storedStatus) : UNKNOWN_STATUS;
  const storedEnqueuedAt = stored['enqueuedAt'];
  const enqueued = instant(storedEnqueuedAt);
  const enqueuedAt = enqueued < 0 ? null : (storedEnqueuedAt as Date);
  const started = instant(processingStartedAt);
  const failed = instant(failedAt);
  const completed = instant(completedAt);
  const archived = status === ARCHIVED ? instant(archivedAt) : -1;
  const deadLetter = status === DLQ || status === ARCHIVED;

  const points = new Points();
  points.set(ENQUEUED_AT, enqueued, ENQUEUED_AT);
  points.set(STARTED_AT, started, STARTED_AT);
  points.set(COMPLETED_AT, completed, COMPLETED_AT);
  points.set(FAILED_AT, failed, FAILED_AT);
  if (deadLetter) points.set(DLQ_AT, failed, DLQ_AT);
  points.set(ARCHIVED_AT, archived, ARCHIVED_AT);
  if (processingStartedAt !== null) {
    if (enqueuedAt !== null && status !== QUEUED) points.set(WAIT, started, WAIT_CODES + slotOf(span(enqueuedAt, processingStartedAt)));
    const end = endOf(execution, status);
    if (end !== null) points.set(RUN, instant(end), RUN_CODES + slotOf(span(processingStartedAt, end)));
  }
  if (status !== UNKNOWN_STATUS) {
    points.enter(QUEUED, enqueued, status === QUEUED);
    if (status !== QUEUED) points.enter(PROCESSING, started, status === PROCESSING);
    if (status === COMPLETED) points.enter(COMPLETED, completed, true);
    if (status === FAILED) points.enter(FAILED, failed, true);
    if (deadLetter) points.enter(DLQ, failed, status === DLQ);
    if (status === ARCHIVED) points.enter(ARCHIVED, archived, true);
  }
  return {
    queueNames: namesOf(stored['queueName']),
    isListed: Array.isArray(stored['queueName']),
    status,
    at: points.at,
    code: points.code,
    queuedSince: status === QUEUED && enqueuedAt !== null ? enqueuedAt.getTime() : null,
    processingSince: status === PROCESSING && processingStartedAt !== null ? processingStartedAt.getTime() : null,
    // A message that is no text is shown as one, but no filter by its fingerprint would find it.
    failure: failed >= 0 && typeof message === 'string' ? { at: failed, category: execution.errorCategory, message } : null,
    documentId: execution._id,
  };
}
