import { MOVES } from '../model/moves.js';
import { TaskStatus } from '../model/status.js';
import type { LifecycleContext } from './context.js';
import { operatorMove } from './operator-move.js';
import { literal } from './store.js';
import type { Actor, ArchiveInput, MoveResult } from './types.js';
import { readActor, readArchiveInput, readExecutionId, readReason } from './validation.js';

/** failed → dlq. The document has no place for the reason: it is logged, and kept in the audit log. */
export async function moveToDeadLetters(context: LifecycleContext, executionId: string, reason: string | null | undefined, actor: Actor): Promise<MoveResult> {
  const { name } = readActor(actor);
  const why = readReason(reason);
  const result = await operatorMove(context, {
    move: MOVES.moveTaskToDlq,
    action: 'MOVE_TO_DLQ',
    executionId: readExecutionId(executionId),
    actor: name,
    reason: why,
    set: deadLettering,
  });
  context.log.info({ executionId: result.execution.executionId, actor: name, reason: why }, 'moved to the dead-letter queue');
  return result;
}

/** What an execution gets that is given up. */
export function deadLettering() {
  return { status: literal(TaskStatus.DLQ) };
}

/** What an archived execution gets, whoever archives it. */
export function archival(now: Date, reason: string, by: string) {
  return {
    status: literal(TaskStatus.ARCHIVED),
    archivedAt: literal(now),
    archivedReason: literal(reason),
    archivedBy: literal(by),
  };
}

/** dlq → archived. */
export async function archive(context: LifecycleContext, input: ArchiveInput, actor: Actor): Promise<MoveResult> {
  const { executionId, reason } = readArchiveInput(input);
  const { name } = readActor(actor);
  return operatorMove(context, {
    move: MOVES.archiveTask,
    action: 'ARCHIVE',
    executionId,
    actor: name,
    reason,
    set: (now) => archival(now, reason, name),
  });
}
