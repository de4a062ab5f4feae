import { graphql } from '../api/graphql.js';
import { QUEUE_COUNTS } from '../api/queue-counts.js';

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

export const STUCK_TASK_DETECTED = graphql(`
  subscription StuckTaskDetected {
    stuckTaskDetected {
      queueName
    }
  }
`);

export const STATS_CHANGED = graphql(`
  subscription StatsChanged {
    statsChanged {
      state
      progress
      reason
    }
  }
`);
