import { graphql, type ResultOf } from '../api/graphql.js';

export const QUEUE = graphql(`
  query Queue($name: String!) {
    queue(name: $name) {
      name
      oldestQueuedAt
      stuckCount
    }
  }
`);

export const QUEUE_SERIES = graphql(`
  query QueueSeries($name: String!, $from: DateTime!, $to: DateTime!, $interval: Interval!) {
    queue(name: $name) {
      throughput(from: $from, to: $to, interval: $interval) {
        ...QueueBucket
      }
      history(from: $from, to: $to, interval: $interval) {
        at
        queued
        processing
        failed
        dlq
      }
    }
  }

  fragment QueueBucket on ThroughputBucket @_unmask {
    start
    enqueued
    completed
    failed
    dlq
    wait {
      count
      p50
      p95
      p99
    }
    run {
      count
      p50
      p95
      p99
    }
  }
`);

export const QUEUE_BUCKET_CHANGED = graphql(`
  subscription QueueBucketChanged($name: String!, $interval: Interval!) {
    throughputChanged(queueName: $name, interval: $interval) {
      start
      enqueued
      completed
      failed
      dlq
      wait {
        count
        p50
        p95
        p99
      }
      run {
        count
        p50
        p95
        p99
      }
    }
  }
`);

export type QueueBucket = ResultOf<typeof QUEUE_BUCKET_CHANGED>['throughputChanged'];
export type Depth = NonNullable<ResultOf<typeof QUEUE_SERIES>['queue']>['history'][number];

export const QUEUE_ERRORS = graphql(`
  query QueueErrors($name: String!, $from: DateTime!) {
    errorGroups(queueName: $name, from: $from, first: 10) {
      fingerprint
      category
      message
      count
      firstSeenAt
      lastSeenAt
    }
  }
`);

export const QUEUE_ERROR_CHANGED = graphql(`
  subscription QueueErrorChanged($name: String!) {
    errorGroupChanged(queueName: $name) {
      fingerprint
    }
  }
`);
