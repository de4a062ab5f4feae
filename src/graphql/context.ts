import type { Logger } from 'pino';

import type { Caller } from '../access/caller.js';
import { type Mask, maskFor, SensitivePaths } from '../access/mask.js';
import { alertsWithin } from '../alerts/alerts-within.js';
import type { Alerts } from '../alerts/types.js';
import type { AuditLog } from '../audit/types.js';
import { feedWithin } from '../feed/feed-within.js';
import type { Feed } from '../feed/types.js';
import type { Lifecycle } from '../lifecycle/types.js';
import type { LiveLists } from '../live/types.js';
import type { BulkOperations } from '../operations/types.js';
import type { ReadDeadline } from '../queries/deadline.js';
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
  readonly bulk: BulkOperations;
  readonly audit: AuditLog;
  readonly alerts: Alerts;
  readonly log: Logger;
}

/** What one operation's resolvers are given. Made anew for each HTTP request and for each event of a subscription. */
export interface OperationContext extends Services {
  readonly loaders: Loaders;
  readonly caller: Caller;
  /** What the caller may see of executions. */
  readonly mask: Mask;
  /** The one instant that every derived field of this operation is computed for. */
  readonly now: Date;
  /** Until when its reads may go on; null for what an event of a subscription reads, each of which has a limit of its own. */
  readonly deadline: ReadDeadline | null;
}

/**
 * The parts as they are for a caller: restricted to the queues that they may know of. Each part is named here, so that a new
 * one is not handed out before somebody has said what it is within a scope.
 */
export function servicesFor(services: Services, { queues }: Caller): Services {
  if (queues === null) return services;
  const { queries, lifecycle, statistics, feed, liveLists, bulk, audit, alerts, log } = services;
  return {
    queries: queries.within(queues),
    lifecycle: lifecycle.within(queues),
    statistics: statistics.within(queues),
    feed: feedWithin(feed, queues),
    liveLists: liveLists.within(queues),
    // Both are told with each call who asks.
    bulk,
    audit,
    alerts: alertsWithin(alerts, queues),
    log,
  };
}

/** The parts as they are for one operation: what they read goes on no longer than it may. Writes are never cut. */
function servicesUntil(services: Services, deadline: ReadDeadline | null): Services {
  if (deadline === null) return services;
  const { queries, statistics, bulk, audit } = services;
  return { ...services, queries: queries.until(deadline), statistics: statistics.until(deadline), bulk: bulk.until(deadline), audit: audit.until(deadline) };
}

const NO_PATHS = new SensitivePaths([]);

/**
 * Never keep one over two operations, nor over two events of a subscription: its loaders remember what they read.
 * @param sensitive places in metadata that are hidden from some roles
 * @param deadline of the operation; null where there is none
 */
export function createOperationContext(services: Services, caller: Caller, sensitive = NO_PATHS, deadline: ReadDeadline | null = null): OperationContext {
  const { queries, lifecycle, statistics, feed, liveLists, bulk, audit, alerts, log } = servicesUntil(servicesFor(services, caller), deadline);
  return { queries, lifecycle, statistics, feed, liveLists, bulk, audit, alerts, log, caller, mask: maskFor(caller.role, sensitive), loaders: createLoaders({ queries, statistics }), now: new Date(), deadline };
}
