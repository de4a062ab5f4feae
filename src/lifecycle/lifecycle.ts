import { randomUUID } from 'node:crypto';

import type { ExecutionDocuments, LifecycleContext, LifecycleOptions } from './context.js';
import { archive, moveToDeadLetters } from './dead-letters.js';
import { enqueue } from './enqueue.js';
import { retry } from './retry.js';
import { complete, fail } from './settle.js';
import { start } from './start.js';
import type { Lifecycle } from './types.js';

export type { DeduplicationMode, LifecycleOptions } from './context.js';

/** The lifecycle over the model's connection. It holds no state and owns nothing: there is nothing to close. */
export function createLifecycle(options: LifecycleOptions): Lifecycle {
  const { model, deduplication, log, clock = () => new Date(), newId = randomUUID } = options;
  const context: LifecycleContext = {
    documents: model.collection as unknown as ExecutionDocuments,
    connection: model.db,
    deduplication,
    log,
    clock,
    newId,
  };
  return {
    enqueue: (input) => enqueue(context, input),
    start: (executionId) => start(context, executionId),
    complete: (executionId) => complete(context, executionId),
    fail: (input) => fail(context, input),
    retry: (input, actor) => retry(context, input, actor),
    moveToDeadLetters: (executionId, reason, actor) => moveToDeadLetters(context, executionId, reason, actor),
    archive: (input, actor) => archive(context, input, actor),
  };
}
