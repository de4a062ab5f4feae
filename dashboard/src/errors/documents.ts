import { graphql, type ResultOf } from '../api/graphql.js';

export const ERROR_GROUPS = graphql(`
  query ErrorGroups($queueName: String, $from: DateTime!, $first: Int, $interval: Interval!) {
    errorGroups(queueName: $queueName, from: $from, first: $first) {
      fingerprint
      category
      message
      count
      queueNames
      firstSeenAt
      lastSeenAt
      failures(from: $from, interval: $interval) {
        count
      }
      sample {
        executionId
      }
    }
  }
`);

export type ErrorGroup = ResultOf<typeof ERROR_GROUPS>['errorGroups'][number];

/** Says only that something about the group changed: the figures of the range are asked for anew. */
export const ERROR_GROUP_CHANGED = graphql(`
  subscription ErrorGroupChanged($queueName: String) {
    errorGroupChanged(queueName: $queueName) {
      fingerprint
    }
  }
`);
