/** Every scalar field of an execution but `isStuck`, which time changes and no event. */
export const DEFAULT_FIELDS = `taskId queueName messageVersion status
  enqueuedAt processingStartedAt completedAt failedAt archivedAt
  retryCount maxRetries lastRetryAt errorMessage errorCategory errorStack
  metadata archivedReason archivedBy createdAt updatedAt
  queueType naturalKey canRetry waitMs runMs irregularities`;

export interface Documents {
  /** A page of what matches, with the cursor of the feed before it. */
  readonly page: string;
  readonly changes: string;
}

/** The operations of a watch that asks for these fields of each execution. What it needs itself is added. */
export function documentsFor(fields: string): Documents {
  const task = `{ id executionId ${fields} }`;
  return {
    page: `query WatchList($filter: TaskFilter, $first: Int!, $after: String) {
  tasks(filter: $filter, first: $first, after: $after) {
    feedCursor
    pageInfo { hasNextPage endCursor }
    nodes ${task}
  }
}`,
    changes: `subscription WatchChanges($filter: TaskFilter, $after: String!) {
  taskChanged(filter: $filter, after: $after) {
    cursor kind at executionId nodeId status previousStatus changedFields lookedUp matches
    task ${task}
  }
}`,
  };
}

/** Where the feed stands now. */
export const FEED_CURSOR = 'query WatchStart { feed { cursor } }';

/** Whether the server itself sees changes as they happen. */
export const FEED_STATE = 'subscription WatchFeed { feedStatus { state reason } }';
