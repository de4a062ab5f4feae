import { archiveMany, deadLetterMany, deleteMany, failMany, type ManyMove, retryMany } from '../lifecycle/many.js';
import { MOVES } from '../model/moves.js';
import { TaskStatus } from '../model/status.js';
import type { BulkAction } from './types.js';

export interface ActionSpec {
  /** The states in which it begins: others are not matched at all. */
  readonly from: readonly TaskStatus[];
  readonly make: ManyMove;
  readonly needsReason: boolean;
  readonly takesTimeout: boolean;
}

const PLAIN = { needsReason: false, takesTimeout: false } as const;

export const ACTIONS: Readonly<Record<BulkAction, ActionSpec>> = {
  RETRY: { ...PLAIN, from: MOVES.retryTask.from, make: retryMany },
  ARCHIVE: { ...PLAIN, from: MOVES.archiveTask.from, make: archiveMany, needsReason: true },
  MOVE_TO_DLQ: { ...PLAIN, from: MOVES.moveTaskToDlq.from, make: deadLetterMany },
  FAIL_STUCK: { ...PLAIN, from: MOVES.failTask.from, make: failMany, takesTimeout: true },
  DELETE_ARCHIVED: { ...PLAIN, from: [TaskStatus.ARCHIVED], make: deleteMany },
};
