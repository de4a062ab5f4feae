import type { GraphQLClient } from './graphql-client.js';

export type ErrorCategoryName = 'TRANSIENT' | 'VALIDATION' | 'PROCESSING' | 'INFRASTRUCTURE' | 'PARTNER_API' | 'UNKNOWN';

/** What a worker needs to know of an execution. */
export interface WorkItem {
  readonly executionId: string;
  readonly taskId: string;
  readonly queueName: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface FailedItem {
  readonly executionId: string;
  readonly failedAt: string;
  readonly retryCount: number;
  readonly canRetry: boolean;
  readonly retryChain: { readonly latest: { readonly executionId: string } };
}

export interface DeadLetter {
  readonly executionId: string;
  readonly taskId: string;
  readonly retryCount: number;
  readonly errorCategory: ErrorCategoryName | null;
  readonly retryChain: { readonly attemptCount: number };
}

export interface StatusCounts {
  readonly queued: number;
  readonly processing: number;
  readonly completed: number;
  readonly failed: number;
  readonly dlq: number;
  readonly archived: number;
}

/** How the last hour went. */
export interface LastHour {
  /** 95 of 100 executions ran no longer, in ms; null where none ended. */
  readonly runP95: number | null;
  /** The most frequent kind of failure; null where nothing failed. */
  readonly failure: { readonly message: string; readonly count: number } | null;
}

export interface NewTask {
  readonly taskId: string;
  readonly queueName: string;
  readonly maxRetries: number;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface Failure {
  readonly errorMessage: string;
  readonly errorCategory: ErrorCategoryName;
  readonly errorStack?: string | undefined;
  readonly recoverable: boolean;
}

interface UserErrors {
  readonly userErrors: readonly { readonly code: string; readonly message: string }[];
}
interface Transition extends UserErrors {
  readonly changed: boolean;
}
interface Nodes<Item> {
  readonly nodes: readonly Item[];
}

/** The API was asked for something malformed: a mistake of this program. */
export class InvalidRequestError extends Error {
  override name = 'InvalidRequestError';
}

/** Refusals that come from two parties moving the same execution: somebody else was first, and that is all right. */
const OVERTAKEN = new Set(['ALREADY_STARTED', 'INVALID_TRANSITION', 'CONFLICT', 'RETRIES_EXHAUSTED', 'NOT_FOUND']);

/** True when the move was made; false when another party moved the execution first. */
function accepted({ userErrors }: UserErrors): boolean {
  const [first] = userErrors;
  if (first === undefined) return true;
  if (OVERTAKEN.has(first.code)) return false;
  throw new InvalidRequestError(`${first.code}: ${first.message}`);
}

/** TaskTracker's operations as the demonstration's processes use them. Every method is one HTTP request. */
export class TaskApi {
  constructor(private readonly client: GraphQLClient) {}

  /** Whether a new execution was made; false when one of the same taskId is still active. */
  async enqueue(task: NewTask): Promise<boolean> {
    const { enqueueTask } = await this.client.request<{ enqueueTask: UserErrors & { deduplicated: boolean } }>(
      `mutation Enqueue($input: EnqueueTaskInput!) {
        enqueueTask(input: $input) { deduplicated userErrors { code message } }
      }`,
      { input: task },
    );
    return accepted(enqueueTask) && !enqueueTask.deduplicated;
  }

  /** Whether this caller, and no other, is to process the execution. */
  async start(executionId: string): Promise<boolean> {
    const { startTask } = await this.client.request<{ startTask: Transition }>(
      `mutation Start($executionId: ID!) {
        startTask(executionId: $executionId) { changed userErrors { code message } }
      }`,
      { executionId },
    );
    return accepted(startTask) && startTask.changed;
  }

  async complete(executionId: string): Promise<boolean> {
    const { completeTask } = await this.client.request<{ completeTask: Transition }>(
      `mutation Complete($executionId: ID!) {
        completeTask(executionId: $executionId) { changed userErrors { code message } }
      }`,
      { executionId },
    );
    return accepted(completeTask);
  }

  async fail(executionId: string, failure: Failure): Promise<boolean> {
    const { failTask } = await this.client.request<{ failTask: Transition }>(
      `mutation Fail($input: FailTaskInput!) {
        failTask(input: $input) { changed userErrors { code message } }
      }`,
      { input: { executionId, ...failure } },
    );
    return accepted(failTask);
  }

  async retry(executionId: string, reason: string): Promise<boolean> {
    const { retryTask } = await this.client.request<{ retryTask: UserErrors }>(
      `mutation Retry($input: RetryTaskInput!) {
        retryTask(input: $input) { userErrors { code message } }
      }`,
      { input: { executionId, reason } },
    );
    return accepted(retryTask);
  }

