import { Arg, Ctx, Float, ID, Int, Query, Resolver } from 'type-graphql';

import { mayUse } from '../../access/role.js';
import { Node } from '../../model/node.js';
import { TaskTracker } from '../../model/task-tracker.js';
import type { Execution } from '../../model/execution.js';
import type { FeedStatus as FeedStatusSource } from '../../feed/types.js';
import { spanMs, text } from '../../queries/validate.js';
import type { QueueCounts } from '../../stats/types.js';
import type { OperationContext } from '../context.js';
import { decodeGlobalId, TASK_TRACKER_TYPE } from '../global-id.js';
import { AuditEntry } from '../types/audit.js';
import { TaskTrackerConnection } from '../types/connection.js';
import { DuplicateCheck } from '../types/duplicate-check.js';
import { FeedStatus } from '../types/feed.js';
import { TaskFilter, TaskOrder } from '../types/inputs.js';
import { Queue, QueueStats } from '../types/queue.js';
import { RetryChain } from '../types/retry-chain.js';
import { AUDIT_ENTRY_TYPE } from './audit.js';
import { retryChainOf } from './retry-chain.js';

/** Objects behind `Node` are recognised by their class; an Execution is plain data. */
function asTaskTracker(execution: Execution): TaskTracker {
  return Object.assign(Object.create(TaskTracker.prototype) as TaskTracker, execution);
}

@Resolver()
export class QueryResolver {
  @Query(() => Node, { nullable: true, description: 'The object with this global id; null where there is none, or the text is no global id.' })
  async node(@Arg('id', () => ID, { description: 'A global id.' }) id: string, @Ctx() { queries, audit, caller }: OperationContext): Promise<TaskTracker | AuditEntry | null> {
    const decoded = decodeGlobalId(id);
    if (decoded?.type === AUDIT_ENTRY_TYPE && mayUse(caller.role, 'ADMINISTER') && caller.queues === null) {
      const entry = await audit.byId(decoded.documentId);
      return entry && Object.assign(Object.create(AuditEntry.prototype) as AuditEntry, entry);
    }
    if (decoded?.type !== TASK_TRACKER_TYPE) return null;
    const execution = await queries.byDocumentId(decoded.documentId);
    return execution && asTaskTracker(execution);
  }

  @Query(() => TaskTracker, { nullable: true, description: 'The execution with this executionId; null where there is none.' })
  task(@Arg('executionId', () => ID, { description: 'Identity of the attempt.' }) executionId: string, @Ctx() { queries }: OperationContext): Promise<Execution | null> {
    return queries.byExecutionId(executionId);
  }

  @Query(() => TaskTrackerConnection, {
    description:
      'A page of executions. Forwards with `first` and `after`, or backwards with `last` and `before`, not both. ' +
      'Stable while executions are inserted: a row is never shown twice by going on.',
  })
  async tasks(
    @Arg('filter', () => TaskFilter, { nullable: true, description: 'Which executions. Default: all.' }) filter: TaskFilter | null,
    @Arg('orderBy', () => TaskOrder, { nullable: true, description: 'In which order. Default: the newest by `enqueuedAt` first.' }) orderBy: TaskOrder | null,
    @Arg('first', () => Int, { nullable: true, description: 'How many rows from the start, or behind `after`: 1 to 200. Default 50.' }) first: number | null,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the row behind which to start.' }) after: string | null,
    @Arg('last', () => Int, { nullable: true, description: 'How many rows from the end, or ahead of `before`: 1 to 200.' }) last: number | null,
    @Arg('before', () => String, { nullable: true, description: 'Cursor of the row ahead of which to end.' }) before: string | null,
    @Ctx() { queries, feed }: OperationContext,
  ): Promise<TaskTrackerConnection> {
    const request = { filter, orderBy, first, after, last, before };
    const feedCursor = feed.cursor();
    const page = await queries.page(request);
    return new TaskTrackerConnection(page, feedCursor, () => queries.count(filter));
  }

  @Query(() => RetryChain, { nullable: true, description: 'All executions of a task, oldest first; null where the taskId has none.' })
  async retryChain(
    @Arg('taskId', () => String, { description: 'Business identity of the task.' }) taskId: string,
    @Ctx() { loaders, now }: OperationContext,
  ): Promise<RetryChain | null> {
    const attempts = await loaders.retryChain.load(taskId);
    return attempts.length > 0 ? retryChainOf(attempts, now) : null;
  }

  @Query(() => Queue, { nullable: true, description: 'The queue of this name; null where no execution names it.' })
  async queue(@Arg('name', () => String, { description: 'Name of the queue.' }) name: string, @Ctx() { loaders }: OperationContext): Promise<Queue | null> {
    const counts = await loaders.queueCounts.load(text(name, ['name']));
    return counts.total > 0 ? { name } : null;
  }

  @Query(() => [Queue], { description: 'All queues that have at least one execution, by name.' })
  async queues(
    @Arg('nameContains', () => String, { nullable: true, description: 'Only queues whose name contains this text, whatever its case. At most 256 characters.' })
    nameContains: string | null,
    @Ctx() { statistics }: OperationContext,
  ): Promise<Queue[]> {
    const names = await statistics.queueNames(nameContains ?? undefined);
    return names.map((name) => ({ name }));
  }

  @Query(() => QueueStats, { description: 'How many executions of a queue stand in each status. All zero where none names it.' })
  async queueStats(@Arg('queueName', () => String, { description: 'Name of the queue.' }) queueName: string, @Ctx() { loaders }: OperationContext): Promise<QueueCounts> {
    return loaders.queueCounts.load(text(queueName, ['queueName']));
  }

  @Query(() => DuplicateCheck, { description: 'Whether enqueueing a taskId now would be a duplicate. Only an answer about this moment: `enqueueTask` decides by itself.' })
  async duplicateCheck(
    @Arg('taskId', () => String, { description: 'Business identity of the task.' }) taskId: string,
    @Arg('withinMs', () => Float, { nullable: true, description: 'Also count an execution that completed within this many ms. Default: none.' })
    withinMs: number | null,
    @Ctx() { queries }: OperationContext,
  ): Promise<DuplicateCheck> {
    const existing = await queries.duplicateOf(taskId, withinMs == null ? null : spanMs(withinMs, ['withinMs']));
    return { taskId, isDuplicate: existing !== null, existing };
  }

  @Query(() => FeedStatus, { description: 'The health of the feed at this moment.' })
  feed(@Ctx() { feed }: OperationContext): FeedStatusSource {
    return feed.status();
  }
}
