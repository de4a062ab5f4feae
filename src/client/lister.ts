import type { Connection } from './connection.js';
import { TooManyTasksError } from './errors.js';
import type { LossCode, ListItem, TaskFilter, TaskKeys } from './types.js';

interface Page<T> {
  readonly tasks: {
    readonly feedCursor: string;
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
    readonly nodes: readonly T[];
  };
}

/**
 * Reads everything that matches, page by page. Where the connection is lost in between, it goes on with the next page
 * over another one: what changes meanwhile is told by the feed, whose place was taken before the first page.
 */
export class Lister<T extends TaskKeys> {
  readonly #tasks = new Map<string, T>();
  #feedCursor: string | null = null;
  #after: string | null = null;

  constructor(
    private readonly options: {
      readonly query: string;
      readonly filter: TaskFilter | undefined;
      readonly pageSize: number;
      readonly maxTasks: number;
      readonly cause: LossCode | null;
    },
  ) {}

  /** @throws TooManyTasksError, OperationFailedError, ConnectionLostError; after the last two it can be asked again */
  async list(connection: Connection): Promise<ListItem<T>> {
    const { query, filter, pageSize, maxTasks, cause } = this.options;
    for (;;) {
      const variables = { filter, first: pageSize, after: this.#after };
      const { tasks: page } = await connection.request<Page<T>>({ query, variables });
      this.#feedCursor ??= page.feedCursor;
      for (const task of page.nodes) this.#tasks.set(task.id, task);
      if (this.#tasks.size > maxTasks) {
        throw new TooManyTasksError(`More than ${maxTasks} executions match: narrow the filter, raise maxTasks, or watch with list: false.`);
      }
      this.#after = page.pageInfo.endCursor;
      if (!page.pageInfo.hasNextPage || this.#after === null) {
        return { type: 'list', tasks: [...this.#tasks.values()], cursor: this.#feedCursor, cause };
      }
    }
  }
}
