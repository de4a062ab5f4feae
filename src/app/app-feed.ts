import type { Connection, mongo } from 'mongoose';
import type { Logger } from 'pino';

import { enableImages } from '../database/images.js';
import { watchReachability } from '../database/reachability.js';
import { databaseTime } from '../database/time.js';
import { MongoChangeSource } from '../feed/change-source.js';
import { createFeed, type RunningFeed } from '../feed/feed.js';
import { COLLECTION_NAME } from '../model/task-tracker.js';
import type { PreImages } from '../stats/engine.js';

export interface AppFeedOptions {
  readonly feedRingSize: number;
  readonly subscriberQueue: number;
  readonly bookmarkIntervalMs: number;
}

/** The feed of the collection, not started, and whether its changes say what was there before. */
export function createAppFeed(connection: Connection, options: AppFeedOptions, log: Logger): { feed: RunningFeed; preImages: PreImages } {
  const enable = async (): Promise<boolean> => {
    const images = await enableImages(connection, COLLECTION_NAME);
    if (typeof images === 'string') return true;
    log.warn({ reason: images.unavailable }, 'no pre-images: changes come without their previous status');
    return false;
  };
  const source = new MongoChangeSource({
    collection: connection.collection(COLLECTION_NAME) as unknown as mongo.Collection,
    preparePreImages: enable,
    now: () => databaseTime(connection),
    unreachableSince: watchReachability(connection.getClient()),
  });
  const feed = createFeed({
    source,
    namespace: `${connection.name}.${COLLECTION_NAME}`,
    log,
    ringEvents: options.feedRingSize,
    subscriberQueue: options.subscriberQueue,
    bookmarkIntervalMs: options.bookmarkIntervalMs,
  });
  return { feed, preImages: { kept: () => source.preImages === true, enable } };
}
