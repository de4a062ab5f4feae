import type { mongo } from 'mongoose';

import { toExecution, type Execution, type StoredDocument } from '../model/execution.js';
import { MANUAL_RETRY_REASON, MOVES, outcomeOf } from '../model/moves.js';
import { TaskStatus } from '../model/status.js';
import type { LifecycleContext } from './context.js';
import { archival } from './dead-letters.js';
import { ConflictError, InvalidTransitionError, RetriesExhaustedError } from './errors.js';
import { newExecutionDocument } from './new-execution.js';
import { notFound, refusedByStatus } from './refusal.js';
import { duplicateKey, findActive, findCreatedAfter, findMoved, nowButAfter, updateIfIn } from './store.js';
import { inTransaction } from './transaction.js';
import type { Actor, RetryInput, RetryResult } from './types.js';
import { readActor, readRetryInput } from './validation.js';

export interface RetryRequest {
  readonly executionId: string;
  readonly reason: string | undefined;
  readonly actor: string;
  /** The bulk operation that it is part of. */
  readonly operationId?: string | undefined;
}

function activeInTheWay(taskId: string, active: Execution | null): ConflictError {
  const which = active === null ? 'Another execution' : `Execution "${active.executionId}" (${active.status})`;
  return new ConflictError(`${which} of "${taskId}" is active; nothing was retried.`, active);
}

function wasRetried(execution: Execution): boolean {
  return (
    execution.status === TaskStatus.ARCHIVED && (execution.archivedReason ?? '').startsWith(MANUAL_RETRY_REASON)
  );
}

/** The stored names that a new attempt carries over as they are; refused where they are not there to carry. */
function identityOf(document: StoredDocument, execution: Execution): { taskId: string; queueName: string } {
  const { taskId, queueName } = document;
  if (typeof taskId === 'string' && taskId !== '' && typeof queueName === 'string' && queueName !== '') {
    return { taskId, queueName };
  }
  throw new InvalidTransitionError(
    `"${execution.executionId}" cannot be retried: its document lacks a taskId or a queueName.`,
    execution,
  );
}

async function refuseSuperseded(
  context: LifecycleContext,
  previous: Execution,
  taskId: string,
  session: mongo.ClientSession,
): Promise<void> {
  const newer = await findCreatedAfter(context, taskId, previous.createdAt, { session });
  if (newer === null) return;
  const latest = toExecution(newer);
  throw new ConflictError(
    `"${previous.executionId}" is not the latest attempt of "${taskId}": "${latest.executionId}" (${latest.status}) is. ` +
      'Retry that one, or move this one to the dead-letter queue and retry it from there.',
    latest,
  );
}

/** The retry itself, in a transaction of the caller's. Refusals are thrown before anything is written. */
export async function retryInSession(
  context: LifecycleContext,
  request: RetryRequest,
  session: mongo.ClientSession,
): Promise<RetryResult> {
  const { executionId } = request;
  const stored = await findMoved(context, executionId, { session });
  if (stored === null) throw notFound(executionId);
  const previous = toExecution(stored);
  const outcome = outcomeOf(MOVES.retryTask, previous.status);
  if (outcome.kind !== 'allowed') {
    if (wasRetried(previous)) throw new ConflictError(`"${executionId}" has been retried already.`, previous);
    throw refusedByStatus(MOVES.retryTask, outcome.kind === 'refused' ? outcome.code : 'INVALID_TRANSITION', previous);
  }
  const { taskId, queueName } = identityOf(stored, previous);
  const active = await findActive(context, taskId, { session });
  if (active !== null) throw activeInTheWay(taskId, toExecution(active));
  const fromDeadLetters = previous.status === TaskStatus.DLQ;
  if (!fromDeadLetters) {
    await refuseSuperseded(context, previous, taskId, session);
    if (previous.retryCount >= previous.maxRetries) {
      throw new RetriesExhaustedError(
        `"${executionId}" has used ${previous.retryCount} of ${previous.maxRetries} retries; move it to the dead-letter queue and retry from there for a fresh budget.`,
        previous,
      );
    }
  }

  const now = context.clock();
  const reason = request.reason === undefined ? MANUAL_RETRY_REASON : `${MANUAL_RETRY_REASON}: ${request.reason}`;
  // A failed execution stays as it is, but is written all the same: of two retries at once, one meets a write conflict.
  const set = fromDeadLetters ? archival(now, reason, request.actor) : {};
  const from = fromDeadLetters ? TaskStatus.DLQ : TaskStatus.FAILED;
  const settled = await updateIfIn(context, executionId, [from], set, now, { session });
  if (settled === null) throw new ConflictError(`"${executionId}" changed while it was being retried.`, previous);
  const document = newExecutionDocument({
    taskId,
    queueName,
    executionId: context.newId(),
    messageVersion: previous.messageVersion,
    maxRetries: previous.maxRetries,
    metadata: stored['metadata'] ?? {},
    enqueuedAt: now,
    createdAt: nowButAfter(now, previous.createdAt),
    retryCount: fromDeadLetters ? 0 : previous.retryCount + 1,
    lastRetryAt: now,
  });
  await context.documents.insertOne(document, { session });
  const after = toExecution(settled);
  const record = { at: now, actor: request.actor, action: 'RETRY', executionId, taskId, queueName, reason: request.reason } as const;
  const { operationId } = request;
  await context.audit?.record([{ ...record, newExecutionId: document['executionId'] as string, before: previous.status, after: after.status, operationId }], session);
  return { execution: toExecution(document), previous: after };
}

/**
 * failed or dlq → a new queued execution, in one transaction with the change of the previous one. Of several callers
 * at once one succeeds; the others get ConflictError. `reason` is kept where the previous one is archived (from dlq).
 */
export async function retry(context: LifecycleContext, input: RetryInput, actor: Actor): Promise<RetryResult> {
  const request: RetryRequest = { ...readRetryInput(input), actor: readActor(actor).name };
  let result: RetryResult;
  try {
    result = await inTransaction(context.connection, (session) => retryInSession(context, request, session));
  } catch (error) {
    const duplicate = duplicateKey(error);
    if (duplicate === null || duplicate.on('executionId')) throw error;
    const taskId = await taskIdOf(context, request.executionId);
    const active = await findActive(context, taskId);
    throw activeInTheWay(taskId, active === null ? null : toExecution(active));
  }
  const { execution, previous } = result;
  context.log.debug(
    { move: 'retryTask', executionId: execution.executionId, previous: previous.executionId, taskId: execution.taskId },
    'retried',
  );
  return result;
}

async function taskIdOf(context: LifecycleContext, executionId: string): Promise<string> {
  const stored = await findMoved(context, executionId);
  return stored === null ? '' : toExecution(stored).taskId;
}
