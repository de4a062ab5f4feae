import { MOVES } from '../model/moves.js';
import { TaskStatus } from '../model/status.js';
import type { LifecycleContext } from './context.js';
import { literal } from './store.js';
import { transition } from './transition.js';
import type { MoveResult } from './types.js';
import { readExecutionId } from './validation.js';

/** queued → processing. Exactly one of any number of callers succeeds; the others get AlreadyStartedError. */
export async function start(context: LifecycleContext, executionId: string): Promise<MoveResult> {
  return transition(context, MOVES.startTask, readExecutionId(executionId), (now) => ({
    status: literal(TaskStatus.PROCESSING),
    processingStartedAt: literal(now),
  }));
}
