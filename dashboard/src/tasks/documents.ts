import { graphql, type VariablesOf } from '../api/graphql.js';
import { TASK_ROW } from '../api/live-tasks.js';

export const TASKS = graphql(
  `
    query TasksPage($filter: TaskFilter, $orderBy: TaskOrder, $first: Int!, $after: String) {
      tasks(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
        nodes {
          ...TaskRow
        }
        feedCursor
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [TASK_ROW],
);

export type ApiTaskFilter = VariablesOf<typeof TASKS>['filter'];

export const TASK_CHANGED = graphql(
  `
    subscription TasksChanged($filter: TaskFilter, $after: String) {
      taskChanged(filter: $filter, after: $after) {
        nodeId
        matches
        cursor
        task {
          ...TaskRow
        }
      }
    }
  `,
  [TASK_ROW],
);

export const TASK_COUNT = graphql(`
  query TasksCount($filter: TaskFilter) {
    tasks(filter: $filter, first: 1) {
      totalCount
    }
  }
`);
