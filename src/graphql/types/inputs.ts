import { Field, Float, ID, InputType, Int } from 'type-graphql';

import { ErrorCategory } from '../../model/error-category.js';
import { DateTime, Json, JsonObject } from '../../model/scalars.js';
import { ShownStatus } from '../../model/status.js';
import type { MetadataScalar } from '../../queries/types.js';
import { OrderDirection, TaskOrderField } from './enums.js';

/** The schema lets any JSON through; the queries refuse what is no scalar. */
@InputType({ description: 'A condition on one value inside `metadata`. All conditions given must hold.' })
export class MetadataFilter {
  @Field(() => String, { description: 'Plain names joined by dots, e.g. `aircraft.id`. No `$`, no empty name; at most 16 names. A name that itself has a dot cannot be asked for.' })
  path!: string;

  @Field(() => Json, { nullable: true, description: 'The value, or an entry of the list that stands there, is this string, number, boolean or null; null also finds what is missing. Objects and lists are refused.' })
  eq?: MetadataScalar;

  @Field(() => [Json], { nullable: true, description: 'The value is one of these strings, numbers, booleans or null. At most 100.' })
  in?: MetadataScalar[];

  @Field(() => Boolean, { nullable: true, description: 'Whether there is a value at the path at all.' })
  exists?: boolean;
}

@InputType({
  description: 'Which executions are wanted: all conditions must hold; within a list, any of its values. A condition left out or null does not restrict.',
})
export class TaskFilter {
  @Field(() => [String], { nullable: true, description: 'Names of queues. At most 100.' })
  queueName?: string[] | null;

  @Field(() => [ShownStatus], { nullable: true, description: 'Statuses. `UNKNOWN` finds documents whose stored status is none of the six.' })
  status?: ShownStatus[] | null;

  @Field(() => [ErrorCategory], { nullable: true, description: 'Classes of errors.' })
  errorCategory?: ErrorCategory[] | null;

  @Field(() => String, { nullable: true, description: 'The whole taskId, exactly.' })
  taskId?: string | null;

  @Field(() => String, { nullable: true, description: 'What the taskId starts with, e.g. `jobs:12345`. Plain text, case-sensitive.' })
  taskIdPrefix?: string | null;

  @Field(() => [ID], { nullable: true, description: 'Identities of executions. At most 200.' })
  executionId?: string[] | null;

  @Field(() => ID, {
    nullable: true,
    description: 'Failures of one kind: the `fingerprint` of an `ErrorGroup`, of any time. Bound it by `failedAfter` or a queue: the database looks at the message of each failure of the category. That of a group `(other errors)` is refused.',
  })
  fingerprint?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Enqueued later than this instant (exclusive).' })
  enqueuedAfter?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Enqueued earlier than this instant (exclusive).' })
  enqueuedBefore?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Last written later than this instant (exclusive).' })
  updatedAfter?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Last written earlier than this instant (exclusive).' })
  updatedBefore?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Failed later than this instant (exclusive).' })
  failedAfter?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Failed earlier than this instant (exclusive).' })
  failedBefore?: Date | null;

  @Field(() => Int, { nullable: true, description: '`retryCount` is at least this.' })
  minRetryCount?: number | null;

  @Field(() => [MetadataFilter], { nullable: true, description: 'Conditions on values inside `metadata`. At most 20.' })
  metadata?: MetadataFilter[] | null;
}

@InputType({ description: 'The order of a list. Rows that are equal in it are ordered by their documents\' `_id`, so pages never overlap.' })
export class TaskOrder {
  @Field(() => TaskOrderField, { nullable: false, defaultValue: TaskOrderField.ENQUEUED_AT, description: 'The instant to order by. Default `ENQUEUED_AT`.' })
  field!: (typeof TaskOrderField)[keyof typeof TaskOrderField];

  @Field(() => OrderDirection, { nullable: false, defaultValue: OrderDirection.DESC, description: 'Newest or oldest first. Default `DESC`, the newest.' })
  direction!: (typeof OrderDirection)[keyof typeof OrderDirection];
}

@InputType({ description: 'A task to put in a queue.' })
export class EnqueueTaskInput {
  @Field(() => String, { description: 'Business identity, `{queueType}:{naturalKey}`. At most one execution of it is queued or processing at a time. 1 to 512 characters.' })
  taskId!: string;

  @Field(() => String, { description: 'Name of the queue: 1 to 512 characters.' })
  queueName!: string;

  @Field(() => ID, { nullable: true, description: 'Identity of the new execution. 1 to 512 characters. Default: a UUID v4.' })
  executionId?: string | null;

  @Field(() => String, { nullable: true, description: "Version of the message's schema. Default `1.0`." })
  messageVersion?: string | null;

  @Field(() => Int, { nullable: true, description: 'How many retries the task may have: 0 to 1,000. Default 5.' })
  maxRetries?: number | null;

  @Field(() => JsonObject, { nullable: true, description: 'Domain data. Default `{}`.' })
  metadata?: Record<string, unknown> | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was enqueued. Default: now.' })
  enqueuedAt?: Date | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Also treat an execution of the task that completed within this many ms as a duplicate. Default: none.',
  })
  dedupWithinMs?: number | null;
}

@InputType({ description: 'How an execution failed.' })
export class FailTaskInput {
  @Field(() => ID, { description: 'The execution, which must be processing.' })
  executionId!: string;

  @Field(() => String, { description: 'What went wrong, in words. What is longer than 16 KiB is cut, with a mark: a report is never refused for its length.' })
  errorMessage!: string;

  @Field(() => ErrorCategory, { nullable: false, defaultValue: ErrorCategory.UNKNOWN, description: 'The class of what went wrong. Default `UNKNOWN`.' })
  errorCategory!: ErrorCategory;

  @Field(() => String, { nullable: true, description: 'Stack trace. What is longer than 64 KiB is cut, with a mark.' })
  errorStack?: string | null;

  @Field(() => Boolean, {
    nullable: false,
    defaultValue: true,
    description: 'Whether a retry may help. Default true; false sends the execution to the dead-letter queue at once.',
  })
  recoverable!: boolean;
}

@InputType({ description: 'An execution to try again.' })
export class RetryTaskInput {
  @Field(() => ID, { description: 'The execution, which must be failed or in the dead-letter queue.' })
  executionId!: string;

  @Field(() => String, { nullable: true, description: 'Why. Kept in the `archivedReason` of an execution that is retried from the dead-letter queue. At most 2,048 characters.' })
  reason?: string | null;
}

@InputType({ description: 'An execution to take out of the dead-letter queue for good.' })
export class ArchiveTaskInput {
  @Field(() => ID, { description: 'The execution, which must be in the dead-letter queue.' })
  executionId!: string;

  @Field(() => String, { description: 'Why; kept as `archivedReason`. 1 to 2,048 characters.' })
  reason!: string;
}
