import mongoose, { type mongo } from 'mongoose';

import { ACTIVE_STATUSES, TaskStatus } from '../model/status.js';
import { scopeCondition } from '../queries/scope.js';
import type { StoredDocument } from '../model/execution.js';
import type { LifecycleContext } from './context.js';

/** Decisions are made on what the primary says, whatever the connection string prefers for reads. */
const PRIMARY = { readPreference: 'primary' } as const;

const DUPLICATE_KEY = 11_000;
const MAX_DATE_MS = 8.64e15;

export interface InSession {
  readonly session?: mongo.ClientSession | undefined;
}

function options({ session }: InSession) {
  return session === undefined ? PRIMARY : { session };
}

/** What a move within a scope may be of. */
function moved({ scope }: LifecycleContext): mongo.Document {
  return scope === null ? {} : scopeCondition(scope);
}

/** The execution that is to be moved: of the scope. */
export function findMoved(context: LifecycleContext, executionId: string, within: InSession = {}): Promise<StoredDocument | null> {
  return context.documents.findOne({ executionId, ...moved(context) }, options(within));
}

/** Of any queue: no two executions have one id. */
export function findByExecutionId(
  { documents }: LifecycleContext,
  executionId: string,
  within: InSession = {},
): Promise<StoredDocument | null> {
  return documents.findOne({ executionId }, options(within));
}

/** An execution of the task that is queued or processing. */
export function findActive(
  { documents }: LifecycleContext,
  taskId: string,
  within: InSession = {},
): Promise<StoredDocument | null> {
  return documents.findOne({ taskId, status: { $in: [...ACTIVE_STATUSES] } }, options(within));
}

/** The newest execution of the task that completed at `since` or later. */
export function findCompletedSince(
  { documents }: LifecycleContext,
  taskId: string,
  since: Date,
): Promise<StoredDocument | null> {
  return documents.findOne(
    { taskId, status: TaskStatus.COMPLETED, completedAt: { $gte: since } },
    { ...PRIMARY, sort: { completedAt: -1 } },
  );
}

/** The newest execution of the task that was created after `instant`. */
export function findCreatedAfter(
  { documents }: LifecycleContext,
  taskId: string,
  instant: Date,
  within: InSession = {},
): Promise<StoredDocument | null> {
  return documents.findOne({ taskId, createdAt: { $gt: instant } }, { ...options(within), sort: { createdAt: -1 } });
}

/** A value for an update pipeline that is written as it is, never read as an expression or a field path. */
export function literal(value: unknown): mongo.Document {
  return { $literal: value };
}

/** Later than what the document holds even where this machine's clock is behind, so that `updatedAt` always advances. */
function advanced(now: Date): mongo.Document {
  return {
    $cond: [
      { $eq: [{ $type: '$updatedAt' }, 'date'] },
      { $max: [literal(now), { $add: ['$updatedAt', literal(1)] }] },
      literal(now),
    ],
  };
}

/** What every move writes: the fields (aggregation expressions), and `updatedAt`. */
export function moveUpdate(set: mongo.Document, now: Date): mongo.Document[] {
  return [{ $set: { ...set, updatedAt: advanced(now) } }];
}

/**
 * One conditional write: sets the fields (each an aggregation expression) on the execution with this id
 * if it stands in one of `from` and is of the scope, and returns the document as this write left it; null where the condition did not hold.
 */
export function updateIfIn(
  context: LifecycleContext,
  executionId: string,
  from: readonly TaskStatus[],
  set: mongo.Document,
  now: Date,
  within: InSession = {},
): Promise<StoredDocument | null> {
  return context.documents.findOneAndUpdate(
    { executionId, status: { $in: [...from] }, ...moved(context) },
    moveUpdate(set, now),
    { returnDocument: 'after', ...within },
  );
}

/** The earliest instant that is not before `now` and comes after `other`: attempts of a task keep their order by createdAt. */
export function nowButAfter(now: Date, other: Date): Date {
  return new Date(Math.min(Math.max(now.getTime(), other.getTime() + 1), MAX_DATE_MS));
}

export interface DuplicateKey {
  /** Whether the index that refused contains this field. */
  on(field: string): boolean;
}

/** What a duplicate key error says, or null for any other error. */
export function duplicateKey(error: unknown): DuplicateKey | null {
  if (!(error instanceof mongoose.mongo.MongoServerError) || error.code !== DUPLICATE_KEY) return null;
  const pattern: unknown = error['keyPattern'];
  return { on: (field) => typeof pattern === 'object' && pattern !== null && field in pattern };
}
