import type { Execution } from '../model/execution.js';
import type { Step } from './fold.js';
import type { ListChange, ListChangeKind } from './types.js';

/** Something that says where the feed stands; its cursor may be made only when it is asked for. */
export interface Place {
  readonly cursor: string;
}

const NO_TASKS: readonly Execution[] = Object.freeze([]);

class Change implements ListChange {
  readonly #place: Place;
  /** The list after this change. */
  readonly #list: readonly Execution[];
  #snapshot: ListChange | null = null;

  constructor(
    readonly kind: ListChangeKind,
    step: Step | null,
    place: Place,
    list: readonly Execution[],
  ) {
    this.#place = place;
    this.#list = list;
    this.tasks = kind === 'SNAPSHOT' ? list : NO_TASKS;
    this.executionId = step?.execution.executionId ?? null;
    this.task = step === null || kind === 'LEAVE' ? null : step.execution;
    this.index = step?.index ?? null;
  }

  readonly tasks: readonly Execution[];
  readonly executionId: string | null;
  readonly task: Execution | null;
  readonly index: number | null;

  get cursor(): string {
    return this.#place.cursor;
  }

  get snapshot(): ListChange {
    if (this.kind === 'SNAPSHOT') return this;
    return (this.#snapshot ??= new Change('SNAPSHOT', null, this.#place, this.#list));
  }
}

/** @param list the list after the step, which nobody changes any more */
export function changeOf(step: Step, place: Place, list: readonly Execution[]): ListChange {
  return new Change(step.kind, step, place, list);
}

export function snapshotOf(place: Place, list: readonly Execution[]): ListChange {
  return new Change('SNAPSHOT', null, place, list);
}

/** Nothing changed, but the list is now known to be right as of another place of the feed. */
export function bookmarkOf(place: Place, list: readonly Execution[]): ListChange {
  return new Change('BOOKMARK', null, place, list);
}
