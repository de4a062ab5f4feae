import { graphql, type ResultOf } from './graphql.js';
import { useLive } from './hooks.js';
import { EMPTY_LIST, foldTaskList, type TaskList } from './task-list.js';
import { resolveTaskFilter, type TaskFilter, type TaskOrder } from '../routing/task-filter.js';
import { useMemo } from 'react';
import type { ApiError } from './errors.js';

/** What a row of a list of tasks shows. Everything else is in the drawer. */
export const TASK_ROW = graphql(`
  fragment TaskRow on TaskTracker @_unmask {
    id
    taskId
    executionId
    queueName
    status
    enqueuedAt
    processingStartedAt
    completedAt
    failedAt
    updatedAt
    retryCount
    maxRetries
    errorCategory
    errorMessage
    waitMs
    runMs
    canRetry
    metadata
  }
`);

export type TaskRow = ResultOf<typeof TASK_ROW>;

const LIVE_TASKS = graphql(
  `
    subscription LiveTasks($filter: TaskFilter, $orderBy: TaskOrder, $first: Int!) {
      liveTasks(filter: $filter, orderBy: $orderBy, first: $first) {
        kind
        index
        tasks {
          ...TaskRow
        }
        task {
          ...TaskRow
        }
      }
    }
  `,
  [TASK_ROW],
);

const FOLD = {
  initial: EMPTY_LIST as TaskList<TaskRow>,
  apply: (list: TaskList<TaskRow>, { liveTasks }: ResultOf<typeof LIVE_TASKS>) => foldTaskList(list, liveTasks),
};

export interface LiveTasksRequest {
  readonly filter: TaskFilter;
  /** Default of the API: the newest by enqueuedAt first. */
  readonly orderBy?: TaskOrder | null;
  /** Longest list, 1 to 200. */
  readonly first: number;
}

export interface LiveTasks {
  readonly tasks: readonly TaskRow[];
  /** No list has come yet. */
  readonly waiting: boolean;
  readonly error: ApiError | null;
}

/**
 * The first rows of a list of tasks, kept right as tasks change. Relative instants of the filter count from when the
 * filter was first given.
 */
export function useLiveTasks({ filter, orderBy = null, first }: LiveTasksRequest): LiveTasks {
  const key = JSON.stringify(filter);
  const resolved = useMemo(() => resolveTaskFilter(JSON.parse(key) as TaskFilter, Date.now()), [key]);
  const { value, waiting, error } = useLive(LIVE_TASKS, { filter: resolved as Variables['filter'], orderBy, first }, FOLD);
  return { tasks: value.tasks, waiting: waiting && !value.known, error };
}

type Variables = Parameters<NonNullable<(typeof LIVE_TASKS)['__ensureTypesOfVariablesAndResultMatching']>>[0];
