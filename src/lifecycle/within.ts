import type { QueueScope } from '../access/queue-scope.js';
import type { Execution } from '../model/execution.js';
import { isWithin } from '../queries/scope.js';
import type { LifecycleContext } from './context.js';
import { ConflictError, DuplicateElsewhereError, DuplicateExecutionError, QueueForbiddenError } from './errors.js';
import type { EnqueueResult } from './types.js';

/** @throws QueueForbiddenError */
export function assertMayEnqueue({ scope }: LifecycleContext, queueName: string): void {
  if (scope === null || scope.includes(queueName)) return;
  throw new QueueForbiddenError(`queueName: this caller may not put tasks in ${JSON.stringify(queueName)}; only in queues that fit ${scope.patterns.map((pattern) => JSON.stringify(pattern)).join(', ')}.`, ['queueName']);
}

function isOutside(scope: QueueScope, execution: Execution | null): boolean {
  return execution === null || !isWithin(scope, execution.stored);
}

/** What an enqueue tells within a scope. @throws DuplicateElsewhereError */
export function enqueuedWithin({ scope }: LifecycleContext, result: EnqueueResult): EnqueueResult {
  if (scope === null || !isOutside(scope, result.execution)) return result;
  throw new DuplicateElsewhereError('Another execution of this task is active in a queue that this caller may not know of; nothing was enqueued.');
}

/** What a refusal tells within a scope: the execution that stands in the way may be outside, and so may its name. */
export function refusedWithin({ scope }: LifecycleContext, error: unknown): unknown {
  if (scope === null || !(error instanceof ConflictError || error instanceof DuplicateExecutionError) || !isOutside(scope, error.execution)) return error;
  if (error instanceof DuplicateExecutionError) return new DuplicateExecutionError('An execution with this executionId exists already.', null, error.field);
  return new ConflictError('Another execution of this task is in the way; nothing was changed.', null, error.field);
}
