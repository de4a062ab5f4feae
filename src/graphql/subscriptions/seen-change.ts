import type { TaskChangeEvent } from '../../feed/types.js';
import { matcherOf } from '../../queries/filter-matches.js';
import type { TaskFilter } from '../../queries/types.js';
import { encodeGlobalId, TASK_TRACKER_TYPE } from '../global-id.js';
import type { TaskChange } from '../types/feed.js';

/**
 * A change as a subscription with this filter sees it. Events are shared by all subscriptions, so what depends on the
 * filter, and what only some ask for, is worked out when it is asked for.
 * @param filter one that `acceptsFor` has taken
 */
export function seenThrough(filter: TaskFilter | null | undefined, event: TaskChangeEvent): TaskChange {
  const { kind, at, executionId, task, status, previousStatus, changedFields, lookedUp } = event;
  return {
    kind,
    at,
    executionId,
    task,
    status,
    previousStatus,
    changedFields,
    lookedUp,
    get cursor() {
      return event.cursor;
    },
    get nodeId() {
      return event.kind === 'BOOKMARK' ? null : encodeGlobalId(TASK_TRACKER_TYPE, event.documentId);
    },
    get matches() {
      return event.task !== null && matcherOf(filter)(event.task);
    },
  };
}
