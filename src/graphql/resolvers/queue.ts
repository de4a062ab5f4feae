import { Arg, Ctx, FieldResolver, Float, Int, Resolver, Root } from 'type-graphql';

import { DateTime } from '../../model/scalars.js';
import type { QueueCounts } from '../../stats/types.js';
import type { OperationContext } from '../context.js';
import { Queue, QueueStats } from '../types/queue.js';
import { TIMEOUT_ARGUMENT, timeoutOf } from './arguments.js';

/** The figures of a queue. Each is one read for all queues of a response. */
@Resolver(() => Queue)
export class QueueResolver {
  @FieldResolver(() => QueueStats, { description: 'How many executions stand in each status.' })
  stats(@Root() queue: Queue, @Ctx() context: OperationContext): Promise<QueueCounts> {
    return context.loaders.queueCounts.load(queue.name);
  }

  @FieldResolver(() => DateTime, {
    nullable: true,
    description: 'When the execution that has waited longest was enqueued; null where none waits.',
  })
  oldestQueuedAt(@Root() queue: Queue, @Ctx() context: OperationContext): Promise<Date | null> {
    return context.loaders.oldestQueuedAt.load(queue.name);
  }

  @FieldResolver(() => Int, { description: 'How many executions have been processing for longer than `timeoutMs`.' })
  stuckCount(
    @Root() queue: Queue,
    @Arg('timeoutMs', () => Float, TIMEOUT_ARGUMENT) timeoutMs: number | null,
    @Ctx() context: OperationContext,
  ): Promise<number> {
    return context.loaders.stuckCount(timeoutOf(timeoutMs)).load(queue.name);
  }
}
