import { type Execution, type StoredDocument, toExecution } from '../model/execution.js';
import { ACTIVE_STATUSES, TaskStatus } from '../model/status.js';
import type { TaskTrackerModel } from '../model/task-tracker.js';
import { DEFAULT_MAX_TIME_MS, StoredExecutions } from './executions.js';
import { filterToMongo, type MongoFilter } from './filter-to-mongo.js';
import { pageArguments, readPage, readSlice, validateOrder } from './page.js';
import { readRetryChains } from './retry-chain.js';
import type { QueueTimeout, StuckRequest, TaskOrder, TaskQueries } from './types.js';
import { validateFilter } from './validate-filter.js';
import { list, spanMs, text } from './validate.js';

export interface TaskQueriesOptions {
  /** The model on the application's connection, which must be open when a query is made. */
  readonly model: TaskTrackerModel;
  /** How long each read may take in the database, in ms. Default 10,000. */
  readonly maxTimeMs?: number | undefined;
  /** The time now, for what is stuck or a recent duplicate. Default: the system's clock. */
  readonly clock?: (() => Date) | undefined;
}

/** Queues with a time-out of their own in one request. */
const MAX_TIMEOUTS = 1_000;
/** Documents that one call may name. */
const MAX_IDS = 1_000;

const LONGEST_FIRST: TaskOrder = { field: 'processingStartedAt', direction: 'ASC' };

/** Every read of executions, over one connection. Holds nothing that has to be closed. */
export function createTaskQueries({ model, maxTimeMs = DEFAULT_MAX_TIME_MS, clock = () => new Date() }: TaskQueriesOptions): TaskQueries {
  return queriesOver(new StoredExecutions(model, maxTimeMs), clock);
}

function queriesOver(executions: StoredExecutions, clock: () => Date): TaskQueries {
  const startedBefore = (timeoutMs: number): MongoFilter => ({
    processingStartedAt: { $lt: new Date(clock().getTime() - spanMs(timeoutMs, ['timeoutMs'])) },
  });
  const stuckFilter = ({ queueName, timeoutMs, timeoutsByQueue = [] }: Omit<StuckRequest, 'first' | 'after'>): MongoFilter => {
    const others = list(timeoutsByQueue, ['timeoutsByQueue'], MAX_TIMEOUTS, (each) => each as QueueTimeout);
    const named = others.map((each) => ({ queueName: { $eq: text(each.queueName, ['queueName'], Number.POSITIVE_INFINITY) }, ...startedBefore(each.timeoutMs) }));
    const rest = { queueName: { $nin: others.map((each) => each.queueName) }, ...startedBefore(timeoutMs) };
    return {
      ...(queueName !== null && queueName !== undefined && { queueName: { $eq: text(queueName, ['queueName']) } }),
      status: TaskStatus.PROCESSING,
      // The shortest holds for all, and is what the index is walked by.
      ...startedBefore(others.reduce((shortest, each) => Math.min(shortest, each.timeoutMs), timeoutMs)),
      ...(named.length > 0 && { $or: [...named, rest] }),
    };
  };

  return {
    async byExecutionId(executionId) {
      return shown(await executions.findOne({ executionId: { $eq: text(executionId, ['executionId']) } }));
    },

    async byDocumentId(id) {
      return id === undefined ? null : shown(await executions.findOne({ _id: { $eq: id } }));
    },

    async byDocumentIds(ids) {
      if (ids.length === 0) return [];
      const documents = await executions.find({ _id: { $in: list(ids, ['ids'], MAX_IDS, (id) => id) } }, { limit: ids.length });
      return documents.map(toExecution);
    },

    async page(request) {
      const filter = filterToMongo(validateFilter(request.filter));
      return readPage(executions, filter, pageArguments(request));
    },

    async slice(request) {
      const filter = filterToMongo(validateFilter(request.filter));
      return readSlice(executions, filter, { ...request, orderBy: validateOrder(request.orderBy) });
    },

    async count(filter) {
      return executions.count(filterToMongo(validateFilter(filter)));
    },

    async retryChains(taskIds) {
      return readRetryChains(executions, taskIds);
    },

    async stuck(request) {
      const filter = stuckFilter(request);
      return readPage(executions, filter, pageArguments({ first: request.first, after: request.after, orderBy: LONGEST_FIRST }));
    },

    async countStuck(request) {
      return executions.count(stuckFilter(request));
    },

    async duplicateOf(taskId, withinMs) {
      const candidates: MongoFilter[] = [{ status: { $in: [...ACTIVE_STATUSES] } }];
      if (withinMs !== null && withinMs !== undefined) {
        const since = new Date(clock().getTime() - spanMs(withinMs, ['withinMs']));
        candidates.push({ status: TaskStatus.COMPLETED, completedAt: { $gte: since } });
      }
      // The active statuses sort behind `completed`, so descending they come first.
      return shown(await executions.findOne({ taskId: { $eq: text(taskId, ['taskId']) }, $or: candidates }, { status: -1, completedAt: -1, _id: -1 }));
    },

    within: (scope) => queriesOver(executions.within(scope), clock),
    until: (deadline) => queriesOver(executions.until(deadline), clock),
  };
}

function shown(document: StoredDocument | null): Execution | null {
  return document && toExecution(document);
}
