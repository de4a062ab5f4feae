import { registerEnumType } from 'type-graphql';

import type { ChangeKind as FeedChangeKind, FeedState as FeedStateName } from '../../feed/types.js';
import type { TaskOrder } from '../../queries/types.js';
import type { StatsSource as StatsSourceName } from '../../stats/types.js';

export const TaskOrderField = {
  ENQUEUED_AT: 'enqueuedAt',
  UPDATED_AT: 'updatedAt',
  FAILED_AT: 'failedAt',
  PROCESSING_STARTED_AT: 'processingStartedAt',
} as const satisfies Record<string, TaskOrder['field']>;

registerEnumType(TaskOrderField, {
  name: 'TaskOrderField',
  description: 'The instant that a list of executions is ordered by. Executions that lack it sort as the oldest.',
  valuesConfig: {
    ENQUEUED_AT: { description: 'When it was enqueued. Every execution has it.' },
    UPDATED_AT: { description: 'When its document was last written.' },
    FAILED_AT: { description: 'When it failed; null unless it did.' },
    PROCESSING_STARTED_AT: { description: 'When a worker started it; null until then.' },
  },
});

export const OrderDirection = { ASC: 'ASC', DESC: 'DESC' } as const satisfies Record<TaskOrder['direction'], string>;

registerEnumType(OrderDirection, {
  name: 'OrderDirection',
  description: 'Which end of an order comes first.',
  valuesConfig: {
    ASC: { description: 'The oldest first.' },
    DESC: { description: 'The newest first.' },
  },
});

export const StatsSource = { STREAM: 'STREAM', AGGREGATE: 'AGGREGATE' } as const satisfies Record<StatsSourceName, string>;

registerEnumType(StatsSource, {
  name: 'StatsSource',
  description: 'Where a figure came from.',
  valuesConfig: {
    STREAM: { description: 'Kept in memory from the change stream: reading it costs the same whatever the size of the collection.' },
    AGGREGATE: { description: 'Counted by the database when asked.' },
  },
});

export const FeedState = {
  STARTING: 'STARTING',
  LIVE: 'LIVE',
  RECONNECTING: 'RECONNECTING',
  RESYNCING: 'RESYNCING',
  FAILED: 'FAILED',
} as const satisfies Record<FeedStateName, string>;

registerEnumType(FeedState, {
  name: 'FeedState',
  description: 'Whether changes in the database reach subscribers at this moment.',
  valuesConfig: {
    STARTING: { description: 'The change stream is being opened for the first time.' },
    LIVE: { description: 'Changes arrive as they happen.' },
    RECONNECTING: { description: 'The database went away. Nothing is lost: what happens meanwhile is delivered when it is back.' },
    RESYNCING: { description: 'History was lost: subscribers are told to list again, and the feed goes on from now.' },
    FAILED: { description: 'The feed has given up; `reason` says why.' },
  },
});

export const ChangeKind = {
  CREATED: 'CREATED',
  UPDATED: 'UPDATED',
  REMOVED: 'REMOVED',
  BOOKMARK: 'BOOKMARK',
} as const satisfies Record<FeedChangeKind, string>;

registerEnumType(ChangeKind, {
  name: 'ChangeKind',
  description: 'What happened to an execution.',
  valuesConfig: {
    CREATED: { description: 'Its document was inserted.' },
    UPDATED: { description: 'Its document was written again: by a move of its life, or by hand.' },
    REMOVED: { description: 'Its document was deleted.' },
    BOOKMARK: { description: 'Nothing that you asked for happened, but `cursor` moved on: keep it for the next subscription.' },
  },
});

export const TaskErrorCode = {
  NOT_FOUND: 'NOT_FOUND',
  INVALID_INPUT: 'INVALID_INPUT',
  INVALID_TRANSITION: 'INVALID_TRANSITION',
  ALREADY_STARTED: 'ALREADY_STARTED',
  DUPLICATE_EXECUTION: 'DUPLICATE_EXECUTION',
  RETRIES_EXHAUSTED: 'RETRIES_EXHAUSTED',
  TOO_MANY_MATCHES: 'TOO_MANY_MATCHES',
  CONFLICT: 'CONFLICT',
  WRITE_REFUSED: 'WRITE_REFUSED',
} as const;
export type TaskErrorCode = keyof typeof TaskErrorCode;

registerEnumType(TaskErrorCode, {
  name: 'TaskErrorCode',
  description: 'Why a mutation did not do what was asked. A mutation that is refused has written nothing.',
  valuesConfig: {
    NOT_FOUND: { description: 'No execution has this `executionId`.' },
    INVALID_INPUT: { description: 'A value cannot be taken; `field` names it and `message` says what would be right.' },
    INVALID_TRANSITION: { description: 'The execution is in a state from which this move does not exist.' },
    ALREADY_STARTED: { description: 'Another worker started the execution, or it has settled: do not process it.' },
    DUPLICATE_EXECUTION: { description: 'An execution with this `executionId` exists.' },
    RETRIES_EXHAUSTED: { description: '`retryCount` has reached `maxRetries`: move it to the dead-letter queue, and retry from there.' },
    TOO_MANY_MATCHES: { description: 'The filter matches more executions than one operation may change.' },
    CONFLICT: { description: 'Another execution of the task is active, or somebody else made the same move first.' },
    WRITE_REFUSED: { description: 'The database would not write the document, by a rule of its own; the log says why. Of bulk operations only.' },
  },
});
