import type { IndexDefinition, IndexOptions } from 'mongoose';

import { ACTIVE_STATUSES } from './status.js';

export interface OwnIndex {
  readonly key: IndexDefinition;
  readonly options: Readonly<IndexOptions> & { readonly name: string };
  /** What would be lost without it. */
  readonly reason: string;
}

/** At most one document per taskId is queued or processing. Needs MongoDB 6.0 ($in in a partial filter). */
export const DEDUPLICATION_INDEX = 'tasktracker_active_taskId';

/**
 * Indexes that the original model does not have. Its `syncIndexes()` drops them, so start-up and `doctor` look for them.
 * The `_id` at the end of the page orders makes keyset pages walk the index instead of sorting all matches.
 */
export const OWN_INDEXES: readonly OwnIndex[] = [
  {
    key: { taskId: 1 },
    options: {
      name: DEDUPLICATION_INDEX,
      unique: true,
      partialFilterExpression: { status: { $in: [...ACTIVE_STATUSES] } },
    },
    reason: 'deduplication: the database itself refuses a second active execution of a task',
  },
  {
    key: { enqueuedAt: -1, _id: -1 },
    options: { name: 'tasktracker_enqueuedAt_id' },
    reason: 'pages of all tasks by enqueuedAt, the default order',
  },
  {
    key: { updatedAt: -1, _id: -1 },
    options: { name: 'tasktracker_updatedAt_id' },
    reason: 'pages of all tasks by updatedAt; the original model has no index that starts with it',
  },
  {
    key: { queueName: 1, status: 1, enqueuedAt: -1, _id: -1 },
    options: { name: 'tasktracker_queue_status_enqueuedAt_id' },
    reason: 'pages of a queue and status by enqueuedAt, the commonest filter',
  },
];
