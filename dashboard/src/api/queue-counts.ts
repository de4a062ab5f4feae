import { graphql, type ResultOf } from './graphql.js';

export const QUEUE_COUNTS = graphql(`
  fragment QueueCounts on QueueStats @_unmask {
    queueName
    queued
    processing
    completed
    failed
    dlq
    archived
    unknown
    total
    exact
  }
`);

export type QueueCounts = ResultOf<typeof QUEUE_COUNTS>;

/** The counts of a queue, or of all one after the other: at once, then after changes. */
export const QUEUE_STATS_CHANGED = graphql(
  `
    subscription QueueStatsChanged($queueName: String) {
      queueStatsChanged(queueName: $queueName, minIntervalMs: 100) {
        ...QueueCounts
      }
    }
  `,
  [QUEUE_COUNTS],
);
