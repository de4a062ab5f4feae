import type { TaskStatus } from '../api/graphql.js';

/** A status as people read it, and the key of its colours: `--tt-<key>`, `--tt-<key>-soft`, `--tt-fill-<key>`. */
export interface StatusLook {
  readonly label: string;
  /** Where there is little room. */
  readonly short: string;
  readonly key: 'queued' | 'processing' | 'completed' | 'failed' | 'dlq' | 'archived' | 'unknown';
  readonly meaning: string;
}

export const STATUS_LOOKS: Readonly<Record<TaskStatus, StatusLook>> = {
  QUEUED: { label: 'Queued', short: 'Queued', key: 'queued', meaning: 'waiting for a worker' },
  PROCESSING: { label: 'Processing', short: 'Running', key: 'processing', meaning: 'a worker has started it' },
  COMPLETED: { label: 'Completed', short: 'Done', key: 'completed', meaning: 'ended well' },
  FAILED: { label: 'Failed', short: 'Failed', key: 'failed', meaning: 'ended badly, may be retried' },
  DLQ: { label: 'Dead letters', short: 'DLQ', key: 'dlq', meaning: 'in the dead-letter queue: an operator decides' },
  ARCHIVED: { label: 'Archived', short: 'Archived', key: 'archived', meaning: 'taken out of the dead-letter queue' },
  UNKNOWN: { label: 'Unknown', short: 'Unknown', key: 'unknown', meaning: 'the stored status is none of the six' },
};

/** The six of the life of an execution, in its order. */
export const LIFE = ['QUEUED', 'PROCESSING', 'COMPLETED', 'FAILED', 'DLQ', 'ARCHIVED'] as const satisfies readonly TaskStatus[];
