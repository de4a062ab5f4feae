'use strict';

/**
 * The original task tracker model, as workers that know nothing of TaskTracker use it: plain mongoose 8, CommonJS.
 * Do not improve it. Its schema, its indexes, its `next()` in the save hook and its lack of timestamps are what the
 * interoperability tests are about.
 */

const { Schema } = require('mongoose');

const MODEL_NAME = 'Task_Tracker';
const DEFAULT_STUCK_TIMEOUT_MS = 30 * 60 * 1000;

const TaskTrackerStatus = Object.freeze({
  QUEUED: 'queued',
  PROCESSING: 'processing',
  COMPLETED: 'completed',
  FAILED: 'failed',
  DLQ: 'dlq',
  ARCHIVED: 'archived',
});

const ErrorCategory = Object.freeze({
  TRANSIENT: 'transient',
  VALIDATION: 'validation',
  PROCESSING: 'processing',
  INFRASTRUCTURE: 'infrastructure',
  PARTNER_API: 'partner_api',
  UNKNOWN: 'unknown',
});

function createSchema() {
  const schema = new Schema({
    taskId: { type: String, required: true, index: true, trim: true },
    executionId: { type: String, required: true, unique: true, index: true, trim: true },
    queueName: { type: String, required: true, index: true, trim: true },
    messageVersion: { type: String, default: '1.0', trim: true },
    status: {
      type: String,
      enum: Object.values(TaskTrackerStatus),
      default: TaskTrackerStatus.QUEUED,
      required: true,
      index: true,
    },
    enqueuedAt: { type: Date, required: true, default: Date.now, index: true },
    processingStartedAt: { type: Date, index: true },
    completedAt: { type: Date },
    failedAt: { type: Date },
    archivedAt: { type: Date },
    retryCount: { type: Number, default: 0, index: true },
    maxRetries: { type: Number, default: 5 },
    lastRetryAt: { type: Date },
    errorMessage: { type: String },
    errorCategory: { type: String, enum: Object.values(ErrorCategory), index: true },
    errorStack: { type: String },
    metadata: { type: Schema.Types.Mixed, default: {} },
    archivedReason: { type: String, trim: true },
    archivedBy: { type: String, trim: true },
    createdAt: { type: Date, default: Date.now, index: true },
    updatedAt: { type: Date, default: Date.now },
  });

  schema.index({ taskId: 1, executionId: 1 }, { unique: true });
  schema.index({ taskId: 1, status: 1, enqueuedAt: -1 });
  schema.index({ queueName: 1, status: 1, enqueuedAt: -1 });
  schema.index({ status: 1, processingStartedAt: 1 });
  schema.index({ errorCategory: 1, failedAt: -1 });
  schema.index({ taskId: 1, createdAt: 1 });
  schema.index({ status: 1, updatedAt: -1 });

  schema.pre('save', function (next) {
    this.updatedAt = new Date();
    next();
  });

  schema.methods.canRetry = function () {
    return this.retryCount < this.maxRetries;
  };

  schema.methods.isStuck = function (timeoutMs = DEFAULT_STUCK_TIMEOUT_MS) {
    if (this.status !== TaskTrackerStatus.PROCESSING) return false;
    if (!this.processingStartedAt) return false;
    return Date.now() - this.processingStartedAt.getTime() > timeoutMs;
  };

  schema.statics.findRetryChain = async function (taskId) {
    return this.find({ taskId }).sort({ createdAt: 1 }).lean();
  };

  schema.statics.findStuckTasks = async function (queueName, timeoutMs = DEFAULT_STUCK_TIMEOUT_MS) {
    const threshold = new Date(Date.now() - timeoutMs);
    return this.find({
      queueName,
      status: TaskTrackerStatus.PROCESSING,
      processingStartedAt: { $lt: threshold },
    }).lean();
  };

  schema.statics.getQueueStats = async function (queueName) {
    const groups = await this.aggregate([
      { $match: { queueName } },
      { $group: { _id: '$status', count: { $sum: 1 } } },
    ]);
    const stats = { queued: 0, processing: 0, completed: 0, failed: 0, dlq: 0, archived: 0 };
    for (const group of groups) stats[group._id.toLowerCase()] = group.count;
    return stats;
  };

  return schema;
}

/** The model on a mongoose connection, or on the mongoose default connection when given `mongoose` itself. */
function createTaskTracker(connection) {
  return connection.model(MODEL_NAME, createSchema());
}

module.exports = { createTaskTracker, TaskTrackerStatus, ErrorCategory };
