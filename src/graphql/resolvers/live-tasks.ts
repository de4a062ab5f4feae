import { Arg, Extensions, Int, Resolver, Root, Subscription } from 'type-graphql';

import type { ListChange } from '../../live/types.js';
import { DEFAULT_PAGE_SIZE } from '../../queries/page.js';
import type { OperationContext } from '../context.js';
import { LIST } from '../subscriptions/sharing.js';
import { TaskFilter, TaskOrder } from '../types/inputs.js';
import { TaskListChange } from '../types/live-list.js';

interface Request {
  readonly args: { readonly filter?: TaskFilter | null; readonly orderBy?: TaskOrder | null; readonly first: number };
  readonly context: OperationContext;
}

@Resolver()
export class LiveTasksResolver {
  @Extensions({ sharing: LIST })
  @Subscription(() => TaskListChange, {
    description:
      'The start of a list, kept right: what `tasks(filter, orderBy, first)` would answer at every moment. First a `SNAPSHOT`, then what changes it; ' +
      'a row that leaves a full list is followed by the next one, a row that enters it pushes the last one out. ' +
      'Where the feed has lost its place the list is read again and sent as a new `SNAPSHOT`; while the database is away it waits. ' +
      'Ends with SLOW_CONSUMER for a client that does not read: it subscribes again, and begins with a `SNAPSHOT`.',
    subscribe: ({ args: { filter, orderBy, first }, context }: Request) => context.liveLists.open({ filter, orderBy, first }),
  })
  liveTasks(
    @Root() change: ListChange,
    @Arg('filter', () => TaskFilter, { nullable: true, description: 'Which executions. Default: all.' }) _filter: TaskFilter | null,
    @Arg('orderBy', () => TaskOrder, { nullable: true, description: 'In which order. Default: the newest by `enqueuedAt` first.' }) _orderBy: TaskOrder | null,
    @Arg('first', () => Int, { defaultValue: DEFAULT_PAGE_SIZE, description: 'How many rows from the start of the list: 1 to 200. Default 50.' }) _first: number,
  ): ListChange {
    return change;
  }
}
