import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';

import type { ListChange, ListChangeKind as ListChangeKindName } from '../../live/types.js';
import type { Execution } from '../../model/execution.js';
import { TaskTracker } from '../../model/task-tracker.js';

export const ListChangeKind = {
  SNAPSHOT: 'SNAPSHOT',
  ENTER: 'ENTER',
  UPDATE: 'UPDATE',
  LEAVE: 'LEAVE',
  BOOKMARK: 'BOOKMARK',
} as const satisfies { readonly [Kind in ListChangeKindName]: Kind };

registerEnumType(ListChangeKind, {
  name: 'ListChangeKind',
  description: 'What a client does to its copy of a live list so that it is right again.',
  valuesConfig: {
    SNAPSHOT: { description: 'The list is `tasks`, whatever it was before. The first message; also a later one, where the changes between are not known or too many.' },
    ENTER: { description: 'Put `task` in at `index`; what stands there and behind it moves on by one.' },
    UPDATE: { description: 'Put `task` in place of the row at `index`. A row that moves leaves and enters, in two messages one right after the other.' },
    LEAVE: { description: 'Take out the row at `index`, which is `executionId`; what stands behind it moves up by one.' },
    BOOKMARK: { description: 'Leave the list as it is: it is right as of `cursor` too.' },
  },
});

@ObjectType({
  description: 'One change of a live list. To be applied in the order of arrival; between two messages of one change the list may be one row short, never longer than `first`.',
})
export class TaskListChange implements Omit<ListChange, 'snapshot'> {
  @Field(() => ListChangeKind, { description: 'What to do.' })
  kind!: ListChange['kind'];

  @Field(() => String, { description: 'Where the feed stood when the list was as this message makes it: `taskChanged(after:)` takes it.' })
  cursor!: string;

  @Field(() => [TaskTracker], { description: 'The whole list, in order; empty but for a `SNAPSHOT`. At most `first` rows.' })
  tasks!: readonly Execution[];

  @Field(() => ID, { nullable: true, description: 'Which execution enters, was updated or leaves; null for `SNAPSHOT` and `BOOKMARK`.' })
  executionId!: string | null;

  @Field(() => TaskTracker, { nullable: true, description: 'The execution as it now is, for `ENTER` and `UPDATE`; null otherwise.' })
  task!: Execution | null;

  @Field(() => Int, { nullable: true, description: 'Which row, from 0; null for `SNAPSHOT` and `BOOKMARK`.' })
  index!: number | null;
}
