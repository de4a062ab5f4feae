import type { mongo } from 'mongoose';

import type { AuditAction, AuditRecord } from '../audit/types.js';
import { ErrorCategory } from '../model/error-category.js';
import { type Execution, type StoredDocument, toExecution } from '../model/execution.js';
import { type Move, MOVES } from '../model/moves.js';
import { isTaskStatus, type ShownStatus, TaskStatus } from '../model/status.js';
import type { LifecycleContext } from './context.js';
import { archival, deadLettering } from './dead-letters.js';
import { MoveRefusedError } from './errors.js';
import { retryInSession } from './retry.js';
import { failure } from './settle.js';
import { moveUpdate } from './store.js';

/** Who has many executions moved, why, and in which transaction. */
export interface ManyOrder {
  readonly session: mongo.ClientSession;
  readonly actor: string;
  readonly reason: string | undefined;
  readonly operationId: string | undefined;
  /** Whether each move is written down by itself. */
  readonly recorded: boolean;
}

export interface ManyResult {
  readonly moved: number;
  /** One for each execution that was not. */
  readonly refusals: readonly MoveRefusedError[];
}

/** What was read in the transaction was not what was written in it: another writer came between, and all is tried again. */
export class ChunkRacedError extends Error {
  override name = 'ChunkRacedError';
}

/** Moves many, each in the same conditional write, that were read in the same transaction and stood where the move begins. */
export type ManyMove = (context: LifecycleContext, documents: readonly StoredDocument[], order: ManyOrder) => Promise<ManyResult>;

const NONE_REFUSED: readonly MoveRefusedError[] = Object.freeze([]);

function idsOf(documents: readonly StoredDocument[]): mongo.ObjectId[] {
  return documents.map(({ _id }) => _id as mongo.ObjectId);
}

function allOrNone(expected: number, found: number): void {
  if (found !== expected) throw new ChunkRacedError(`${expected} executions were read and ${found} written`);
}

async function record(
  { audit }: LifecycleContext,
  executions: readonly Execution[],
  { session, actor, reason, operationId, recorded }: ManyOrder,
  how: { readonly at: Date; readonly action: AuditAction; readonly after: (execution: Execution) => ShownStatus | undefined },
): Promise<void> {
  if (!recorded || audit === null) return;
  const { at, action, after } = how;
  const records = executions.map((execution): AuditRecord => {
    const { executionId, taskId, queueName, status } = execution;
    return { at, actor, action, executionId, taskId, queueName, reason, before: status, after: after(execution), operationId };
  });
  await audit.record(records, session);
}

async function move(
  context: LifecycleContext,
  { from, to }: Pick<Move, 'from' | 'to'>,
  action: AuditAction,
  documents: readonly StoredDocument[],
  order: ManyOrder,
  set: (now: Date) => mongo.Document,
): Promise<ManyResult> {
  if (documents.length === 0) return { moved: 0, refusals: NONE_REFUSED };
  const { session } = order;
  const at = context.clock();
  const ids = { _id: { $in: idsOf(documents) } };
  const { matchedCount } = await context.documents.updateMany({ ...ids, status: { $in: [...from] } }, moveUpdate(set(at), at), { session });
  allOrNone(documents.length, matchedCount);
  let after = (_execution: Execution): ShownStatus | undefined => to[0]?.status;
  if (to.length > 1 && order.recorded && context.audit !== null) {
    const written = await context.documents.find(ids, { session, projection: { status: 1 } }).toArray();
    const statuses = new Map(written.map(({ _id, status }) => [String(_id), status]));
    after = ({ _id }) => {
      const status = statuses.get(String(_id));
      return isTaskStatus(status) ? status : undefined;
    };
  }
  await record(context, documents.map(toExecution), order, { at, action, after });
  return { moved: documents.length, refusals: NONE_REFUSED };
}

/** dlq → archived. The reason must be given. */
export const archiveMany: ManyMove = (context, documents, order) =>
  move(context, MOVES.archiveTask, 'ARCHIVE', documents, order, (now) => archival(now, order.reason ?? '', order.actor));

/** failed → dlq. */
export const deadLetterMany: ManyMove = (context, documents, order) => move(context, MOVES.moveTaskToDlq, 'MOVE_TO_DLQ', documents, order, deadLettering);

/** processing → failed, or dlq where retries are exhausted, which the database decides. The reason is the errorMessage. */
export const failMany: ManyMove = (context, documents, order) =>
  move(context, MOVES.failTask, 'FAIL_STUCK', documents, order, (now) =>
    failure(now, { errorMessage: order.reason ?? '', errorCategory: ErrorCategory.INFRASTRUCTURE, errorStack: undefined, recoverable: true }),
  );

/** failed or dlq → a new queued execution each, one after the other: of two of one task the later finds the earlier one's. */
export const retryMany: ManyMove = async (context, documents, { session, actor, reason, operationId }) => {
  const refusals: MoveRefusedError[] = [];
  for (const document of documents) {
    const { executionId } = toExecution(document);
    try {
      await retryInSession(context, { executionId, reason, actor, operationId }, session);
    } catch (error) {
      if (!(error instanceof MoveRefusedError)) throw error;
      refusals.push(error);
    }
  }
  return { moved: documents.length - refusals.length, refusals };
};

/**
 * Deletes settled executions, and with each the failed attempts of its task that came before it in the same queue: once
 * what superseded them is gone they would pass for failures that nobody has dealt with.
 */
export const deleteMany: ManyMove = async (context, documents, order) => {
  if (documents.length === 0) return { moved: 0, refusals: NONE_REFUSED };
  const { session } = order;
  const settled = documents.map(toExecution);
  const { deletedCount } = await context.documents.deleteMany({ _id: { $in: idsOf(documents) }, status: { $in: documents.map(({ status }) => status) } }, { session });
  allOrNone(documents.length, deletedCount);
  const earlier = await precedingFailures(context, settled, session);
  if (earlier.length > 0) {
    const removed = await context.documents.deleteMany({ _id: { $in: idsOf(earlier) }, status: TaskStatus.FAILED }, { session });
    allOrNone(earlier.length, removed.deletedCount);
  }
  await record(context, [...settled, ...earlier.map(toExecution)], order, { at: context.clock(), action: 'DELETE', after: () => undefined });
  return { moved: documents.length, refusals: NONE_REFUSED };
};

async function precedingFailures({ documents }: LifecycleContext, settled: readonly Execution[], session: mongo.ClientSession): Promise<StoredDocument[]> {
  const latest = new Map<string, Execution>();
  for (const execution of settled) {
    const key = JSON.stringify([execution.taskId, execution.queueName]);
    const known = latest.get(key);
    if (known === undefined || known.createdAt < execution.createdAt) latest.set(key, execution);
  }
  const taskIds = [...new Set(settled.map(({ taskId }) => taskId))];
  const failed = await documents.find({ taskId: { $in: taskIds }, status: TaskStatus.FAILED }, { session }).toArray();
  return failed.filter((document) => {
    const { taskId, queueName, createdAt } = toExecution(document);
    const after = latest.get(JSON.stringify([taskId, queueName]));
    return after !== undefined && createdAt < after.createdAt;
  });
}
