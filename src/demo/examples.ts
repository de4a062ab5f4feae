export interface Example {
  readonly title: string;
  readonly operation: string;
}

/** Three operations to paste into GraphiQL while the demonstration runs. */
export const EXAMPLES: readonly Example[] = [
  {
    title: 'Every queue and where its executions stand',
    operation: `query Overview {
  queues(nameContains: "demo_") {
    name
    oldestQueuedAt
    stuckCount(timeoutMs: 5000)
    stats { queued processing completed failed dlq archived total }
  }
}`,
  },
  {
    title: 'The last failures, each with all attempts of its task',
    operation: `query LastFailures {
  tasks(filter: { status: [FAILED, DLQ] }, orderBy: { field: FAILED_AT, direction: DESC }, first: 5) {
    nodes {
      taskId status errorCategory errorMessage failedAt
      retryChain { attemptCount status attempts { executionId status retryCount } }
    }
  }
}`,
  },
  {
    title: 'Every change as it happens (API workers and the old-style one alike)',
    operation: `subscription Live {
  taskChanged(filter: { queueName: ["demo_jobs", "demo_notifications", "demo_partner_tasks"] }) {
    kind at previousStatus status changedFields
    task { taskId queueName retryCount errorMessage }
  }
}`,
  },
];
