import type { Feed, TaskChangeEvent } from '../../feed/types.js';
import type { Execution } from '../../model/execution.js';
import type { TaskQueries } from '../../queries/types.js';
import { isDatabaseUnavailable } from '../errors.js';
import { coalesce } from './coalesce.js';
import type { EndableIterator } from './iterators.js';

/** Whether an event may concern an attempt of this task. A change of which no picture is left may. */
function concerns({ task, before, kind, changedFields }: TaskChangeEvent, taskId: string): boolean {
  if (task?.taskId === taskId || before?.taskId === taskId) return true;
  if (before !== null || kind === 'BOOKMARK' || kind === 'CREATED') return false;
  return kind === 'REMOVED' || task === null || changedFields.includes('taskId');
}

/**
 * The attempts of a task, oldest first: at once if there are any, then after changes of any of them.
 * Changes that come faster than the client reads are shown together.
 */
export function watchRetryChain(
  parts: { readonly feed: Feed; readonly queries: TaskQueries },
  taskId: string,
): EndableIterator<readonly Execution[]> {
  const { feed, queries } = parts;
  return coalesce<TaskChangeEvent, string, readonly Execution[]>({
    source: feed.subscribe({ accepts: (event) => concerns(event, taskId), bookmarks: false, hints: true }),
    keysOf: () => [taskId],
    initial: [taskId],
    minIntervalMs: 0,
    isTransient: isDatabaseUnavailable,
    async read() {
      const attempts = (await queries.retryChains([taskId])).get(taskId);
      return attempts && attempts.length > 0 ? [attempts] : [];
    },
  });
}
