import type { Logger } from 'pino';

import type { Caller } from '../access/caller.js';
import type { Feed } from '../feed/types.js';
import type { Lifecycle } from '../lifecycle/types.js';
import type { LiveLists } from '../live/types.js';
import type { TaskQueries } from '../queries/types.js';
import type { Statistics } from '../stats/types.js';
import { createLoaders, type Loaders } from './loaders.js';

/** The parts that resolvers work with: one set per application, shared by all its requests. */
export interface Services {
  readonly queries: TaskQueries;
  readonly lifecycle: Lifecycle;
  readonly statistics: Statistics;
  readonly feed: Feed;
  readonly liveLists: LiveLists;
  readonly log: Logger;
}

/** What one operation's resolvers are given. Made anew for each HTTP request and for each event of a subscription. */
export interface OperationContext extends Services {
  readonly loaders: Loaders;
  readonly caller: Caller;
  /** The one instant that every derived field of this operation is computed for. */
  readonly now: Date;
}

/** Never keep one over two operations, nor over two events of a subscription: its loaders remember what they read. */
export function createOperationContext(services: Services, caller: Caller): OperationContext {
  const { queries, lifecycle, statistics, feed, liveLists, log } = services;
  return { queries, lifecycle, statistics, feed, liveLists, log, caller, loaders: createLoaders(services), now: new Date() };
}
