import { Field, Float, Int, ObjectType } from 'type-graphql';

import type { Execution } from '../../model/execution.js';
import { DateTime } from '../../model/scalars.js';
import { ShownStatus } from '../../model/status.js';
import { TaskTracker } from '../../model/task-tracker.js';

@ObjectType({ description: 'All executions that share a taskId, oldest first.' })
export class RetryChain {
  @Field(() => String, { description: 'The business identity that the attempts share.' })
  taskId!: string;

  @Field(() => [TaskTracker], { description: 'The executions, oldest first by `createdAt`. Never empty.' })
  attempts!: readonly Execution[];

  @Field(() => Int, { description: 'How many attempts there are. At least 1.' })
  attemptCount!: number;

  @Field(() => TaskTracker, { description: 'The newest attempt.' })
  latest!: Execution;

  @Field(() => ShownStatus, { description: 'Where the newest attempt stands, and with it the task.' })
  status!: ShownStatus;

  @Field(() => DateTime, { description: 'When the task was first enqueued.' })
  startedAt!: Date;

  @Field(() => DateTime, {
    nullable: true,
    description:
      'When the newest attempt completed, was archived, or came to rest in the dead-letter queue; null while the task is still under way.',
  })
  settledAt!: Date | null;

  @Field(() => Float, { description: 'Sum of `waitMs` over the attempts, in ms: how long the task has stood in queues.' })
  totalWaitMs!: number;

  @Field(() => Float, { description: 'Sum of `runMs` over the attempts, in ms: how long workers have spent on the task.' })
  totalRunMs!: number;
}
