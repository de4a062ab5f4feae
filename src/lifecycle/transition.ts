import type { mongo } from 'mongoose';

import { toExecution } from '../model/execution.js';
import { outcomeOf, type Move } from '../model/moves.js';
import type { LifecycleContext } from './context.js';
import { ConflictError } from './errors.js';
import { notFound, refusedByStatus } from './refusal.js';
import { findMoved, type InSession, updateIfIn } from './store.js';
import type { MoveResult } from './types.js';

/** How often a move is tried whose condition failed although a read right after says that it holds. */
const ATTEMPTS = 3;

/**
 * Makes a move that changes one execution: a single conditional write decides. Only where its condition did not hold
 * is the document read, to say why. `set` are aggregation expressions.
 */
export async function transition(
  context: LifecycleContext,
  move: Move,
  executionId: string,
  set: (now: Date) => mongo.Document,
  within: InSession = {},
): Promise<MoveResult> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const now = context.clock();
    const moved = await updateIfIn(context, executionId, move.from, set(now), now, within);
    if (moved !== null) {
      const execution = toExecution(moved);
      context.log.debug({ move: move.name, executionId, taskId: execution.taskId, status: execution.status }, 'moved');
      return { execution, changed: true };
    }
    const current = await findMoved(context, executionId, within);
    if (current === null) throw notFound(executionId);
    const execution = toExecution(current);
    const outcome = outcomeOf(move, execution.status);
    if (outcome.kind === 'already') return { execution, changed: false };
    if (outcome.kind === 'refused') throw refusedByStatus(move, outcome.code, execution);
  }
  throw new ConflictError(`"${executionId}" keeps changing while ${move.name} is made; ask again.`);
}
