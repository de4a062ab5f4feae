import mongoose, { type mongo } from 'mongoose';

import { TaskStatus } from '../model/status.js';

export interface NewExecution {
  readonly taskId: string;
  readonly executionId: string;
  readonly queueName: string;
  readonly messageVersion: string;
  readonly maxRetries: number;
  readonly metadata: unknown;
  readonly enqueuedAt: Date;
  readonly createdAt: Date;
  readonly retryCount: number;
  readonly lastRetryAt?: Date | undefined;
}

/** The document of a queued execution, with its `_id` and `__v`, as the original model would have saved it. */
export function newExecutionDocument(fields: NewExecution): mongo.Document & { _id: mongoose.Types.ObjectId } {
  const { taskId, executionId, queueName, messageVersion, enqueuedAt, retryCount, maxRetries } = fields;
  const { lastRetryAt, metadata, createdAt } = fields;
  return {
    _id: new mongoose.Types.ObjectId(),
    taskId,
    executionId,
    queueName,
    messageVersion,
    status: TaskStatus.QUEUED,
    enqueuedAt,
    retryCount,
    maxRetries,
    ...(lastRetryAt === undefined ? {} : { lastRetryAt }),
    metadata,
    createdAt,
    updatedAt: createdAt,
    __v: 0,
  };
}
