import type { Execution } from '../../model/execution.js';
import type { QueueCounts } from '../../stats/types.js';

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
}

/** Changes are news; behind a cursor each subscriber has a past of its own. */
export const CHANGES: Sharing = { stateOf: null, ownWith: ['after'] };

/** The last counts of each queue. */
export const COUNTS_OF_QUEUES: Sharing = { stateOf: (event) => (event as Partial<QueueCounts>).queueName ?? '', ownWith: [] };

/** The last picture of one chain: all that share it have asked for the same taskId. */
export const ONE_CHAIN: Sharing = { stateOf: (event) => (event as readonly Execution[])[0]?.taskId ?? '', ownWith: [] };

/** The last status of the one feed. */
export const ONE_FEED: Sharing = { stateOf: () => '', ownWith: [] };
