import 'reflect-metadata';

import { buildSchema, index, modelOptions, pre, prop, Severity, type ReturnModelType } from '@typegoose/typegoose';
import type { Connection, HydratedDocument, Query } from 'mongoose';
import mongoose from 'mongoose';
import { Field, ID, Int, ObjectType } from 'type-graphql';

import { ErrorCategory } from './error-category.js';
import './graphql-enums.js';
import { OWN_INDEXES } from './indexes.js';
import { Node } from './node.js';
import { DateTime, JsonObject } from './scalars.js';
import { ShownStatus, TASK_STATUSES, TaskStatus } from './status.js';

export const MODEL_NAME = 'Task_Tracker';
export const COLLECTION_NAME = 'task_trackers';

/** How long an execution may process before it counts as stuck, unless the caller says otherwise: 30 minutes, in ms. */
export const DEFAULT_STUCK_TIMEOUT_MS = 30 * 60 * 1000;

function touch(this: Query<unknown, unknown>): void {
  this.set({ updatedAt: new Date() });
}

/**
 * One execution (attempt) of a task: the document in `task_trackers`, and the GraphQL type that shows it.
 *
 * The stored shape, defaults, indexes, methods and statics are those of the original JavaScript model, whose workers
 * write to the same collection. `taskId` is the business identity, stable across retries; `executionId` is one attempt.
 */
@pre<TaskTracker>('save', function (this: HydratedDocument<TaskTracker>) {
  this.updatedAt = new Date();
})
@pre<TaskTracker>(['updateOne', 'updateMany', 'findOneAndUpdate'], touch, { document: false, query: true })
@index({ taskId: 1, executionId: 1 }, { unique: true })
@index({ taskId: 1, status: 1, enqueuedAt: -1 })
@index({ queueName: 1, status: 1, enqueuedAt: -1 })
@index({ status: 1, processingStartedAt: 1 })
@index({ errorCategory: 1, failedAt: -1 })
@index({ taskId: 1, createdAt: 1 })
@index({ status: 1, updatedAt: -1 })
@modelOptions({
  options: { customName: MODEL_NAME, allowMixed: Severity.ALLOW },
  // Indexes are built by an explicit, reported step, never as a side effect of opening a connection.
  schemaOptions: { collection: COLLECTION_NAME, autoIndex: false, autoCreate: false },
})
@ObjectType('TaskTracker', {
  implements: Node,
  // What is stored is shown by its name: nothing has to be called for it.
  simpleResolvers: true,
  description:
    'One execution (attempt) of a task. All executions of a task share `taskId`; `executionId` names this one. ' +
    'A document that lacks fields or holds strange values is shown with defaults, and `irregularities` says so.',
})
export class TaskTracker extends Node {
  @Field(() => String, {
    description: 'Business identity, stable across retries: `{queueType}:{naturalKey}`, e.g. `jobs:12345:userId123:process`.',
  })
  @prop({ type: () => String, required: true, index: true, trim: true })
  taskId!: string;

  @Field(() => ID, { description: 'Identity of this attempt, a UUID v4 unless the producer gave its own. Unique over all executions.' })
  @prop({ type: () => String, required: true, unique: true, index: true, trim: true })
  executionId!: string;

  @Field(() => String, { description: 'Name of the queue that the task was put in, e.g. `partner_tasks`.' })
  @prop({ type: () => String, required: true, index: true, trim: true })
  queueName!: string;

  @Field(() => String, { description: "Version of the message's schema, so that it can evolve. Default `1.0`." })
  @prop({ type: () => String, default: '1.0', trim: true })
  messageVersion!: string;

  @Field(() => ShownStatus, { description: 'Where this execution stands.' })
  @prop({ type: () => String, enum: TASK_STATUSES, default: TaskStatus.QUEUED, required: true, index: true })
  status!: TaskStatus;

  @Field(() => DateTime, { description: 'When it was enqueued.' })
  @prop({ type: () => Date, required: true, default: Date.now, index: true })
  enqueuedAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When a worker started it; null until then.' })
  @prop({ type: () => Date, index: true })
  processingStartedAt?: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it completed; null unless it did.' })
  @prop({ type: () => Date })
  completedAt?: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it failed; null unless it did.' })
  @prop({ type: () => Date })
  failedAt?: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it was archived; null unless it was.' })
  @prop({ type: () => Date })
  archivedAt?: Date;

  @Field(() => Int, { description: 'Which retry this attempt is: 0 for the first attempt.' })
  @prop({ type: () => Number, default: 0, index: true })
  retryCount!: number;

