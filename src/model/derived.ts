import type { Execution } from './execution.js';
import { type ShownStatus, TaskStatus } from './status.js';

/**
 * Figures that follow from an execution's fields and the time. Pure: `now` is given, so that all figures of one answer
 * hold for one instant. Clocks of workers differ: a span that would be negative is 0.
 */

function span(from: Date, to: Date): number {
  return Math.max(0, to.getTime() - from.getTime());
}

/** Whether another attempt is within the budget: `retryCount < maxRetries`, whatever the status. */
export function canRetry(execution: Execution): boolean {
  return execution.retryCount < execution.maxRetries;
}

/** Whether it has been processing for longer than `timeoutMs`. False where the document does not say since when. */
export function isStuck(execution: Execution, timeoutMs: number, now: Date): boolean {
  if (execution.status !== TaskStatus.PROCESSING || execution.processingStartedAt === null) return false;
  return now.getTime() - execution.processingStartedAt.getTime() > timeoutMs;
}

/**
 * How long it waited, in ms: enqueued → started, or → now while it is queued.
 * Null where it left the queue without being started.
 */
export function waitMs(execution: Execution, now: Date): number | null {
  if (execution.status === TaskStatus.QUEUED) return span(execution.enqueuedAt, now);
  return execution.processingStartedAt === null ? null : span(execution.enqueuedAt, execution.processingStartedAt);
}

/** When the work ended, well or badly. A document that an old worker used twice may hold both instants: its status says which counts. */
function endedAt(execution: Execution): Date | null {
  switch (execution.status) {
    case TaskStatus.COMPLETED:
      return execution.completedAt;
    case TaskStatus.FAILED:
    case TaskStatus.DLQ:
    case TaskStatus.ARCHIVED:
      return execution.failedAt;
    default:
      return execution.completedAt ?? execution.failedAt;
  }
}

/**
 * How long the work took, in ms: started → completed or failed, or → now while it is processing.
 * Null where it was not started, is queued, or the document does not say when it ended.
 */
export function runMs(execution: Execution, now: Date): number | null {
  const started = execution.processingStartedAt;
  if (started === null || execution.status === TaskStatus.QUEUED) return null;
  if (execution.status === TaskStatus.PROCESSING) return span(started, now);
  const ended = endedAt(execution);
  return ended === null ? null : span(started, ended);
}

/** When nothing more was to be expected of it; null while it may go on or be retried. A dead letter settled when it failed. */
function settledAt(execution: Execution): Date | null {
  switch (execution.status) {
    case TaskStatus.COMPLETED:
      return execution.completedAt;
    case TaskStatus.DLQ:
      return execution.failedAt;
    case TaskStatus.ARCHIVED:
      return execution.archivedAt;
    default:
      return null;
  }
}

export interface RetryChainSummary {
  readonly attemptCount: number;
  readonly latest: Execution;
  /** Status of the latest attempt. */
  readonly status: ShownStatus;
  /** The earliest enqueuedAt. */
  readonly startedAt: Date;
  /** When the latest attempt completed, was archived, or failed into the dead-letter queue; null while it is unsettled. */
  readonly settledAt: Date | null;
  /** Sum of the attempts' waits and runs, in ms; an attempt without one counts 0. */
  readonly totalWaitMs: number;
  readonly totalRunMs: number;
}

/**
 * The figures of a retry chain.
 * @param attempts oldest first, as `TaskQueries.retryChains` gives them
 * @throws RangeError for no attempts: a chain has at least one
 */
export function summariseChain(attempts: readonly Execution[], now: Date): RetryChainSummary {
  const latest = attempts.at(-1);
  if (latest === undefined) throw new RangeError('A retry chain has at least one attempt.');
  let startedAt = latest.enqueuedAt;
  let totalWaitMs = 0;
  let totalRunMs = 0;
  for (const attempt of attempts) {
    if (attempt.enqueuedAt < startedAt) startedAt = attempt.enqueuedAt;
    totalWaitMs += waitMs(attempt, now) ?? 0;
    totalRunMs += runMs(attempt, now) ?? 0;
  }
  return { attemptCount: attempts.length, latest, status: latest.status, startedAt, settledAt: settledAt(latest), totalWaitMs, totalRunMs };
}
