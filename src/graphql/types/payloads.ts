import { Field, ObjectType } from 'type-graphql';

import type { Execution } from '../../model/execution.js';
import { TaskTracker } from '../../model/task-tracker.js';
import { TaskErrorCode } from './enums.js';

@ObjectType({ description: 'Why a mutation did not do what was asked, for people and programs.' })
export class TaskUserError {
  @Field(() => TaskErrorCode, { description: 'The reason, stable.' })
  code!: TaskErrorCode;

  @Field(() => String, { description: 'The reason in words, and what would be right.' })
  message!: string;

  @Field(() => [String], { nullable: true, description: 'Path of the argument that the error is about, outermost name first, e.g. `["input", "taskId"]`.' })
  field!: readonly string[] | null;
}

@ObjectType({ description: 'What became of `enqueueTask`.' })
export class EnqueueTaskPayload {
  @Field(() => TaskTracker, {
    nullable: true,
    description: 'The new execution, or the one that was there already when `deduplicated`; with an error, the execution it is about, if any.',
  })
  task!: Execution | null;

  @Field(() => Boolean, { description: 'True where the task was enqueued already: nothing was written, and it is no error.' })
  deduplicated!: boolean;

  @Field(() => [TaskUserError], { description: 'Empty on success.' })
  userErrors!: readonly TaskUserError[];
}

@ObjectType({ description: 'What became of a move in the life of an execution.' })
export class TransitionPayload {
  @Field(() => TaskTracker, { nullable: true, description: 'The execution as it stands now, also where the move was refused; null where there is none.' })
  task!: Execution | null;

  @Field(() => Boolean, {
    description: 'Whether this call made the move. False where it was refused, and where the execution stood there already.',
  })
  changed!: boolean;

  @Field(() => [TaskUserError], { description: 'Empty on success.' })
  userErrors!: readonly TaskUserError[];
}

@ObjectType({ description: 'What became of `retryTask`.' })
export class RetryTaskPayload {
  @Field(() => TaskTracker, { nullable: true, description: 'The new execution, queued; null where the retry was refused.' })
  task!: Execution | null;

  @Field(() => TaskTracker, { nullable: true, description: 'The execution that was to be retried, as it stands now; null where there is none, and where another one is in the way.' })
  previous!: Execution | null;

  @Field(() => [TaskUserError], { description: 'Empty on success.' })
  userErrors!: readonly TaskUserError[];
}
