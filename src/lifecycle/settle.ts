import type { mongo } from 'mongoose';

import { DEFAULT_MAX_RETRIES } from '../model/execution.js';
import { MOVES } from '../model/moves.js';
import { TaskStatus } from '../model/status.js';
import type { LifecycleContext } from './context.js';
import { literal } from './store.js';
import { transition } from './transition.js';
import type { FailInput, MoveResult } from './types.js';
import { readExecutionId, readFailInput, type ValidFailInput } from './validation.js';

/** processing → completed. Completing again changes nothing. */
export async function complete(context: LifecycleContext, executionId: string): Promise<MoveResult> {
  return transition(context, MOVES.completeTask, readExecutionId(executionId), (now) => ({
    status: literal(TaskStatus.COMPLETED),
    completedAt: literal(now),
  }));
}

/** The stored number, or the fallback where the field holds none: what `toExecution` shows, for whole numbers. */
function numberOr(field: string, fallback: number): mongo.Document {
  return { $cond: [{ $in: [{ $type: field }, ['int', 'long', 'double']] }, field, literal(fallback)] };
}

const RETRIES_EXHAUSTED = { $gte: [numberOr('$retryCount', 0), numberOr('$maxRetries', DEFAULT_MAX_RETRIES)] };

/** What an execution gets that fails; where it ends up the database decides. */
export function failure(now: Date, { errorMessage, errorCategory, errorStack, recoverable }: Omit<ValidFailInput, 'executionId'>): mongo.Document {
  const status = recoverable
    ? { $cond: [RETRIES_EXHAUSTED, literal(TaskStatus.DLQ), literal(TaskStatus.FAILED)] }
    : literal(TaskStatus.DLQ);
  return {
    status,
    failedAt: literal(now),
    errorMessage: literal(errorMessage),
    errorCategory: literal(errorCategory),
    ...(errorStack === undefined ? {} : { errorStack: literal(errorStack) }),
  };
}

/**
 * processing → failed, or → dlq where it is not recoverable or retries are exhausted, which the database decides
 * in the same write. Failing again changes nothing and keeps the first report.
 */
export async function fail(context: LifecycleContext, input: FailInput): Promise<MoveResult> {
  const { executionId, ...report } = readFailInput(input);
  return transition(context, MOVES.failTask, executionId, (now) => failure(now, report));
}
