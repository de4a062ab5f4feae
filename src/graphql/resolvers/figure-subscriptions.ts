import { Arg, Extensions, Float, Resolver, Root, Subscription } from 'type-graphql';

import type { Execution } from '../../model/execution.js';
import { TaskTracker } from '../../model/task-tracker.js';
import { text } from '../../queries/validate.js';
import type { Interval as IntervalName, StatisticsStatus as Status, ThroughputBucket as Bucket } from '../../stats/types.js';
import type { OperationContext } from '../context.js';
import { watchErrorGroups, watchStuck, watchThroughput } from '../subscriptions/figures.js';
import { CURRENT_BUCKET, ONE_STATUS, NEWS } from '../subscriptions/sharing.js';
import { ErrorGroup } from '../types/error-group.js';
import { Interval, StatisticsStatus, ThroughputBucket } from '../types/figures.js';
import { INTERVAL_ARGUMENT, TIMEOUT_ARGUMENT, timeoutOf } from './arguments.js';

interface Request<Args> {
  readonly args: Args & { readonly queueName?: string | null };
  readonly context: OperationContext;
}

function queueOf({ args: { queueName } }: Request<object>): string | null {
  return queueName === null || queueName === undefined ? null : text(queueName, ['queueName']);
}

const QUEUE_ARGUMENT = { nullable: true, description: 'Name of the queue. Default: all queues together.' } as const;

/** Figures as they change. */
@Resolver()
export class FigureSubscriptionResolver {
  @Extensions({ sharing: CURRENT_BUCKET })
  @Subscription(() => ThroughputBucket, {
    description: 'The interval that is now: at once, after changes (at most four times a second), and a new one when it begins. What a change adds to an earlier interval is seen by `throughput`.',
    subscribe: (request: Request<{ interval: IntervalName }>) => watchThroughput(request.context, queueOf(request), request.args.interval),
  })
  throughputChanged(
    @Root() bucket: Bucket,
    @Arg('queueName', () => String, QUEUE_ARGUMENT) _queueName: string | null,
    @Arg('interval', () => Interval, INTERVAL_ARGUMENT) _interval: IntervalName,
  ): Bucket {
    return bucket;
  }

  @Extensions({ sharing: NEWS })
  @Subscription(() => ErrorGroup, {
    description: 'A kind of failure, over the last 30 days, after a failure of it was counted; at most four times a second each. While the figures are not kept in memory (`stats { state }`) nothing is counted.',
    subscribe: (request: Request<{ newOnly: boolean }>) => watchErrorGroups(request.context, queueOf(request), request.args.newOnly),
  })
  errorGroupChanged(
    @Root() group: ErrorGroup,
    @Arg('queueName', () => String, { nullable: true, description: 'Only failures in this queue. Default: in all.' }) _queueName: string | null,
    @Arg('newOnly', () => Boolean, { nullable: false, defaultValue: false, description: 'Only a kind of which no failure was seen in the 7 days before. Default false.' }) _newOnly: boolean,
  ): ErrorGroup {
    return group;
  }

  @Subscription(() => TaskTracker, {
    description: 'Executions that have been processing for longer than `timeoutMs`: those that already are, the longest first, then each when its time has passed, once.',
    subscribe: (request: Request<{ timeoutMs?: number | null }>) => watchStuck(request.context, queueOf(request), timeoutOf(request.args.timeoutMs)),
  })
  stuckTaskDetected(
    @Root() execution: Execution,
    @Arg('queueName', () => String, { nullable: true, description: 'Only executions of this queue. Default: of all.' }) _queueName: string | null,
    @Arg('timeoutMs', () => Float, TIMEOUT_ARGUMENT) _timeoutMs: number | null,
  ): Execution {
    return execution;
  }

  @Extensions({ sharing: ONE_STATUS })
  @Subscription(() => StatisticsStatus, {
    description: 'How the figures of queues are kept: at once, at every change of state, and about once a second while the collection is being read.',
    subscribe: ({ context }: Request<object>) => context.statistics.watchStatus(),
  })
  statsChanged(@Root() status: Status): Status {
    return status;
  }
}
