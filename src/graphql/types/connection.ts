import { Field, Int, ObjectType } from 'type-graphql';

import type { Execution } from '../../model/execution.js';
import { TaskTracker } from '../../model/task-tracker.js';
import type { Page } from '../../queries/types.js';
import type { StuckThreshold as Threshold } from '../../stats/types.js';
import { StuckThreshold } from './figures.js';

@ObjectType({ description: 'Where a page lies in its list (Relay).' })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether more rows follow: ask with `after: endCursor`.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'Whether rows precede: ask with `before: startCursor` and `last`.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first row; null on an empty page.' })
  startCursor!: string | null;

  @Field(() => String, { nullable: true, description: 'Cursor of the last row; null on an empty page.' })
  endCursor!: string | null;
}

/** Cursors are made when they are asked for. */
class PlaceOfPage implements PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly #edges: Page['edges'];

  constructor({ edges, hasNextPage, hasPreviousPage }: Page) {
    this.hasNextPage = hasNextPage;
    this.hasPreviousPage = hasPreviousPage;
    this.#edges = edges;
  }

  get startCursor(): string | null {
    return this.#edges.at(0)?.cursor ?? null;
  }

  get endCursor(): string | null {
    return this.#edges.at(-1)?.cursor ?? null;
  }
}

@ObjectType({ description: 'A row of a page together with its place.' })
export class TaskTrackerEdge {
  @Field(() => String, { description: 'Opaque place of this row in the order asked for: pass it as `after` or `before`.' })
  cursor!: string;

  @Field(() => TaskTracker, { description: 'The execution in this row.' })
  node!: Execution;
}

@ObjectType({ description: 'One page of executions, in the order asked for.' })
export class TaskTrackerConnection {
  readonly #page: Page;
  readonly #count: () => Promise<number>;

  /** `feedCursor` must have been taken before `page` was read. */
  constructor(page: Page, feedCursor: string, count: () => Promise<number>, stuckThresholds: readonly Threshold[] | null = null) {
    this.#page = page;
    this.#count = count;
    this.feedCursor = feedCursor;
    this.stuckThresholds = stuckThresholds;
  }

  @Field(() => [TaskTrackerEdge], { description: 'The rows with their cursors. At most 200.' })
  get edges(): Page['edges'] {
    return this.#page.edges;
  }

  @Field(() => [TaskTracker], { description: 'The rows without their cursors. At most 200.' })
  get nodes(): readonly Execution[] {
    return this.#page.edges.map((edge) => edge.node);
  }

  @Field(() => PageInfo, { description: 'Where the page lies in the list.' })
  get pageInfo(): PageInfo {
    return new PlaceOfPage(this.#page);
  }

  @Field(() => Int, {
    description: 'How many executions match in all, on every page together. Counted by the database, and only when selected.',
  })
  totalCount(): Promise<number> {
    return this.#count();
  }

  @Field(() => String, {
    description: 'Where the feed stood before this page was read: pass it to `taskChanged(after:)` and nothing is missed.',
  })
  readonly feedCursor: string;

  @Field(() => [StuckThreshold], {
    nullable: true,
    description: 'Which threshold applied to each queue, for `stuckTasks(adaptive: true)`; null for any other page.',
  })
  readonly stuckThresholds: readonly Threshold[] | null;
}
