import mongoose from 'mongoose';

import { toExecution, type StoredDocument } from '../model/execution.js';
import type { LifecycleContext } from './context.js';
import { ConflictError, DuplicateExecutionError } from './errors.js';
import { newExecutionDocument } from './new-execution.js';
import { duplicateKey, findActive, findByExecutionId, findCompletedSince } from './store.js';
import type { EnqueueInput, EnqueueResult } from './types.js';
import { assertMayEnqueue } from './within.js';
import { readEnqueueInput, type ValidEnqueueInput } from './validation.js';

/** How often the insert is tried again because the execution that stood in its way had settled when it was looked up. */
const ATTEMPTS = 10;

function duplicateExecution(existing: StoredDocument): DuplicateExecutionError {
  const execution = toExecution(existing);
  return new DuplicateExecutionError(`An execution "${execution.executionId}" exists already.`, execution);
}

/** A duplicate that is known before inserting: none in `index` mode without a window, for the index decides. */
async function findDuplicate(context: LifecycleContext, input: ValidEnqueueInput): Promise<StoredDocument | null> {
  const { taskId, executionId, dedupWithinMs } = input;
  const inspected = dedupWithinMs !== undefined || context.deduplication() === 'check';
  if (!inspected) return null;
  if (executionId !== undefined) {
    const existing = await findByExecutionId(context, executionId);
    if (existing !== null) throw duplicateExecution(existing);
  }
  // Active first: an execution that completes between the two reads is seen by the second.
  const active = await findActive(context, taskId);
  if (active !== null || dedupWithinMs === undefined) return active;
  const since = new Date(Math.max(context.clock().getTime() - dedupWithinMs, 0));
  return findCompletedSince(context, taskId, since);
}

/** The new document, or what the database had against it: null for a duplicate that is gone by now. */
type Inserted = { readonly document: StoredDocument } | { readonly inTheWay: StoredDocument | null };

function isSameId(ours: mongoose.Types.ObjectId, theirs: unknown): boolean {
  return theirs instanceof mongoose.Types.ObjectId && ours.equals(theirs);
}

async function insert(context: LifecycleContext, input: ValidEnqueueInput): Promise<Inserted> {
  const now = context.clock();
  const executionId = input.executionId ?? context.newId();
  const document = newExecutionDocument({
    ...input,
    executionId,
    enqueuedAt: input.enqueuedAt ?? now,
    createdAt: now,
    retryCount: 0,
  });
  try {
    await context.documents.insertOne(document, { ignoreUndefined: true });
    return { document };
  } catch (error) {
    const duplicate = duplicateKey(error);
    if (duplicate === null) throw error;
    const sameId = await findByExecutionId(context, executionId);
    // The driver repeats a write whose acknowledgement was lost: what is in the way may be this very insert.
    if (sameId !== null && isSameId(document._id, sameId['_id'])) return { document: sameId };
    if (sameId !== null && input.executionId !== undefined) throw duplicateExecution(sameId);
    return { inTheWay: await findActive(context, input.taskId) };
  }
}

/**
 * – → queued. While an execution of the task is active, nothing is written and that execution is the answer.
 * An executionId that exists is refused even if it is the active execution's.
 */
export async function enqueue(context: LifecycleContext, given: EnqueueInput): Promise<EnqueueResult> {
  const input = readEnqueueInput(given);
  assertMayEnqueue(context, input.queueName);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const duplicate = await findDuplicate(context, input);
    if (duplicate !== null) return { execution: toExecution(duplicate), deduplicated: true };
    const outcome = await insert(context, input);
    if ('document' in outcome) {
      const execution = toExecution(outcome.document);
      const { executionId, taskId, queueName } = execution;
      context.log.debug({ move: 'enqueueTask', executionId, taskId, queueName }, 'enqueued');
      return { execution, deduplicated: false };
    }
    if (outcome.inTheWay !== null) return { execution: toExecution(outcome.inTheWay), deduplicated: true };
  }
  throw new ConflictError(
    `Executions of "${input.taskId}" came and settled while this one was being enqueued; ask again.`,
    null,
    ['taskId'],
  );
}
