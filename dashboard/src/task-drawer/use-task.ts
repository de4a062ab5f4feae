import type { ApiError } from '../api/errors.js';
import type { ResultOf } from '../api/graphql.js';
import { useLive } from '../api/hooks.js';
import { EMPTY_LIST, foldTaskList, type TaskList } from '../api/task-list.js';
import { LIVE_TASK, RETRY_CHAIN_CHANGED, type RetryChain, type TaskDetails } from './documents.js';

const TASK_FOLD = {
  initial: EMPTY_LIST as TaskList<TaskDetails>,
  apply: (list: TaskList<TaskDetails>, { liveTasks }: ResultOf<typeof LIVE_TASK>) => foldTaskList(list, liveTasks),
};

const CHAIN_FOLD = {
  initial: null as RetryChain | null,
  apply: (_: RetryChain | null, { retryChainChanged }: ResultOf<typeof RETRY_CHAIN_CHANGED>) => retryChainChanged,
};

export interface LiveTask {
  /** undefined: not known yet; null: there is none with this id. */
  readonly task: TaskDetails | null | undefined;
  /** null until it has come. */
  readonly chain: RetryChain | null;
  readonly error: ApiError | null;
}

/** An execution, kept right. Null asks for nothing. */
export function useExecution(executionId: string | null): Pick<LiveTask, 'task' | 'error'> {
  const { value: list, error } = useLive(LIVE_TASK, executionId === null ? null : { executionId }, TASK_FOLD);
  return { task: list.known ? (list.tasks[0] ?? null) : undefined, error };
}

/** An execution and all attempts of its task, kept right. */
export function useTask(executionId: string): LiveTask {
  const { task, error } = useExecution(executionId);
  const { value: chain, error: chainError } = useLive(RETRY_CHAIN_CHANGED, task ? { taskId: task.taskId } : null, CHAIN_FOLD);
  return { task, chain, error: error ?? chainError };
}
