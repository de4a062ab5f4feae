import type { TaskChangeEvent } from '../../feed/types.js';
import { matchesFilter } from '../../queries/filter-matches.js';
import type { TaskFilter } from '../../queries/types.js';

/** Which stored field each condition of a filter reads; the paths of `metadata` conditions are added one by one. */
const STORED_FIELD = {
  queueName: 'queueName',
  status: 'status',
  errorCategory: 'errorCategory',
  taskId: 'taskId',
  taskIdPrefix: 'taskId',
  executionId: 'executionId',
  enqueuedAfter: 'enqueuedAt',
  enqueuedBefore: 'enqueuedAt',
  updatedAfter: 'updatedAt',
  updatedBefore: 'updatedAt',
  failedAfter: 'failedAt',
  failedBefore: 'failedAt',
  minRetryCount: 'retryCount',
} as const satisfies Record<Exclude<keyof TaskFilter, 'metadata'>, string>;

function isKey(name: string): name is keyof typeof STORED_FIELD {
  return Object.hasOwn(STORED_FIELD, name);
}

/** The stored fields that decide whether an execution matches. */
export function fieldsOfFilter(filter: TaskFilter): readonly string[] {
  const fields = new Set<string>();
  for (const [name, condition] of Object.entries(filter)) {
    if (condition != null && isKey(name)) fields.add(STORED_FIELD[name]);
  }
  for (const { path } of filter.metadata ?? []) fields.add(`metadata.${path}`);
  return [...fields];
}

/** Whether a change of `changed` may have changed what stands at `field`: equal, or one inside the other. */
function touches(changed: string, field: string): boolean {
  return changed === field || changed.startsWith(`${field}.`) || field.startsWith(`${changed}.`);
}

/**
 * Which events a client that lists `filter` must see so that its list stays right: those whose execution matches after
 * the change or matched before it. Where the database kept no picture of before, a change of a field that the filter
 * reads may be the one that makes the execution leave, so it is delivered too; so is a removal.
 */
export function acceptsFor(filter: TaskFilter | null | undefined): (event: TaskChangeEvent) => boolean {
  if (!filter) return () => true;
  const fields = fieldsOfFilter(filter);
  if (fields.length === 0) return () => true;
  return ({ kind, task, before, changedFields }) => {
    if (task && matchesFilter(filter, task)) return true;
    if (before) return matchesFilter(filter, before);
    if (kind === 'REMOVED') return true;
    return kind === 'UPDATED' && changedFields.some((changed) => fields.some((field) => touches(changed, field)));
  };
}
