/** An operation that is ready in a tab of GraphiQL, and in the README. */
export interface ExampleOperation {
  readonly name: string;
  readonly query: string;
  /** From the instant at which the page is made: figures reach back from now. */
  readonly variables?: (now: Date) => Readonly<Record<string, unknown>>;
}

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

/** Ready-made operations, in the order in which somebody new needs them. Every one is valid against the schema (tested). */
export const EXAMPLE_OPERATIONS: readonly ExampleOperation[] = [
  {
    name: 'Overview',
    query: `# Every queue at a glance: how many stand in each status, what waits longest, what is stuck.
query Overview {
  queues {
    name
    stats { queued processing completed failed dlq archived total asOf source }
    oldestQueuedAt
    stuckCount(timeoutMs: 1800000)
  }
  stats { state progress reason }
  feed { state lagMs lastEventAt subscribers }
}
`,
  },
  {
    name: 'FailedTasks',
    query: `# The newest failures with their whole retry chains. Pass feedCursor's place on to the Watch tab: list, then watch.
query FailedTasks($first: Int = 20, $after: String) {
  tasks(filter: { status: [FAILED, DLQ] }, orderBy: { field: UPDATED_AT, direction: DESC }, first: $first, after: $after) {
    totalCount
    feedCursor
    pageInfo { hasNextPage endCursor }
    nodes {
      taskId
      executionId
      queueName
      status
      errorCategory
      errorMessage
      retryCount
      canRetry
      updatedAt
      retryChain { attemptCount status totalRunMs }
    }
  }
}
`,
  },
  {
    name: 'Watch',
    query: `# Every change as it happens. Leave the filter out to see all queues.
subscription Watch($filter: TaskFilter) {
  taskChanged(filter: $filter) {
    cursor
    kind
    at
    executionId
    previousStatus
    status
    changedFields
    task { taskId queueName retryCount errorMessage }
  }
}
`,
    variables: () => ({ filter: {} }),
  },
  {
    name: 'Enqueue',
    query: `# A producer's call. While an execution of the taskId is queued or processing, the answer is that one: deduplicated is true.
mutation Enqueue($input: EnqueueTaskInput!) {
  enqueueTask(input: $input) {
    deduplicated
    task { executionId taskId status enqueuedAt }
    userErrors { code message field }
  }
}
`,
    variables: () => ({ input: { taskId: 'jobs:12345:userId123:process', queueName: 'jobs', maxRetries: 3, metadata: { customerId: 'userId123' } } }),
  },
  {
    name: 'WorkerCalls',
    query: `# A worker's calls: choose one with the play button. Exactly one of any number of workers gets changed: true from Start.
mutation Start($executionId: ID!) {
  startTask(executionId: $executionId) {
    changed
    task { status processingStartedAt waitMs }
    userErrors { code message }
  }
}

mutation Complete($executionId: ID!) {
  completeTask(executionId: $executionId) {
    changed
    task { status completedAt runMs }
    userErrors { code message }
  }
}

mutation Fail($executionId: ID!) {
  failTask(input: { executionId: $executionId, errorMessage: "The partner answered 503", errorCategory: PARTNER_API }) {
    changed
    task { status failedAt errorCategory canRetry }
    userErrors { code message }
  }
}

mutation Retry($executionId: ID!) {
  retryTask(input: { executionId: $executionId, reason: "The partner is back" }) {
    task { executionId status retryCount }
    previous { executionId status archivedReason }
    userErrors { code message }
  }
}
`,
    variables: () => ({ executionId: 'put the executionId of a task here' }),
  },
  {
    name: 'RetryChain',
    query: `# All attempts of one task, oldest first.
query RetryChain($taskId: String!) {
  retryChain(taskId: $taskId) {
    status
    attemptCount
    startedAt
    settledAt
    totalWaitMs
    totalRunMs
    attempts { executionId status retryCount enqueuedAt runMs errorCategory errorMessage }
  }
}
`,
    variables: () => ({ taskId: 'jobs:12345:userId123:process' }),
  },
  {
    name: 'Failures',
    query: `# What went wrong in the last hour, by kinds: messages with what varies replaced. OfOneKind finds the executions of a kind: paste its fingerprint.
query Failures($from: DateTime) {
  errorGroups(from: $from, first: 20) {
    message
    category
    count
    queueNames
    firstSeenAt
    lastSeenAt
    fingerprint
    sample { executionId errorMessage }
  }
}

query OfOneKind($fingerprint: ID, $from: DateTime) {
  tasks(filter: { fingerprint: $fingerprint, failedAfter: $from }, orderBy: { field: FAILED_AT, direction: DESC }) {
    totalCount
    nodes { executionId taskId queueName status failedAt errorMessage }
  }
}
`,
    variables: (now) => ({ from: new Date(now.getTime() - HOUR_MS).toISOString(), fingerprint: null }),
  },
  {
    name: 'Throughput',
    query: `# What happened in each hour, how long tasks waited and ran (ms), and how deep the queues were. A fixed range: change \`from\`.
query Throughput($from: DateTime!) {
  throughput(from: $from, interval: HOUR) {
    start
    enqueued
    completed
    failed
    wait { p50 p95 }
    run { p50 p95 p99 }
  }
  queues {
    name
    history(from: $from, interval: HOUR) { at queued processing }
    stuckThreshold { timeoutMs adaptive samples }
  }
}
`,
    variables: (now) => ({ from: new Date(now.getTime() - DAY_MS).toISOString() }),
  },
  {
    name: 'LiveFigures',
    query: `# Lists, figures and chains that keep themselves up to date: choose one with the play button.
subscription NewestTasks {
  liveTasks(first: 10) {
    kind
    index
    executionId
    tasks { executionId taskId status enqueuedAt }
    task { executionId taskId status enqueuedAt }
  }
}

subscription QueueFigures($queueName: String!) {
  queueStatsChanged(queueName: $queueName) {
    queueName queued processing completed failed dlq archived total asOf
  }
}

subscription ThisMinute {
  throughputChanged {
    start enqueued started completed failed run { p95 }
  }
}

subscription NewKindsOfFailures {
  errorGroupChanged(newOnly: true) {
    message category queueNames sample { executionId }
  }
}

subscription Stuck {
  stuckTaskDetected(timeoutMs: 60000) {
    executionId taskId queueName processingStartedAt
  }
}

subscription ChainFigures($taskId: String!) {
  retryChainChanged(taskId: $taskId) {
    status
    attemptCount
    attempts { executionId status }
  }
}
`,
    variables: () => ({ queueName: 'jobs', taskId: 'jobs:12345:userId123:process' }),
  },
  {
    name: 'Bulk',
    query: `# The same to all that match: look first, then begin. Paste the operation's id into the variables to follow it, or to cancel the rest.
mutation PreviewBulk($filter: TaskFilter!) {
  bulk(input: { action: RETRY, filter: $filter, dryRun: true }) {
    preview { matched sample { executionId taskId status errorMessage } }
    userErrors { code message }
  }
}

mutation BeginBulk($filter: TaskFilter!) {
  bulk(input: { action: RETRY, filter: $filter, reason: "The partner is back" }) {
    operation { id state matched }
    userErrors { code message }
  }
}

subscription BulkProgress($operationId: ID!) {
  bulkOperationProgress(id: $operationId) {
    state matched processed succeeded skipped failed error
    userErrors { code message }
  }
}

mutation CancelBulk($operationId: ID!) {
  cancelBulkOperation(id: $operationId) {
    operation { state matched processed cancelledBy }
    userErrors { code message }
  }
}

query BulkOperations {
  bulkOperations(first: 10) {
    id action state filter matched processed succeeded skipped failed requestedBy startedAt finishedAt
  }
}
`,
    variables: (now) => ({
      filter: { status: ['FAILED', 'DLQ'], errorCategory: ['PARTNER_API'], failedAfter: new Date(now.getTime() - DAY_MS).toISOString() },
      operationId: 'put the id of an operation here',
    }),
  },
  {
    name: 'Audit',
    query: `# Who did what, and why: operators, bulk operations, retention. For administrators.
query AuditLog($executionId: ID) {
  auditLog(executionId: $executionId, first: 20) {
    nodes { at actor action before after taskId executionId reason detail operationId }
    pageInfo { hasNextPage endCursor }
  }
}

subscription Audited {
  auditLogged { at actor action before after taskId executionId reason detail }
}
`,
    variables: () => ({ executionId: null }),
  },
];
