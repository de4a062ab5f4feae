import { randomUUID } from 'node:crypto';

import type { ExecutionDocuments, LifecycleContext, LifecycleOptions } from './context.js';
import { archive, moveToDeadLetters } from './dead-letters.js';
import { enqueue } from './enqueue.js';
import { retry } from './retry.js';
import { complete, fail } from './settle.js';
import { start } from './start.js';
import type { Lifecycle } from './types.js';
import { enqueuedWithin, refusedWithin } from './within.js';

export type { DeduplicationMode, LifecycleOptions } from './context.js';

/** What moves work with, for what makes many of them at a time. */
export function createLifecycleContext(options: LifecycleOptions): LifecycleContext {
  const { model, deduplication, log, audit = null, clock = () => new Date(), newId = randomUUID } = options;
  return { documents: model.collection as unknown as ExecutionDocuments, connection: model.db, deduplication, log, audit, clock, newId, scope: null };
}

/** The lifecycle over the model's connection. It holds no state and owns nothing: there is nothing to close. */
export function createLifecycle(options: LifecycleOptions): Lifecycle {
  return lifecycleIn(createLifecycleContext(options));
}

function lifecycleIn(context: LifecycleContext): Lifecycle {
  const told = async <T>(move: Promise<T>): Promise<T> => {
    try {
      return await move;
    } catch (error) {
      throw refusedWithin(context, error);
    }
  };
  return {
    enqueue: async (input) => enqueuedWithin(context, await told(enqueue(context, input))),
    start: (executionId) => told(start(context, executionId)),
    complete: (executionId) => told(complete(context, executionId)),
    fail: (input) => told(fail(context, input)),
    retry: (input, actor) => told(retry(context, input, actor)),
    moveToDeadLetters: (executionId, reason, actor) => told(moveToDeadLetters(context, executionId, reason, actor)),
    archive: (input, actor) => told(archive(context, input, actor)),
    within: (scope) => lifecycleIn({ ...context, scope }),
  };
}
