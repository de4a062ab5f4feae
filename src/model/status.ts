/** The six states of an execution, as they are stored (lower case). */
export enum TaskStatus {
  QUEUED = 'queued',
  PROCESSING = 'processing',
  COMPLETED = 'completed',
  FAILED = 'failed',
  DLQ = 'dlq',
  ARCHIVED = 'archived',
}

/** All stored states, in the order of a life: what tables and counts iterate over. */
export const TASK_STATUSES: readonly TaskStatus[] = Object.values(TaskStatus);

/** The states in which an execution stands in the way of another one of the same taskId. */
export const ACTIVE_STATUSES: readonly TaskStatus[] = [TaskStatus.QUEUED, TaskStatus.PROCESSING];

/**
 * What readers are shown: the six states, or UNKNOWN for a document whose stored status is none of them.
 * UNKNOWN is never written.
 */
export const ShownStatus = { ...TaskStatus, UNKNOWN: 'unknown' } as const;
export type ShownStatus = TaskStatus | 'unknown';

const known = new Set<string>(TASK_STATUSES);

export function isTaskStatus(value: unknown): value is TaskStatus {
  return typeof value === 'string' && known.has(value);
}
