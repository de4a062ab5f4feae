import type { TaskChange, TaskKeys, TaskStatus } from '../../client/index.js';
import type { Paint } from './paint.js';

/** What a line shows of an execution. */
export interface LineTask extends TaskKeys {
  readonly taskId: string;
  readonly queueName: string;
  readonly status: TaskStatus;
  readonly retryCount: number;
  readonly waitMs: number | null;
  readonly runMs: number | null;
  readonly errorCategory: string | null;
  readonly errorMessage: string | null;
}

export const LINE_FIELDS = 'taskId queueName status retryCount waitMs runMs errorCategory errorMessage';

const LONGEST_ERROR = 160;
const LONGEST_STATUS = 'PROCESSING → COMPLETED'.length;
const ENDED: ReadonlySet<string> = new Set(['COMPLETED', 'FAILED', 'DLQ']);

/** Control characters, and those that turn the direction of text: what a terminal would obey. */
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Text of a document as it may be written to a terminal: on one line, and nothing in it is obeyed. */
export function printable(text: string, longest = 512): string {
  const clean = text.replace(UNPRINTABLE, '\ufffd');
  return clean.length > longest ? `${clean.slice(0, longest - 1)}…` : clean;
}

export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1_000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function move({ kind, status, previousStatus }: TaskChange<LineTask>): { readonly text: string; readonly ends: string } {
  const ends = kind === 'REMOVED' ? 'removed' : (status ?? 'unknown');
  const before = previousStatus ?? (kind === 'CREATED' ? 'new' : kind === 'REMOVED' ? null : '?');
  return { text: before === null || before === ends ? ends : `${before} → ${ends}`, ends };
}

function span({ status, previousStatus, task }: TaskChange<LineTask>): string {
  if (task === null || status === null || status === previousStatus) return '';
  if (status === 'PROCESSING' && task.waitMs !== null) return `waited ${duration(task.waitMs)}`;
  return ENDED.has(status) && previousStatus === 'PROCESSING' && task.runMs !== null ? `ran ${duration(task.runMs)}` : '';
}

function remark({ kind, status, previousStatus, task, changedFields }: TaskChange<LineTask>): string {
  if (kind === 'UPDATED' && status === previousStatus) return `changed ${printable(changedFields.join(', '), LONGEST_ERROR)}`;
  if (task === null || (status !== 'FAILED' && status !== 'DLQ')) return '';
  const words = [task.errorCategory, task.errorMessage].filter((text) => text !== null);
  return printable(words.join(': '), LONGEST_ERROR);
}

/**
 * Whether nothing that a reader knows of changed: only when it changed last, as when a failed attempt is written while its
 * next one is queued.
 */
export function isMereTouch({ kind, status, previousStatus, changedFields }: Pick<TaskChange<LineTask>, 'kind' | 'status' | 'previousStatus' | 'changedFields'>): boolean {
  return kind === 'UPDATED' && status === previousStatus && changedFields.every((field) => field === 'updatedAt');
}

/** One change in one line: when, status before → after, queue, taskId, attempt, duration, error. */
export function changeLine(change: TaskChange<LineTask>, time: string, paint: Paint): string {
  const { text, ends } = move(change);
  const { task, executionId } = change;
  const parts = [
    paint.dim(time),
    paint.status(ends, text.padEnd(LONGEST_STATUS)),
    ...(task === null
      ? [printable(executionId ?? '(unknown execution)')]
      : [printable(task.queueName), printable(task.taskId), `attempt ${task.retryCount + 1}`]),
    span(change),
    paint.status(ends, remark(change)),
  ];
  return parts.filter((part) => part !== '').join('  ').trimEnd();
}
