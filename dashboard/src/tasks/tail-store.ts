import type { Api } from '../api/api.js';
import { type ApiError, fromCombined } from '../api/errors.js';
import type { ResultOf } from '../api/graphql.js';
import { onNextFrame } from '../api/live-store.js';
import type { TaskRow } from '../api/live-tasks.js';
import { queryText } from '../api/query-text.js';
import type { TaskFilter, TaskOrder } from '../routing/task-filter.js';
import { type ApiTaskFilter, TASK_CHANGED, TASKS } from './documents.js';
import { LoadedList } from './loaded-list.js';

export interface Tail {
  /** null until the first page is there. */
  readonly rows: readonly TaskRow[] | null;
  readonly hasMore: boolean;
  readonly loading: boolean;
  /** Why the last page could not be read; `more()` tries again. */
  readonly error: ApiError | null;
}

const PAGE = 200;
/** After the history was lost, pages are read again up to so many rows; who had scrolled further scrolls again. */
const MOST_READ_AGAIN = 2_000;

/**
 * A list of tasks from its start as far as somebody has scrolled: pages, and `taskChanged` from the cursor that was taken
 * before the first page on, over reconnects.
 */
export class TailStore {
  readonly #api: Api;
  /** Instants must be resolved: every page asks for the same. */
  readonly #filter: ApiTaskFilter;
  readonly #order: TaskOrder;
  readonly #listeners = new Set<() => void>();
  #list: LoadedList<TaskRow>;
  #after: string | null = null;
  #feedCursor = '';
  #state: Tail = { rows: null, hasMore: true, loading: false, error: null };
  #stopWatching: (() => void) | null = null;
  #cancelFrame: (() => void) | null = null;
  /** What was asked for an earlier list is of no use to the next. */
  #generation = 0;
  #readAgain = 0;
  #closed = false;

  constructor(api: Api, filter: TaskFilter, order: TaskOrder) {
    this.#api = api;
    this.#filter = filter as ApiTaskFilter;
    this.#order = order;
    this.#list = new LoadedList(order);
  }

  readonly get = (): Tail => this.#state;

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Reads the next page, unless one is under way or there is none. */
  readonly more = (): void => {
    if (this.#closed || this.#state.loading || !this.#state.hasMore) return;
    this.#set({ loading: true, error: null });
    void this.#read(this.#generation);
  };

  close(): void {
    this.#closed = true;
    this.#stopWatching?.();
    this.#cancelFrame?.();
    this.#listeners.clear();
  }

  async #read(generation: number): Promise<void> {
    this.#list.pageAsked();
    const variables = { filter: this.#filter, orderBy: this.#order, first: PAGE, after: this.#after };
    const { data, error } = await this.#api.queries.query(TASKS, variables, { requestPolicy: 'network-only' }).toPromise();
    if (this.#closed || generation !== this.#generation) return;
    if (!data) {
      this.#list.pageFailed();
      this.#set({ loading: false, error: fromCombined(error) ?? { message: 'The server did not answer.', code: 'UNKNOWN' } });
      return;
    }
    const { nodes, pageInfo, feedCursor } = data.tasks;
    this.#list.addPage(nodes, pageInfo.hasNextPage);
    this.#after = pageInfo.endCursor;
    if (this.#stopWatching === null) this.#watch(feedCursor);
    if (pageInfo.hasNextPage && this.#list.length < this.#readAgain) {
      await this.#read(generation);
      return;
    }
    this.#readAgain = 0;
    this.#set({ loading: false, hasMore: pageInfo.hasNextPage, rows: this.#list.snapshot() });
  }

  #watch(feedCursor: string): void {
    this.#feedCursor = feedCursor;
    const cursor = (): string => this.#feedCursor;
    const variables = {
      filter: this.#filter,
      get after() {
        return cursor();
      },
    };
    this.#stopWatching = this.#api.connection.subscribe<ResultOf<typeof TASK_CHANGED>>(
      { query: queryText(TASK_CHANGED), variables },
      {
        next: ({ taskChanged }) => {
          this.#feedCursor = taskChanged.cursor;
          if (taskChanged.nodeId === null) return;
          this.#list.apply(taskChanged);
          this.#show();
        },
        restart: () => undefined,
        ended: ({ code }) => {
          if (code === 'CURSOR_EXPIRED' || code === 'RESYNC_REQUIRED') this.#startOver();
        },
        fail: (error) => this.#set({ error }),
      },
    );
  }

  /** What happened since the last cursor cannot be told any more: the same rows are read anew. */
  #startOver(): void {
    this.#stopWatching?.();
    this.#stopWatching = null;
    this.#generation += 1;
    this.#readAgain = Math.min(this.#list.length, MOST_READ_AGAIN);
    this.#list = new LoadedList(this.#order);
    this.#after = null;
    this.#set({ loading: true, error: null });
    void this.#read(this.#generation);
  }

  #show(): void {
    this.#cancelFrame ??= onNextFrame(() => {
      this.#cancelFrame = null;
      // While pages are read anew, the rows of before stay.
      if (this.#readAgain === 0) this.#set({ rows: this.#list.snapshot() });
    });
  }

  #set(changes: Partial<Tail>): void {
    this.#state = { ...this.#state, ...changes };
    for (const listener of this.#listeners) listener();
  }
}
