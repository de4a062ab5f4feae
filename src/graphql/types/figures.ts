import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';

import { DateTime } from '../../model/scalars.js';
import type {
  Interval as IntervalName,
  LatencySummary as LatencySource,
  QueueDepth as DepthSource,
  StatisticsState as StateName,
  StatisticsStatus as StatusSource,
  StuckThreshold as ThresholdSource,
  ThroughputBucket as BucketSource,
} from '../../stats/types.js';

export const Interval = {
  MINUTE: 'MINUTE',
  FIVE_MINUTES: 'FIVE_MINUTES',
  HOUR: 'HOUR',
  DAY: 'DAY',
} as const satisfies Record<IntervalName, string>;

registerEnumType(Interval, {
  name: 'Interval',
  description: 'Width of the intervals of a series. Each starts at a multiple of its width, in UTC.',
  valuesConfig: {
    MINUTE: { description: 'One minute; kept for 24 hours.' },
    FIVE_MINUTES: { description: 'Five minutes; kept for 24 hours.' },
    HOUR: { description: 'One hour; kept for 30 days.' },
    DAY: { description: 'One day of UTC; kept for 30 days.' },
  },
});

export const StatisticsState = {
  BOOTSTRAPPING: 'BOOTSTRAPPING',
  READY: 'READY',
  UNAVAILABLE: 'UNAVAILABLE',
} as const satisfies Record<StateName, string>;

registerEnumType(StatisticsState, {
  name: 'StatisticsState',
  description: 'Where figures come from at this moment. They are right in each state; what differs is what they cost.',
  valuesConfig: {
    BOOTSTRAPPING: { description: 'The collection is being read; meanwhile the database counts when asked.' },
    READY: { description: 'Figures come from memory, kept right by the change stream.' },
    UNAVAILABLE: { description: 'Figures are not kept in memory: the database counts when asked. `reason` says why.' },
  },
});

@ObjectType({ description: 'Spans of time in ms. Each quantile is within 1 % of the exact one; null where nothing was measured.' })
export class LatencySummary implements LatencySource {
  @Field(() => Int, { description: 'How many spans were measured.' })
  count!: number;

  @Field(() => Float, { nullable: true, description: 'The median, in ms.' })
  p50!: number | null;

  @Field(() => Float, { nullable: true, description: '95 of 100 took no longer, in ms.' })
  p95!: number | null;

  @Field(() => Float, { nullable: true, description: '99 of 100 took no longer, in ms.' })
  p99!: number | null;

  @Field(() => Float, { nullable: true, description: 'The longest, in ms: an estimate too, within 1 %, so it may be a little above or below the longest there was.' })
  max!: number | null;
}

@ObjectType({ description: 'What happened in one interval, by the instants that the executions hold. An execution that is deleted takes its part of history with it.' })
export class ThroughputBucket implements BucketSource {
  @Field(() => DateTime, { description: 'Start of the interval.' })
  start!: Date;

  @Field(() => Int, { description: 'Executions that were enqueued.' })
  enqueued!: number;

  @Field(() => Int, { description: 'Executions that a worker started.' })
  started!: number;

  @Field(() => Int, { description: 'Executions that ended well.' })
  completed!: number;

  @Field(() => Int, { description: 'Executions that ended badly, those that became dead letters among them.' })
  failed!: number;

  @Field(() => Int, { description: 'Of those that failed, how many became dead letters, then or later.' })
  dlq!: number;

  @Field(() => Int, { description: 'Executions that were taken out of the dead-letter queue.' })
  archived!: number;

  @Field(() => LatencySummary, { description: 'How long the executions that started in this interval had waited, in ms.' })
  wait!: LatencySource;

  @Field(() => LatencySummary, { description: 'How long the executions that ended in this interval had run, in ms.' })
  run!: LatencySource;
}

@ObjectType({ description: 'How many executions stood in each status at an instant, by the instants that they hold.' })
export class QueueDepth implements DepthSource {
  @Field(() => DateTime, { description: 'The instant: the start of an interval.' })
  at!: Date;

  @Field(() => Int, { description: 'Executions that waited for a worker.' })
  queued!: number;

  @Field(() => Int, { description: 'Executions that a worker had started and not ended.' })
  processing!: number;

  @Field(() => Int, { description: 'Executions that had ended well.' })
  completed!: number;

  @Field(() => Int, { description: 'Executions that had ended badly and were not in the dead-letter queue.' })
  failed!: number;

  @Field(() => Int, { description: 'Executions in the dead-letter queue. No document says when it got there: it counts from when it failed.' })
  dlq!: number;

  @Field(() => Int, { description: 'Executions that had been taken out of the dead-letter queue.' })
  archived!: number;
}

@ObjectType({ description: 'From when on an execution of a queue counts as stuck.' })
export class StuckThreshold implements ThresholdSource {
  @Field(() => String, { description: 'Name of the queue.' })
  queueName!: string;

  @Field(() => Float, { description: 'How long it may process, in ms.' })
  timeoutMs!: number;

  @Field(() => Boolean, {
    description:
      "True where it follows from the queue's own run times: three times their p99, at least 1 minute and at most 24 hours. False where there are too few of them, and the default of 30 minutes holds.",
  })
  adaptive!: boolean;

  @Field(() => Int, { description: 'How many run times of the last 24 hours it rests on; at least 50 where it is adaptive.' })
  samples!: number;
}

@ObjectType({ description: 'How far the figures in memory have come.' })
export class StatisticsStatus implements StatusSource {
  @Field(() => StatisticsState, { description: 'Where figures come from.' })
  state!: StateName;

  @Field(() => Int, { nullable: true, description: 'Executions that the scan has read so far; null while none runs.' })
  scanned!: number | null;

  @Field(() => Int, { nullable: true, description: 'About how many it will read; null while none runs.' })
  expected!: number | null;

  @Field(() => Float, { description: 'How much of the scan is done: 0 to 1.' })
  progress!: number;

  @Field(() => DateTime, { nullable: true, description: 'Since when figures come from memory without a break; null while they do not.' })
  readySince!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When this replica last saved them; a restart goes on from there.' })
  lastCheckpointAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: "When they were last compared with the database's own counts." })
  lastReconciliationAt!: Date | null;

  @Field(() => Int, { description: 'How many counts that comparison found wrong, and had made anew. Must be 0.' })
  lastDrift!: number;

  @Field(() => String, { nullable: true, description: 'Why the state is not READY, in words; null while it is.' })
  reason!: string | null;
}
