import { Field, ID, Int, ObjectType } from 'type-graphql';

import { ErrorCategory } from '../../model/error-category.js';
import type { Execution } from '../../model/execution.js';
import { DateTime } from '../../model/scalars.js';
import { TaskTracker } from '../../model/task-tracker.js';

@ObjectType({ description: 'How many failures there were in one interval, by `failedAt`.' })
export class FailureCount {
  @Field(() => DateTime, { description: 'Start of the interval.' })
  start!: Date;

  @Field(() => Int, { description: 'Failures in it; 0 where there were none.' })
  count!: number;
}

@ObjectType({ description: 'Failures that share a category and a normalised message, of the last 30 days.' })
export class ErrorGroup {
  @Field(() => ID, { description: 'Opaque identity of the kind of failure; the same in every replica and after every restart. `TaskFilter.fingerprint` takes it.' })
  fingerprint!: string;

  /** Of which queue the figures are; null: of all. */
  queueName!: string | null;

  @Field(() => ErrorCategory, { description: 'The class of the failures.' })
  category!: ErrorCategory;

  @Field(() => String, {
    description:
      'What their messages have in common: ids, numbers, paths, quoted values and other parts that vary are replaced by placeholders such as `<n>`. `(other errors)` stands for all kinds beyond the first 2,000.',
  })
  message!: string;

  @Field(() => TaskTracker, { description: 'The newest of the failures that still exists, of the range asked for where one is at hand.' })
  sample!: Execution;

  @Field(() => Int, { description: 'How many failures, in the range and queue asked for.' })
  count!: number;

  @Field(() => [String], { description: 'Names of the queues in which they occurred, sorted.' })
  queueNames!: readonly string[];

  @Field(() => DateTime, { description: 'When the first of them failed, of those in the last 30 days.' })
  firstSeenAt!: Date;

  @Field(() => DateTime, { description: 'When the last of them failed.' })
  lastSeenAt!: Date;
}
