import type { mongo } from 'mongoose';

import type { AuditAction } from '../audit/types.js';
import type { Move } from '../model/moves.js';
import type { LifecycleContext } from './context.js';
import { inTransaction } from './transaction.js';
import { transition } from './transition.js';
import type { MoveResult } from './types.js';

export interface OperatorMove {
  readonly move: Move;
  readonly action: AuditAction;
  readonly executionId: string;
  readonly actor: string;
  readonly reason: string | undefined;
  /** Aggregation expressions. */
  readonly set: (now: Date) => mongo.Document;
}

/** A move that somebody asked for: it is written down in the same transaction, where there is a log. */
export async function operatorMove(context: LifecycleContext, { move, action, executionId, actor, reason, set }: OperatorMove): Promise<MoveResult> {
  const { audit } = context;
  if (audit === null) return transition(context, move, executionId, set);
  return inTransaction(context.connection, async (session) => {
    const result = await transition(context, move, executionId, set, { session });
    const { taskId, queueName, status } = result.execution;
    if (result.changed) {
      await audit.record([{ at: context.clock(), actor, action, executionId, taskId, queueName, reason, before: move.from[0], after: status }], session);
    }
    return result;
  });
}
