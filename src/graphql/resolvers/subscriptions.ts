import { Arg, Ctx, Extensions, Int, Resolver, Root, Subscription } from 'type-graphql';

import type { FeedStatus as FeedStatusSource, TaskChangeEvent } from '../../feed/types.js';
import type { Execution } from '../../model/execution.js';
import { text, wholeNumber } from '../../queries/validate.js';
import type { QueueCounts } from '../../stats/types.js';
import type { OperationContext } from '../context.js';
import { acceptsFor } from '../subscriptions/accepts.js';
import { watchQueueStats } from '../subscriptions/queue-stats.js';
import { watchRetryChain } from '../subscriptions/retry-chain.js';
import { seenThrough } from '../subscriptions/seen-change.js';
import { CHANGES, COUNTS_OF_QUEUES, ONE_CHAIN, ONE_FEED } from '../subscriptions/sharing.js';
import { FeedStatus, TaskChange } from '../types/feed.js';
import { TaskFilter } from '../types/inputs.js';
import { QueueStats } from '../types/queue.js';
import { RetryChain } from '../types/retry-chain.js';
import { retryChainOf } from './retry-chain.js';

/** Default and bounds of `minIntervalMs`, in ms. */
const MIN_INTERVAL = { default: 250, least: 0, most: 60_000 } as const;

/** What type-graphql hands to `subscribe`: arguments as graphql-js coerced them. */
interface Request<Args> {
  readonly args: Args;
  readonly context: OperationContext;
}

function minIntervalOf(value: number | null | undefined): number {
  return wholeNumber(value ?? MIN_INTERVAL.default, ['minIntervalMs'], MIN_INTERVAL.least, MIN_INTERVAL.most);
}

/**
 * Each subscription checks its arguments, and stands in the feed, before its client is told that it has begun.
 * All of them are fed by the application's one change stream.
 */
@Resolver()
export class SubscriptionResolver {
  @Extensions({ sharing: CHANGES })
  @Subscription(() => TaskChange, {
    description:
      'Every change of the executions that match, among them the change that makes one no longer match. At least once, in order for each execution. ' +
      'Ends with the error CURSOR_EXPIRED or RESYNC_REQUIRED where a client must list again, SLOW_CONSUMER where it reads too slowly; `extensions.cursor` says where to go on.',
    subscribe: ({ args, context }: Request<{ filter?: TaskFilter | null; after?: string | null }>) =>
      context.feed.subscribe({ accepts: acceptsFor(args.filter), after: args.after ?? undefined }),
  })
  taskChanged(
    @Root() event: TaskChangeEvent,
    @Arg('filter', () => TaskFilter, { nullable: true, description: 'Which executions. Default: all.' }) filter: TaskFilter | null,
    @Arg('after', () => String, {
      nullable: true,
      description: 'Go on behind this cursor (`feedCursor` of a page, `cursor` of a change): what happened since comes first. Default: from now.',
    })
    _after: string | null,
  ): TaskChange {
    return seenThrough(filter, event);
  }

  @Extensions({ sharing: COUNTS_OF_QUEUES })
  @Subscription(() => QueueStats, {
    description: 'The counts of a queue, or of every queue one after the other: at once, then after changes. The state after the last change always comes.',
    subscribe: ({ args, context }: Request<{ queueName?: string | null; minIntervalMs?: number | null }>) =>
      watchQueueStats(context, args.queueName == null ? null : text(args.queueName, ['queueName']), minIntervalOf(args.minIntervalMs)),
  })
  queueStatsChanged(
    @Root() counts: QueueCounts,
    @Arg('queueName', () => String, { nullable: true, description: 'Name of the queue. Default: all queues.' }) _queueName: string | null,
    @Arg('minIntervalMs', () => Int, {
      nullable: true,
      defaultValue: MIN_INTERVAL.default,
      description: 'Least time between two messages about a queue, in ms: 0 to 60,000. Default 250. Changes in between are shown together.',
    })
    _minIntervalMs: number | null,
  ): QueueCounts {
    return counts;
  }

  @Extensions({ sharing: ONE_CHAIN })
  @Subscription(() => RetryChain, {
    description: 'All attempts of a task: at once if there are any, then after each change of one of them.',
    subscribe: ({ args, context }: Request<{ taskId: string }>) => watchRetryChain(context, text(args.taskId, ['taskId'])),
  })
  retryChainChanged(
    @Root() attempts: readonly Execution[],
    @Arg('taskId', () => String, { description: 'Business identity of the task.' }) _taskId: string,
    @Ctx() { now }: OperationContext,
  ): RetryChain {
    return retryChainOf(attempts, now);
  }

  @Extensions({ sharing: ONE_FEED })
  @Subscription(() => FeedStatus, {
    description: 'The health of the feed: at once, then at every change of its state.',
    subscribe: ({ context }: Request<Record<string, never>>) => context.feed.watchStatus(),
  })
  feedStatus(@Root() status: FeedStatusSource): FeedStatusSource {
    return status;
  }
}
