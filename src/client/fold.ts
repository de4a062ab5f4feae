import type { Task, TaskChange, TaskKeys, WatchItem } from './types.js';

/**
 * The list that a watch amounts to: every execution that matches its filter, as it stands now.
 *
 * Right whatever comes twice, and wherever a list already holds what the changes behind it repeat: those bring each
 * execution to its latest state in order, so the last one decides. Until they have, an execution may be shown as it
 * stood a moment earlier.
 */
export class TaskFold<T extends TaskKeys = Task> {
  readonly #tasks = new Map<string, T>();
  /** executionId by global id: a removal of which no picture was kept names the document only. */
  readonly #executionIds = new Map<string, string>();

  /** What matches, by executionId. A live view: it changes with `apply`. */
  get tasks(): ReadonlyMap<string, T> {
    return this.#tasks;
  }

  /** Takes the next item of a watch. After a `gap` the list may be wrong; the watch that has gaps was told not to list. */
  apply(item: WatchItem<T>): void {
    if (item.type === 'change') this.#change(item.change);
    if (item.type !== 'list') return;
    this.#tasks.clear();
    this.#executionIds.clear();
    for (const task of item.tasks) this.#put(task);
  }

  #change({ nodeId, task, matches }: TaskChange<T>): void {
    if (task !== null && matches) this.#put(task);
    else this.#take(nodeId);
  }

  #put(task: T): void {
    // An executionId that was corrected by hand must not stay under its old name.
    if (this.#executionIds.get(task.id) !== task.executionId) this.#take(task.id);
    this.#executionIds.set(task.id, task.executionId);
    this.#tasks.set(task.executionId, task);
  }

  #take(id: string): void {
    const executionId = this.#executionIds.get(id);
    if (executionId === undefined) return;
    this.#executionIds.delete(id);
    if (this.#tasks.get(executionId)?.id === id) this.#tasks.delete(executionId);
  }
}
