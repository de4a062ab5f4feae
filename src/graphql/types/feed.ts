import { Field, Float, ID, Int, ObjectType } from 'type-graphql';

import type { FeedStatus as FeedStatusSource, TaskChangeEvent } from '../../feed/types.js';
import type { Execution } from '../../model/execution.js';
import { DateTime } from '../../model/scalars.js';
import { ShownStatus } from '../../model/status.js';
import { TaskTracker } from '../../model/task-tracker.js';
import { ChangeKind, FeedState } from './enums.js';

@ObjectType({ description: 'The health of the feed: what subscribers are told, and how late.' })
export class FeedStatus implements FeedStatusSource {
  @Field(() => FeedState, { description: 'Whether changes reach subscribers at this moment.' })
  state!: FeedStatusSource['state'];

  @Field(() => String, { description: 'The newest position that the feed has reached. Opaque; `taskChanged(after:)` takes it.' })
  cursor!: string;

  @Field(() => Float, {
    nullable: true,
    description: 'Age of the newest event when it arrived, in ms: from the commit in the database to here. While the database does not answer it grows: at least since when. Null before the first event.',
  })
  lagMs!: number | null;

  @Field(() => DateTime, { nullable: true, description: 'When the newest event arrived; null before the first.' })
  lastEventAt!: Date | null;

  @Field(() => Int, { description: 'How many subscriptions are being served.' })
  subscribers!: number;

  @Field(() => Int, { description: 'How many past events can be replayed from memory.' })
  ringSize!: number;

  @Field(() => Int, { description: 'How often history was lost and every subscriber was told to list again, since start-up.' })
  resyncs!: number;

  @Field(() => String, { nullable: true, description: 'Why the feed is not `LIVE`, in words; null while it is.' })
  reason!: string | null;
}

@ObjectType({ description: 'One change of one execution. Delivered at least once, and in order for each execution.' })
export class TaskChange implements Omit<TaskChangeEvent, 'before' | 'documentId'> {
  @Field(() => String, { description: 'Where the feed stands after this change: pass it as `after` to go on from here.' })
  cursor!: string;

  @Field(() => ChangeKind, { description: 'What happened.' })
  kind!: TaskChangeEvent['kind'];

  @Field(() => DateTime, { description: "When the database committed the change, by the database's clock." })
  at!: Date;

  @Field(() => ID, {
    nullable: true,
    description: 'Which execution changed. Null for `BOOKMARK`, and for a `REMOVED` of which the database kept no picture.',
  })
  executionId!: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'Global id of the execution that changed (`TaskTracker.id`), also where nothing else is known of it any more. Null for `BOOKMARK`.',
  })
  nodeId!: string | null;

  @Field(() => TaskTracker, { nullable: true, description: 'The execution as of this change; null for `REMOVED` and `BOOKMARK`.' })
  task!: Execution | null;

  @Field(() => ShownStatus, { nullable: true, description: 'Status after the change; null for `REMOVED` and `BOOKMARK`.' })
  status!: ShownStatus | null;

  @Field(() => ShownStatus, {
    nullable: true,
    description: 'Status before the change; null where the execution is new, or the database kept no picture of it as it was.',
  })
  previousStatus!: ShownStatus | null;

  @Field(() => [String], {
    description: 'Names of the stored fields that the change set or removed, dotted for nested ones. A value written again unchanged is not among them.',
  })
  changedFields!: readonly string[];

  @Field(() => Boolean, { description: 'True where `task` was read after the change was seen, and may already hold later ones.' })
  lookedUp!: boolean;

  @Field(() => Boolean, {
    description: 'Whether `task` matches the filter of the subscription: false where this change makes the execution leave it, and where `task` is null.',
  })
  matches!: boolean;
}
