/** A list as its changes have made it so far. */
export interface TaskList<Task> {
  readonly tasks: readonly Task[];
  /** A SNAPSHOT has come. */
  readonly known: boolean;
}

export const EMPTY_LIST: TaskList<never> = { tasks: [], known: false };

/** What `liveTasks` sends: a SNAPSHOT first, then what makes the list right again. */
export interface TaskListChange<Task> {
  readonly kind: 'SNAPSHOT' | 'ENTER' | 'UPDATE' | 'LEAVE' | 'BOOKMARK';
  readonly tasks: readonly Task[];
  readonly task: Task | null;
  readonly index: number | null;
}

/** The list after a change; the given list stays as it was. */
export function foldTaskList<Task>(list: TaskList<Task>, { kind, tasks, task, index }: TaskListChange<Task>): TaskList<Task> {
  if (kind === 'SNAPSHOT') return { tasks, known: true };
  if (kind === 'BOOKMARK' || index === null) return list;
  const next = list.tasks.slice();
  if (kind === 'LEAVE') next.splice(index, 1);
  else if (task === null) return list;
  else if (kind === 'ENTER') next.splice(index, 0, task);
  else next[index] = task;
  return { tasks: next, known: list.known };
}
