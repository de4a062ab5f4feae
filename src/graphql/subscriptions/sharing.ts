import type { TaskChangeEvent } from '../../feed/types.js';
import type { ListChange } from '../../live/types.js';
import type { Execution } from '../../model/execution.js';
import { matcherOf } from '../../queries/filter-matches.js';
import type { TaskFilter } from '../../queries/types.js';
import type { QueueCounts } from '../../stats/types.js';

/** How subscriptions whose arguments differ may still answer an event alike. */
export interface View {
  /** Arguments that decide which events come. Of what is answered to one event they decide nothing but its view. */
  readonly by: readonly string[];
  /** From the arguments, coerced: a name for what an event looks like through them. Equal names, equal answers. */
  readonly of: (args: Readonly<Record<string, unknown>>) => (event: unknown) => string;
}

/**
 * What a subscription field says, in its `extensions.sharing`, about sharing its source: subscriptions with the same
 * document, variables and audience may be served from one.
 */
export interface Sharing {
  /** For events that are states: of what, so that who joins late is sent the last one of each. Null: events are news. */
  readonly stateOf: ((event: unknown) => string) | null;
  /** For events that change a state: from the last one, the event that says how all of it stands, for who joins late. */
  readonly welcome?: (last: unknown) => unknown;
  /** Arguments that make a subscription's source its own when they are given: a cursor to go on behind. */
  readonly ownWith: readonly string[];
  /** True where callers of the same audience, but of another name, may be answered otherwise. */
  readonly byName?: boolean;
  /** Absent where every argument may decide what is answered to an event. */
  readonly view?: View;
}

/** What `TaskChange.matches` says is all that a filter decides of a change: see `seenThrough`. */
const BY_FILTER: View = {
  by: ['filter'],
  of: ({ filter }) => {
    const matches = matcherOf(filter as TaskFilter | null | undefined);
    return (event) => {
      const { task = null } = event as Partial<TaskChangeEvent>;
      return task !== null && matches(task) ? 'in' : 'out';
    };
  },
};

/** Changes are news; behind a cursor each subscriber has a past of its own. */
export const CHANGES: Sharing = { stateOf: null, ownWith: ['after'], view: BY_FILTER };

/** Changes of a list, which tell nothing to who has not seen it: that one is sent the list as it stands after the last of them. */
export const LIST: Sharing = { stateOf: null, welcome: (last) => (last as Partial<ListChange>).snapshot ?? last, ownWith: [] };

/** The last counts of each queue. */
export const COUNTS_OF_QUEUES: Sharing = { stateOf: (event) => (event as Partial<QueueCounts>).queueName ?? '', ownWith: [] };

/** The last picture of one chain: all that share it have asked for the same taskId. */
export const ONE_CHAIN: Sharing = { stateOf: (event) => (event as readonly Execution[])[0]?.taskId ?? '', ownWith: [] };

/** The last status of the one feed. */
export const ONE_FEED: Sharing = { stateOf: () => '', ownWith: [] };

/** The interval that is now: all that share it have asked for the same queue and width. */
export const CURRENT_BUCKET: Sharing = { stateOf: () => '', ownWith: [] };

/** What has just happened; who joins late is told what happens next. */
export const NEWS: Sharing = { stateOf: null, ownWith: [] };

/** The last state of one operation: all that share it have asked for the same id. Who may see it depends on who asks. */
export const ONE_OPERATION: Sharing = { stateOf: () => '', ownWith: [], byName: true };

/** The last status of the one application's statistics. */
export const ONE_STATUS: Sharing = { stateOf: () => '', ownWith: [] };
