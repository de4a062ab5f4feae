import type { Logger } from 'pino';

import type { Feed } from '../feed/types.js';
import type { Lifecycle } from '../lifecycle/types.js';
import type { TaskQueries } from '../queries/types.js';
import type { Statistics } from '../stats/types.js';
import type { Loaders } from './loaders.js';

/** The parts that resolvers work with: one set per application, shared by all its requests. */
export interface Services {
  readonly queries: TaskQueries;
  readonly lifecycle: Lifecycle;
  readonly statistics: Statistics;
  readonly feed: Feed;
  readonly log: Logger;
}

/** What one operation's resolvers are given. Made anew for each HTTP request and for each event of a subscription. */
export interface OperationContext extends Services {
  readonly loaders: Loaders;
  /** Who asks. `anonymous` while no authentication is configured. */
  readonly actor: { readonly name: string };
}
