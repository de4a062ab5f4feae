import type { TaskFilter } from '../queries/types.js';
import { toPlainJson } from './json.js';

/** Conditions whose values are names of an enum of the API. */
const ENUMS = new Set(['status', 'errorCategory']);

/** A filter as it is stored, as a client would send it. */
export function shownFilter(filter: TaskFilter | Readonly<Record<string, unknown>>): unknown {
  const shown = Object.entries(filter).map(([name, value]) => [name, ENUMS.has(name) && Array.isArray(value) ? value.map((each) => String(each).toUpperCase()) : value]);
  return toPlainJson(Object.fromEntries(shown));
}
