import { Field, ObjectType } from 'type-graphql';

import type { Execution } from '../../model/execution.js';
import { TaskTracker } from '../../model/task-tracker.js';

@ObjectType({ description: 'Whether enqueueing a taskId now would be a duplicate.' })
export class DuplicateCheck {
  @Field(() => String, { description: 'The taskId that was asked about.' })
  taskId!: string;

  @Field(() => Boolean, { description: 'Whether `existing` stands in the way.' })
  isDuplicate!: boolean;

  @Field(() => TaskTracker, {
    nullable: true,
    description: 'The execution that stands in the way: a queued or processing one, else one completed within `withinMs`; null where none does.',
  })
  existing!: Execution | null;
}
