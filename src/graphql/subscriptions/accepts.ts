import type { TaskChangeEvent } from '../../feed/types.js';
import { fieldsOfFilter, matcherOf } from '../../queries/filter-matches.js';
import type { TaskFilter } from '../../queries/types.js';

/** Whether a change of `changed` may have changed what stands at `field`: equal, or one inside the other. */
function touches(changed: string, field: string): boolean {
  return changed === field || changed.startsWith(`${field}.`) || field.startsWith(`${changed}.`);
}

/**
 * Which events a client that lists `filter` must see so that its list stays right: those whose execution matches after
 * the change or matched before it. Where the database kept no picture of before, a change of a field that the filter
 * reads may be the one that makes the execution leave, so it is delivered too; so is a removal.
 * Throws InvalidInputError for a filter that cannot be taken; the function returned never throws.
 */
export function acceptsFor(filter: TaskFilter | null | undefined): (event: TaskChangeEvent) => boolean {
  const matches = matcherOf(filter);
  const fields = fieldsOfFilter(filter);
  if (fields.length === 0) return () => true;
  return ({ kind, task, before, changedFields }) => {
    if (task && matches(task)) return true;
    if (before) return matches(before);
    if (kind === 'REMOVED') return true;
    return kind === 'UPDATED' && changedFields.some((changed) => fields.some((field) => touches(changed, field)));
  };
}
