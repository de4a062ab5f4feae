import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, FieldResolver, Info, Int, Query, Resolver, Root } from 'type-graphql';

import { DateTime } from '../../model/scalars.js';
import type { ErrorGroup as Group, Interval as IntervalName, QueueDepth as Depth, StatisticsStatus as Status, StuckThreshold as Threshold, ThroughputBucket as Bucket } from '../../stats/types.js';
import type { OperationContext } from '../context.js';
import { withSamples } from '../error-groups.js';
import { isSelected } from '../selections.js';
import { ErrorGroup, FailureCount } from '../types/error-group.js';
import { Interval, QueueDepth, StatisticsStatus, StuckThreshold, ThroughputBucket } from '../types/figures.js';
import { Queue } from '../types/queue.js';
import { INTERVAL_ARGUMENT } from './arguments.js';

const FROM =
  'Start of the range; the interval that holds it is the first. MINUTE and FIVE_MINUTES reach back 24 hours, HOUR and DAY 30 days; further back is INVALID_INPUT.';
const TO = 'End of the range (exclusive). Default: now. At most 24 hours (MINUTE, FIVE_MINUTES) or 30 days (HOUR, DAY) after `from`.';

/** Figures over time, and how they are kept. */
@Resolver()
export class FigureResolver {
  @Query(() => [ThroughputBucket], { description: 'What happened in each interval of a range, the oldest first. Intervals in which nothing happened are there too.' })
  throughput(
    @Arg('queueName', () => String, { nullable: true, description: 'Name of the queue. Default: all queues together.' }) queueName: string | null,
    @Arg('from', () => DateTime, { description: FROM }) from: Date,
    @Arg('to', () => DateTime, { nullable: true, description: TO }) to: Date | null,
    @Arg('interval', () => Interval, INTERVAL_ARGUMENT) interval: IntervalName,
    @Ctx() { statistics }: OperationContext,
  ): Promise<readonly Bucket[]> {
    return statistics.throughput({ queueName: queueName ?? null, from, to, interval });
  }

  @Query(() => [ErrorGroup], { description: 'Kinds of failures, the most frequent first, then the latest.' })
  async errorGroups(
    @Arg('queueName', () => String, { nullable: true, description: 'Only failures in this queue. Default: in all.' }) queueName: string | null,
    @Arg('from', () => DateTime, { nullable: true, description: 'Only failures since this instant, widened to the whole minute (the whole hour beyond the last 24 hours). Default: 30 days ago, the earliest.' })
    from: Date | null,
    @Arg('to', () => DateTime, { nullable: true, description: 'Only failures before this instant, widened likewise. Default: now.' }) to: Date | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'At most how many groups: 1 to 200. Default 20.' }) first: number | null,
    @Ctx() context: OperationContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<readonly (Group | ErrorGroup)[]> {
    const groups = await context.statistics.errorGroups({ queueName, from, to, first });
    // The rest comes from memory: samples alone are read from the database.
    return isSelected(info, 'sample') ? withSamples(groups, context) : groups;
  }

  @Query(() => StatisticsStatus, { description: 'How the figures of queues are kept, and how far that has come.' })
  stats(@Ctx() { statistics }: OperationContext): Status {
    return statistics.status();
  }
}

/** Figures over time of one kind of failure. */
@Resolver(() => ErrorGroup)
export class ErrorGroupResolver {
  @FieldResolver(() => [FailureCount], { description: 'How many failures there were in each interval of a range, the oldest first; of the queue that was asked for. Intervals without any are there too.' })
  failures(
    @Root() { fingerprint, queueName }: ErrorGroup,
    @Arg('from', () => DateTime, { description: FROM }) from: Date,
    @Arg('to', () => DateTime, { nullable: true, description: TO }) to: Date | null,
    @Arg('interval', () => Interval, INTERVAL_ARGUMENT) interval: IntervalName,
    @Ctx() { loaders }: OperationContext,
  ): Promise<readonly FailureCount[]> {
    return loaders.failures({ queueName, from, to, interval }).load(fingerprint);
  }
}

/** Figures over time of one queue. */
@Resolver(() => Queue)
export class QueueFigureResolver {
  @FieldResolver(() => [ThroughputBucket], { description: 'What happened in each interval of a range, the oldest first; as `Query.throughput`.' })
  throughput(
    @Root() queue: Queue,
    @Arg('from', () => DateTime, { description: FROM }) from: Date,
    @Arg('to', () => DateTime, { nullable: true, description: TO }) to: Date | null,
    @Arg('interval', () => Interval, INTERVAL_ARGUMENT) interval: IntervalName,
    @Ctx() { statistics }: OperationContext,
  ): Promise<readonly Bucket[]> {
    return statistics.throughput({ queueName: queue.name, from, to, interval });
  }

  @FieldResolver(() => [QueueDepth], { description: 'How many executions stood in each status at the start of each interval of a range, the oldest first. It also knows the time before TaskTracker ran.' })
  history(
    @Root() queue: Queue,
    @Arg('from', () => DateTime, { description: FROM }) from: Date,
    @Arg('to', () => DateTime, { nullable: true, description: TO }) to: Date | null,
    @Arg('interval', () => Interval, INTERVAL_ARGUMENT) interval: IntervalName,
    @Ctx() { statistics }: OperationContext,
  ): Promise<readonly Depth[]> {
    return statistics.history({ queueName: queue.name, from, to, interval });
  }

  @FieldResolver(() => StuckThreshold, { description: 'From when on an execution counts as stuck for `stuckTasks(adaptive: true)`.' })
  stuckThreshold(@Root() queue: Queue, @Ctx() { loaders }: OperationContext): Promise<Threshold> {
    return loaders.stuckThreshold.load(queue.name);
  }
}
