import type { Execution } from '../model/execution.js';

/** One change of a list: what `ListChange` says without its cursor. */
export interface Step {
  readonly kind: 'ENTER' | 'UPDATE' | 'LEAVE';
  readonly index: number;
  /** The row that enters, as it now is, or that leaves, as it was. */
  readonly execution: Execution;
}

/** The list after a step; the list itself stays as it was. */
export function foldStep(list: readonly Execution[], { kind, index, execution }: Step): readonly Execution[] {
  const next = list.slice();
  if (kind === 'UPDATE') next[index] = execution;
  else if (kind === 'ENTER') next.splice(index, 0, execution);
  else next.splice(index, 1);
  return next;
}
