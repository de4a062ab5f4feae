import type { ConnectionOptions } from './connection.js';
import type { ChangeItem, GapItem, ListItem, Task, TaskFilter, TaskKeys, WatchItem, WatchStatus } from './types.js';

type Handled = void | Promise<void>;

export interface WatchOptions<T extends TaskKeys = Task> extends ConnectionOptions {
  /** Which executions. Default: all. */
  readonly filter?: TaskFilter | undefined;
  /** Go on behind this cursor (of an item, of a watch, or the `feedCursor` of a page) instead of listing first. */
  readonly after?: string | undefined;
  /**
   * Whether the watch may list what matches: at first where `after` is not given, and again where its place in the feed
   * is lost. Default true. With false it tells changes only, from `after` or from now, and a lost place is a `gap`.
   */
  readonly list?: boolean | undefined;
  /**
   * What to select of each execution, as text of a GraphQL selection, e.g. `'taskId status queue { name }'`; give the
   * type of the outcome as `watchTasks<T>`. `id` and `executionId` are added. Default: every scalar field (`Task`).
   */
  readonly fields?: string | undefined;
  /** Executions asked for at a time while listing: 1 to 200. Default 200. */
  readonly pageSize?: number | undefined;
  /** Most executions that a list may have; more end the watch with TooManyTasksError. Default 100,000. */
  readonly maxTasks?: number | undefined;
  /**
   * Items that may wait for the reader. When there are more the watch hangs up, and goes on where it stopped when half
   * of them have been read. Default 10,000.
   */
  readonly bufferLimit?: number | undefined;
  /** Ends the watch as `close()` does. */
  readonly signal?: AbortSignal | undefined;
  /** Tries in a row that may fail before the watch ends with ServerUnreachableError. Default: no limit. */
  readonly retryAttempts?: number | undefined;
  /** Wait before the first try again, in ms; doubled from try to try, less up to half by chance. Default 250. */
  readonly firstRetryMs?: number | undefined;
  /** Longest wait before a try, in ms. Default 10,000. */
  readonly lastRetryMs?: number | undefined;
  /**
   * End with ServerUnreachableError where the very first connection cannot be made. Default false: it is tried again, and
   * `onStatus` is told why. Where something answers that is no TaskTracker (404, a page), the watch ends in any case, with
   * WatchRefusedError; but not in browsers, which do not tell what was answered.
   */
  readonly failFast?: boolean | undefined;
  /** Told each time the state or its reason changes. Must not throw. */
  readonly onStatus?: ((status: WatchStatus) => void) | undefined;
  /**
   * With any of these three the watch reads itself: each is called in order, and awaited before the next item. Then the
   * watch cannot be iterated, and `finished` rejects with what they throw or what ends the watch.
   */
  readonly onChange?: ((change: ChangeItem<T>['change']) => Handled) | undefined;
  readonly onList?: ((list: ListItem<T>) => Handled) | undefined;
  readonly onGap?: ((gap: GapItem) => Handled) | undefined;
}

/** The options with their defaults. */
export interface Settings {
  readonly list: boolean;
  readonly pageSize: number;
  readonly maxTasks: number;
  readonly bufferLimit: number;
  readonly retryAttempts: number;
  readonly firstRetryMs: number;
  readonly lastRetryMs: number;
  readonly failFast: boolean;
}

const LARGEST_PAGE = 200;

function numberOf(name: string, value: number | undefined, fallback: number, least: number, most = Number.POSITIVE_INFINITY): number {
  const number = value ?? fallback;
  if (typeof number !== 'number' || !(number >= least && number <= most)) {
    throw new TypeError(`${name}: ${String(value)} must be a number from ${least}${most === Number.POSITIVE_INFINITY ? '' : ` to ${most}`}`);
  }
  return number;
}

/** @throws TypeError naming the option that cannot be taken */
export function settingsOf<T extends TaskKeys>(options: WatchOptions<T>): Settings {
  if (options.after !== undefined && typeof options.after !== 'string') throw new TypeError('after: must be a cursor');
  return {
    list: options.list ?? true,
    pageSize: numberOf('pageSize', options.pageSize, LARGEST_PAGE, 1, LARGEST_PAGE),
    maxTasks: numberOf('maxTasks', options.maxTasks, 100_000, 1),
    bufferLimit: numberOf('bufferLimit', options.bufferLimit, 10_000, 1),
    retryAttempts: numberOf('retryAttempts', options.retryAttempts, Number.POSITIVE_INFINITY, 0),
    firstRetryMs: numberOf('firstRetryMs', options.firstRetryMs, 250, 0),
    lastRetryMs: numberOf('lastRetryMs', options.lastRetryMs, 10_000, 0),
    failFast: options.failFast ?? false,
  };
}

/** What `onChange`, `onList` and `onGap` amount to; null where none is given. */
export function handlerOf<T extends TaskKeys>({ onChange, onList, onGap }: WatchOptions<T>): ((item: WatchItem<T>) => Handled) | null {
  if (!onChange && !onList && !onGap) return null;
  return (item) => {
    switch (item.type) {
      case 'change':
        return onChange?.(item.change);
      case 'list':
        return onList?.(item);
      case 'gap':
        return onGap?.(item);
    }
  };
}