  @Field(() => Int, { description: 'How many retries the task may have. Default 5.' })
  @prop({ type: () => Number, default: 5 })
  maxRetries!: number;

  @Field(() => DateTime, { nullable: true, description: 'When the retry that made this attempt was asked for; null for a first attempt.' })
  @prop({ type: () => Date })
  lastRetryAt?: Date;

  @Field(() => String, { nullable: true, description: 'What went wrong, in the words of the worker.' })
  @prop({ type: () => String })
  errorMessage?: string;

  @Field(() => ErrorCategory, { nullable: true, description: 'The class of what went wrong; null unless it failed.' })
  @prop({ type: () => String, enum: Object.values(ErrorCategory), index: true })
  errorCategory?: ErrorCategory;

  @prop({ type: () => String })
  errorStack?: string;

  @Field(() => JsonObject, { description: 'Domain data of the producer, e.g. `{"partnerCode": "SATLOC", "logId": "0222"}`. Never null; `{}` where there are none.' })
  @prop({ type: () => mongoose.Schema.Types.Mixed, default: {} })
  metadata!: Record<string, unknown>;

  @Field(() => String, { nullable: true, description: 'Why it was archived, e.g. `Manual retry initiated`.' })
  @prop({ type: () => String, trim: true })
  archivedReason?: string;

  @Field(() => String, { nullable: true, description: 'Who archived it: a user, or a process such as `system:retention`.' })
  @prop({ type: () => String, trim: true })
  archivedBy?: string;

  @Field(() => DateTime, { description: 'When the document was created.' })
  @prop({ type: () => Date, default: Date.now, index: true })
  createdAt!: Date;

  @Field(() => DateTime, { description: 'When the document was last written. The original JavaScript workers advance it on `save()` only.' })
  @prop({ type: () => Date, default: Date.now })
  updatedAt!: Date;

  /** Whether another attempt is within the budget. */
  canRetry(): boolean {
    return this.retryCount < this.maxRetries;
  }

  /** Whether it has been processing for longer than `timeoutMs` (default 30 minutes). */
  isStuck(timeoutMs: number = DEFAULT_STUCK_TIMEOUT_MS): boolean {
    if (this.status !== TaskStatus.PROCESSING || !this.processingStartedAt) return false;
    return Date.now() - this.processingStartedAt.getTime() > timeoutMs;
  }

  /** All executions of a task, oldest first by createdAt, as plain documents. */
  static async findRetryChain(this: TaskTrackerModel, taskId: string) {
    return this.find({ taskId: String(taskId) }).sort({ createdAt: 1 }).lean();
  }

  /** Executions of a queue that have been processing for longer than `timeoutMs`, as plain documents. */
  static async findStuckTasks(this: TaskTrackerModel, queueName: string, timeoutMs: number = DEFAULT_STUCK_TIMEOUT_MS) {
    const threshold = new Date(Date.now() - timeoutMs);
    return this.find({
      queueName: String(queueName),
      status: TaskStatus.PROCESSING,
      processingStartedAt: { $lt: threshold },
    }).lean();
  }

  /** How many executions of a queue stand in each of the six statuses. Cost grows with the queue. */
  static async getQueueStats(this: TaskTrackerModel, queueName: string): Promise<Record<TaskStatus, number>> {
    const rows = await this.aggregate<{ _id: unknown; count: number }>([
      { $match: { queueName: String(queueName) } },
      { $group: { _id: '$status', count: { $sum: 1 } } },
    ]);
    const counts = Object.fromEntries(TASK_STATUSES.map((status) => [status, 0])) as Record<TaskStatus, number>;
    for (const row of rows) {
      const status = String(row._id).toLowerCase();
      if (Object.hasOwn(counts, status)) counts[status as TaskStatus] = row.count;
    }
    return counts;
  }
}

export type TaskTrackerModel = ReturnModelType<typeof TaskTracker>;
export type TaskTrackerDocument = HydratedDocument<TaskTracker>;

/**
 * The model on this connection. Two connections have two models: nothing is kept globally.
 * The schema carries our own `tasktracker_*` indexes besides those of the original model.
 */
export function createTaskTrackerModel(connection: Connection): TaskTrackerModel {
  const existing = connection.models[MODEL_NAME];
  if (existing) return existing as unknown as TaskTrackerModel;
  const schema = buildSchema(TaskTracker);
  for (const { key, options } of OWN_INDEXES) schema.index(key, { ...options });
  return connection.model(MODEL_NAME, schema, COLLECTION_NAME) as unknown as TaskTrackerModel;
}
