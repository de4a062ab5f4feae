import type { TaskFilter } from '../routing/task-filter.js';

/** A filter, and what to do with a changed one. */
export interface FilterProps {
  readonly filter: TaskFilter;
  readonly onFilter: (filter: TaskFilter) => void;
}
