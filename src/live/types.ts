import type { QueueScope } from '../access/queue-scope.js';
import type { Execution } from '../model/execution.js';
import type { TaskFilter, TaskOrder } from '../queries/types.js';

export type ListChangeKind = 'SNAPSHOT' | 'ENTER' | 'UPDATE' | 'LEAVE' | 'BOOKMARK';

/**
 * What makes the list of whoever has taken every change before right again. Folded over a copy of the list, in order:
 * SNAPSHOT: the list is `tasks`. LEAVE: take out the row at `index`. ENTER: put `task` in at `index`. UPDATE: `task` in
 * place of the row at `index`. BOOKMARK: nothing. A row that moves leaves and enters, one right after the other.
 */
export interface ListChange {
  readonly kind: ListChangeKind;
  /** Where the feed stood when the list was as this change makes it. */
  readonly cursor: string;
  /** The whole list; empty but for a SNAPSHOT. */
  readonly tasks: readonly Execution[];
  /** Of the row that ENTER, UPDATE and LEAVE are about; null otherwise. */
  readonly executionId: string | null;
  /** The row as it now is, for ENTER and UPDATE; null otherwise. */
  readonly task: Execution | null;
  readonly index: number | null;
  /** The list as it is after this change, for whoever has not seen those before: the same object each time. */
  readonly snapshot: ListChange;
}

export interface ListRequest {
  readonly filter?: TaskFilter | null | undefined;
  /** Default: the newest by enqueuedAt first. */
  readonly orderBy?: TaskOrder | null | undefined;
  /** Longest list: 1 to MAX_PAGE_SIZE. */
  readonly first: number;
}

/** The lists of one application that somebody is watching. Equal requests are served from one list. */
export interface LiveLists {
  /**
   * The list as it stands (one SNAPSHOT, once it has been read), then what changes it. A reader that takes less than
   * comes gets one SNAPSHOT in place of the changes that wait for it, so nothing that waits grows beyond the list.
   *
   * It ends with FeedClosedError when the application closes, and with the error of a read that cannot succeed. While
   * the database is away it waits; where the feed has lost its place the list is read anew and sent as a SNAPSHOT.
   *
   * @throws InvalidInputError naming the argument, before anything is read
   */
  open(request: ListRequest): AsyncIterableIterator<ListChange>;
  /** The same lists, of the executions in a scope. They are shared by who has the same scope, and with nobody else. */
  within(scope: QueueScope): LiveLists;
}
