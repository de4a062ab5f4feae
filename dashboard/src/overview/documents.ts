import { graphql, type ResultOf } from '../api/graphql.js';

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

/** What no subscription tells: asked again when counts have changed. */
export const QUEUES = graphql(
  `
    query Queues {
      queues {
        name
        oldestQueuedAt
        stuckCount
        stats {
          ...QueueCounts
        }
      }
    }
  `,
  [QUEUE_COUNTS],
);

export const QUEUE_LATENCIES = graphql(`
  query QueueLatencies($from: DateTime!) {
    queues {
      name
      throughput(from: $from, interval: HOUR) {
        start
        wait {
          count
          p95
        }
        run {
          count
          p95
        }
      }
    }
  }
`);

export const QUEUE_STATS_CHANGED = graphql(
  `
    subscription QueueStatsChanged($queueName: String) {
      queueStatsChanged(queueName: $queueName, minIntervalMs: 50) {
        ...QueueCounts
      }
    }
  `,
  [QUEUE_COUNTS],
);

export const STUCK_TASK_DETECTED = graphql(`
  subscription StuckTaskDetected {
    stuckTaskDetected {
      queueName
    }
  }
`);
