import { graphql, type ResultOf } from '../api/graphql.js';

const TASK_DETAILS = graphql(`
  fragment TaskDetails on TaskTracker @_unmask {
    id
    taskId
    executionId
    queueName
    messageVersion
    status
    enqueuedAt
    processingStartedAt
    completedAt
    failedAt
    archivedAt
    createdAt
    updatedAt
    lastRetryAt
    retryCount
    maxRetries
    canRetry
    waitMs
    runMs
    errorCategory
    errorMessage
    errorStack
    archivedReason
    archivedBy
    metadata
    irregularities
  }
`);

export type TaskDetails = ResultOf<typeof TASK_DETAILS>;

/** One execution, kept right: a live list of one. */
export const LIVE_TASK = graphql(
  `
    subscription LiveTask($executionId: ID!) {
      liveTasks(filter: { executionId: [$executionId] }, first: 1) {
        kind
        index
        tasks {
          ...TaskDetails
        }
        task {
          ...TaskDetails
        }
      }
    }
  `,
  [TASK_DETAILS],
);

/** Without stacks and metadata: a chain may be long, and is sent whole at each change. */
export const RETRY_CHAIN_CHANGED = graphql(`
  subscription RetryChainChanged($taskId: String!) {
    retryChainChanged(taskId: $taskId) {
      attempts {
        id
        executionId
        status
        enqueuedAt
        processingStartedAt
        completedAt
        failedAt
        archivedAt
        retryCount
        waitMs
        runMs
        errorCategory
        errorMessage
      }
      totalWaitMs
      totalRunMs
    }
  }
`);

export type RetryChain = ResultOf<typeof RETRY_CHAIN_CHANGED>['retryChainChanged'];
export type Attempt = RetryChain['attempts'][number];
