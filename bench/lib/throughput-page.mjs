/** The page that every server of `bench/throughput.mjs` answers: its fields, its operation, and the schema for who has none. */

export const FIELDS = ['taskId', 'executionId', 'queueName', 'status', 'enqueuedAt', 'retryCount', 'errorCategory', 'metadata'];

export const OPERATION = `query Page($filter: TaskFilter, $first: Int!) {
  tasks(filter: $filter, first: $first) { nodes { ${FIELDS.join(' ')} } pageInfo { hasNextPage } }
}`;

export const VARIABLES = { filter: { queueName: ['bench_queue_1'], status: ['COMPLETED'] }, first: 50 };

export const TYPES = `
  scalar DateTime
  scalar JSONObject
  enum TaskStatus { QUEUED PROCESSING COMPLETED FAILED DLQ ARCHIVED }
  enum ErrorCategory { VALIDATION }
  input TaskFilter { queueName: [String!] status: [TaskStatus!] }
  type TaskTracker {
    taskId: String! executionId: ID! queueName: String! messageVersion: String! status: TaskStatus! enqueuedAt: DateTime!
    processingStartedAt: DateTime completedAt: DateTime failedAt: DateTime retryCount: Int! maxRetries: Int! errorMessage: String
    errorCategory: ErrorCategory metadata: JSONObject! createdAt: DateTime! updatedAt: DateTime!
  }
  type PageInfo { hasNextPage: Boolean! }
  type TaskTrackerConnection { nodes: [TaskTracker!]! pageInfo: PageInfo! }
  type Query { tasks(filter: TaskFilter, first: Int): TaskTrackerConnection! }
`;