  async archive(executionId: string, reason: string): Promise<boolean> {
    const { archiveTask } = await this.client.request<{ archiveTask: Transition }>(
      `mutation Archive($input: ArchiveTaskInput!) {
        archiveTask(input: $input) { changed userErrors { code message } }
      }`,
      { input: { executionId, reason } },
    );
    return accepted(archiveTask);
  }

  /** The longest-waiting executions of some queues. */
  async queued(queueNames: readonly string[], first: number): Promise<readonly WorkItem[]> {
    const { tasks } = await this.client.request<{ tasks: Nodes<WorkItem> }>(
      `query Waiting($queues: [String!]!, $first: Int!) {
        tasks(filter: { queueName: $queues, status: [QUEUED] }, orderBy: { field: ENQUEUED_AT, direction: ASC }, first: $first) {
          nodes { executionId taskId queueName metadata }
        }
      }`,
      { queues: queueNames, first },
    );
    return tasks.nodes;
  }

  /** Recent failures of one queue, with what is needed to tell whether they were retried already. */
  async failed(queueName: string, failedAfter: Date, failedBefore: Date): Promise<readonly FailedItem[]> {
    const { tasks } = await this.client.request<{ tasks: Nodes<FailedItem> }>(
      `query Failed($queue: String!, $after: DateTime!, $before: DateTime!) {
        tasks(
          filter: { queueName: [$queue], status: [FAILED], failedAfter: $after, failedBefore: $before }
          orderBy: { field: FAILED_AT, direction: DESC }, first: 100
        ) {
          nodes { executionId failedAt retryCount canRetry retryChain { latest { executionId } } }
        }
      }`,
      { queue: queueName, after: failedAfter.toISOString(), before: failedBefore.toISOString() },
    );
    return tasks.nodes;
  }

  /** The oldest dead letters of some queues, and how many there are. */
  async deadLetters(queueNames: readonly string[], first: number): Promise<{ readonly items: readonly DeadLetter[]; readonly total: number }> {
    const { tasks } = await this.client.request<{ tasks: Nodes<DeadLetter> & { totalCount: number } }>(
      `query DeadLetters($queues: [String!]!, $first: Int!) {
        tasks(filter: { queueName: $queues, status: [DLQ] }, orderBy: { field: ENQUEUED_AT, direction: ASC }, first: $first) {
          totalCount
          nodes { executionId taskId retryCount errorCategory retryChain { attemptCount } }
        }
      }`,
      { queues: queueNames, first },
    );
    return { items: tasks.nodes, total: tasks.totalCount };
  }

  /** Executions that have been processing for longer than `timeoutMs`. */
  async stuck(timeoutMs: number): Promise<readonly WorkItem[]> {
    const { stuckTasks } = await this.client.request<{ stuckTasks: Nodes<WorkItem> }>(
      `query Stuck($timeoutMs: Float!) {
        stuckTasks(timeoutMs: $timeoutMs, first: 50) { nodes { executionId taskId queueName metadata } }
      }`,
      { timeoutMs },
    );
    return stuckTasks.nodes;
  }

  async lastHour(now = new Date()): Promise<LastHour> {
    const { throughput, errorGroups } = await this.client.request<{
      throughput: readonly { run: { p95: number | null } }[];
      errorGroups: readonly { message: string; count: number }[];
    }>(
      `query LastHour($from: DateTime!, $to: DateTime!) {
        throughput(from: $from, to: $to, interval: HOUR) { run { p95 } }
        errorGroups(from: $from, first: 1) { message count }
      }`,
      { from: new Date(now.getTime() - 60 * 60_000).toISOString(), to: new Date(now.getTime() + 1).toISOString() },
    );
    const spans = throughput.flatMap(({ run: { p95 } }) => p95 ?? []);
    return { runP95: spans.at(-1) ?? null, failure: errorGroups[0] ?? null };
  }

  /** How many executions of all queues stand in each status. */
  async counts(): Promise<StatusCounts> {
    const { queues } = await this.client.request<{ queues: readonly { stats: StatusCounts }[] }>(
      'query Counts { queues { stats { queued processing completed failed dlq archived } } }',
    );
    const sum = (status: keyof StatusCounts) => queues.reduce((total, { stats }) => total + stats[status], 0);
    return {
      queued: sum('queued'),
      processing: sum('processing'),
      completed: sum('completed'),
      failed: sum('failed'),
      dlq: sum('dlq'),
      archived: sum('archived'),
    };
  }
}
