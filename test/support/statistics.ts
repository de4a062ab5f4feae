import type mongoose from 'mongoose';
import type { mongo } from 'mongoose';
import type { Logger } from 'pino';

import { databaseTime } from '../../src/database/time.js';
import { MongoChangeSource } from '../../src/feed/change-source.js';
import { createFeed, type FeedOptions, type RunningFeed } from '../../src/feed/feed.js';
import type { TappedFeed, TaskChangeEvent } from '../../src/feed/types.js';
import { createTaskTrackerModel, type TaskTrackerModel } from '../../src/model/task-tracker.js';
import type { PreImages } from '../../src/stats/engine.js';
import { createStatistics, type RunningStatistics, type StreamOptions } from '../../src/stats/statistics.js';
import type { StatisticsState } from '../../src/stats/types.js';
import { silentLogger } from './database.js';

export interface TestStatistics extends AsyncDisposable {
  readonly model: TaskTrackerModel;
  readonly feed: RunningFeed;
  readonly statistics: RunningStatistics;
  /** Resolves when all that was committed before the call is in the figures. */
  settled(): Promise<void>;
}

export interface TestStatisticsOptions extends Partial<StreamOptions> {
  readonly enablePreImages?: boolean;
  readonly feed?: Partial<FeedOptions>;
  readonly log?: Logger;
  /** Changes that the feed misses: they are not given to the figures. */
  readonly misses?: (event: TaskChangeEvent) => boolean;
}

/** The database holds back an empty answer for this long only, so that barriers fall soon. */
const AWAIT_MS = 20;

/** Figures in memory of the `task_trackers` of this connection, which is created if it is missing. */
export async function statisticsOn(connection: mongoose.Connection, options: TestStatisticsOptions = {}): Promise<TestStatistics> {
  const { enablePreImages = true, feed: feedOptions, log = silentLogger(), misses = () => false, ...stream } = options;
  const db = connection.db as unknown as mongo.Db;
  const enable = async (): Promise<boolean> => {
    await db.createCollection('task_trackers').catch(() => undefined);
    await db.command({ collMod: 'task_trackers', changeStreamPreAndPostImages: { enabled: enablePreImages } });
    return enablePreImages;
  };
  const source = new MongoChangeSource({ collection: db.collection('task_trackers'), preparePreImages: enable, maxAwaitMs: AWAIT_MS, now: () => databaseTime(connection) });
  const feed = createFeed({ source, namespace: `${db.databaseName}.task_trackers`, log, ...feedOptions });
  await feed.start();
  const model = createTaskTrackerModel(connection);
  const preImages: PreImages = { kept: () => source.preImages === true, enable };
  const seen: TappedFeed = {
    status: () => feed.status(),
    cursor: () => feed.cursor(),
    subscribe: (subscription) => feed.subscribe(subscription),
    watchStatus: () => feed.watchStatus(),
    barrier: (until) => feed.barrier(until),
    lastAnswerAt: () => feed.lastAnswerAt(),
    tap: ({ onEvent, onLost }, from) => feed.tap({ onEvent: (event) => void (misses(event) || onEvent(event)), onLost }, from),
  };
  const statistics = createStatistics({ model, feed: seen, log, stream: { preImages, ...stream } });
  statistics.start();
  return {
    model,
    feed,
    statistics,
    settled: () => feed.barrier(),
    async [Symbol.asyncDispose]() {
      await statistics.close();
      await feed.close();
    },
  };
}

/** As a process that is killed: nothing is saved any more. */
export async function crash({ statistics, feed }: TestStatistics): Promise<void> {
  await statistics.close(0);
  await feed.close();
}

export async function untilStatistics(statistics: Pick<RunningStatistics, 'watchStatus'>, state: StatisticsState): Promise<void> {
  for await (const status of statistics.watchStatus()) if (status.state === state) return;
  throw new Error(`the statistics were closed before they were ${state}`);
}
