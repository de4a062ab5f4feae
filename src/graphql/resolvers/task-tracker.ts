import { Arg, Ctx, FieldResolver, Float, ID, Resolver, Root } from 'type-graphql';

import { canRetry, isStuck, runMs, waitMs } from '../../model/derived.js';
import type { Execution } from '../../model/execution.js';
import { JsonObject } from '../../model/scalars.js';
import { splitTaskId } from '../../model/task-id.js';
import { TaskTracker } from '../../model/task-tracker.js';
import { MAX_TEXT } from '../../queries/validate.js';
import type { OperationContext } from '../context.js';
import { encodeGlobalId, TASK_TRACKER_TYPE } from '../global-id.js';
import { toPlainJson } from '../json.js';
import { Queue } from '../types/queue.js';
import { RetryChain } from '../types/retry-chain.js';
import { TIMEOUT_ARGUMENT, timeoutOf } from './arguments.js';
import { retryChainOf } from './retry-chain.js';

/** The fields of TaskTracker that are not stored as they are shown. */
@Resolver(() => TaskTracker)
export class TaskTrackerResolver {
  @FieldResolver(() => ID, { description: 'Global id: opaque, unique over all types, stable for the life of the document. `node` takes it.' })
  id(@Root() execution: Execution): string {
    return encodeGlobalId(TASK_TRACKER_TYPE, execution._id);
  }

  @FieldResolver(() => JsonObject, {
    description:
      'Domain data of the producer, e.g. `{"partnerCode": "SATLOC", "logId": "0222"}`. Never null; `{}` where there are none. ' +
      'Plain JSON: instants as ISO text, ObjectIds as hex, decimals and integers beyond 2^53 as text, binaries as base64. What the server marks as sensitive is `[masked]` for a VIEWER or WORKER.',
  })
  metadata(@Root() execution: Execution, @Ctx() { mask }: OperationContext): unknown {
    return mask.metadata(execution, toPlainJson(execution.metadata));
  }

  @FieldResolver(() => String, { nullable: true, description: 'Stack trace of the error, as the worker sent it. `[masked]` for a VIEWER or WORKER.' })
  errorStack(@Root() execution: Execution, @Ctx() { mask }: OperationContext): string | null {
    return mask.errorStack(execution);
  }

  @FieldResolver(() => String, { description: 'What kind of task it is: `taskId` up to its first `:`, or all of it where there is none.' })
  queueType(@Root() execution: Execution): string {
    return splitTaskId(execution.taskId).queueType;
  }

  @FieldResolver(() => String, { description: "The task's own key: `taskId` after its first `:`, or empty where there is none." })
  naturalKey(@Root() execution: Execution): string {
    return splitTaskId(execution.taskId).naturalKey;
  }

  @FieldResolver(() => Boolean, { description: 'Whether another attempt is within the budget: `retryCount` is below `maxRetries`. Only that: `retryTask` also needs the execution to be FAILED, and takes one from the DLQ with a fresh budget whatever this says.' })
  canRetry(@Root() execution: Execution): boolean {
    return canRetry(execution);
  }

  @FieldResolver(() => Boolean, { description: 'Whether it has been processing for longer than `timeoutMs`.' })
  isStuck(
    @Root() execution: Execution,
    @Arg('timeoutMs', () => Float, TIMEOUT_ARGUMENT) timeoutMs: number | null,
    @Ctx() context: OperationContext,
  ): boolean {
    return isStuck(execution, timeoutOf(timeoutMs), context.now);
  }

  @FieldResolver(() => Float, {
    nullable: true,
    description: 'How long it waited for a worker, in ms: from enqueued to started, or until now while queued. Null where it cannot be told.',
  })
  waitMs(@Root() execution: Execution, @Ctx() context: OperationContext): number | null {
    return waitMs(execution, context.now);
  }

  @FieldResolver(() => Float, {
    nullable: true,
    description: 'How long it ran, in ms: from started to completed or failed, or until now while processing. Null where it cannot be told.',
  })
  runMs(@Root() execution: Execution, @Ctx() context: OperationContext): number | null {
    return runMs(execution, context.now);
  }

  @FieldResolver(() => Queue, { description: 'The queue that it was put in, and figures about it.' })
  queue(@Root() execution: Execution): Queue {
    return { name: execution.queueName };
  }

  @FieldResolver(() => RetryChain, { description: 'All attempts of the same task, this one among them. One database read for a whole page.' })
  async retryChain(@Root() execution: Execution, @Ctx() context: OperationContext): Promise<RetryChain> {
    const { taskId } = execution;
    const attempts = taskId.length <= MAX_TEXT ? await context.loaders.retryChain.load(taskId) : [];
    // An execution that was removed meanwhile, or whose taskId cannot be asked for, is its own chain.
    return retryChainOf(attempts.length > 0 ? attempts : [execution], context.now);
  }

  @FieldResolver(() => [String], {
    description: 'In words, where the stored document differs from what its fields should hold. Empty for all but damaged or foreign documents.',
  })
  irregularities(@Root() execution: Execution, @Ctx() { mask }: OperationContext): readonly string[] {
    return mask.irregularities(execution);
  }
}
