import type { TaskStatus } from '../api/graphql.js';

/** What an operator does to executions. */
export type Move = 'retry' | 'archive' | 'moveToDlq';

export const MOVES = ['retry', 'moveToDlq', 'archive'] as const satisfies readonly Move[];

/** As much of an execution as decides what can be done to it. */
export interface Movable {
  readonly executionId: string;
  readonly taskId: string;
  readonly status: TaskStatus;
  readonly canRetry: boolean;
}

export interface MoveLook {
  /** On a button. */
  readonly label: string;
  /** `Retry 3 executions?` */
  readonly question: (count: number) => string;
  /** `Retried` */
  readonly done: string;
  /** While it is under way. */
  readonly doing: string;
  /** What it does, in a sentence or two. */
  readonly meaning: string;
  readonly reason: 'required' | 'optional';
  /** Cannot be taken back. */
  readonly danger: boolean;
}

export function executions(count: number): string {
  return count === 1 ? '1 execution' : `${count.toLocaleString('en-US')} executions`;
}

export const MOVE_LOOKS: Readonly<Record<Move, MoveLook>> = {
  retry: {
    label: 'Retry',
    question: (count) => `Retry ${executions(count)}?`,
    done: 'Retried',
    doing: 'Retrying',
    meaning: 'A new execution of the task is queued. One from the dead letters gets a fresh budget of retries, and the old execution is archived.',
    reason: 'optional',
    danger: false,
  },
  archive: {
    label: 'Archive',
    question: (count) => `Archive ${executions(count)}?`,
    done: 'Archived',
    doing: 'Archiving',
    meaning: 'Takes it out of the dead letters for good: an archived execution cannot be retried.',
    reason: 'required',
    danger: true,
  },
  moveToDlq: {
    label: 'Move to dead letters',
    question: (count) => `Move ${executions(count)} to the dead letters?`,
    done: 'Moved',
    doing: 'Moving',
    meaning: 'Gives it up: from the dead letters it can be retried with a fresh budget, or archived.',
    reason: 'optional',
    danger: false,
  },
};

/** Why a move cannot be made, as far as can be told from here; null where the API decides. */
export function obstacle(move: Move, { status, canRetry }: Movable): string | null {
  switch (move) {
    case 'retry':
      if (status === 'DLQ' || (status === 'FAILED' && canRetry)) return null;
      return status === 'FAILED' ? 'its retries are exhausted: move it to the dead letters first' : 'only failed executions and dead letters can be retried';
    case 'archive':
      return status === 'DLQ' ? null : 'only dead letters can be archived';
    case 'moveToDlq':
      return status === 'FAILED' ? null : 'only failed executions can be moved to the dead letters';
  }
}

/** Those that a move can be made to, and how many it cannot. */
export function sortOut<Task extends Movable>(move: Move, tasks: readonly Task[]): { readonly possible: readonly Task[]; readonly impossible: number } {
  const possible = tasks.filter((task) => obstacle(move, task) === null);
  return { possible, impossible: tasks.length - possible.length };
}
