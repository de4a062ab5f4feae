import type { Registry } from 'prom-client';

import type { FeedState, TappedFeed } from '../feed/types.js';
import { ageSeconds, oneHot, readCounter, readGauge, single } from './gauges.js';

const STATES = ['STARTING', 'LIVE', 'RECONNECTING', 'RESYNCING', 'FAILED'] as const satisfies readonly FeedState[];

export type MeasuredFeed = Pick<TappedFeed, 'status' | 'lastAnswerAt'>;

export function registerFeedMetrics(registry: Registry, feed: MeasuredFeed, clock: () => number): void {
  readGauge(registry, {
    name: 'tasktracker_feed_state',
    help: 'State of the feed: 1 for the one that holds.',
    labelNames: ['state'],
    read: () => oneHot('state', STATES, feed.status().state),
  });
  readGauge(registry, {
    name: 'tasktracker_feed_lag_seconds',
    help: 'Age of the last change when it arrived: its commit in the database until it was seen here; while the database does not answer, at least since when. Absent before the first.',
    read: () => {
      const { lagMs } = feed.status();
      return single(lagMs === null ? null : lagMs / 1000);
    },
  });
  readGauge(registry, {
    name: 'tasktracker_feed_last_answer_age_seconds',
    help: 'Since when the database has not answered the feed. About 0.3 while nothing changes; it grows while the database is away.',
    read: () => single(ageSeconds(feed.lastAnswerAt(), clock())),
  });
  readGauge(registry, {
    name: 'tasktracker_feed_last_event_timestamp_seconds',
    help: 'When the last change was committed. Absent before the first.',
    read: () => {
      const { lastEventAt } = feed.status();
      return single(lastEventAt && lastEventAt.getTime() / 1000);
    },
  });
  readCounter(registry, { name: 'tasktracker_feed_resyncs_total', help: 'How often the feed lost its place, and every subscriber was told to list again.', read: () => single(feed.status().resyncs) });
  readGauge(registry, { name: 'tasktracker_feed_ring_events', help: 'Past changes that can be replayed from memory.', read: () => single(feed.status().ringSize) });
  readGauge(registry, { name: 'tasktracker_feed_subscribers', help: 'Sources of subscriptions that stand in the feed; equal subscriptions share one.', read: () => single(feed.status().subscribers) });
}
