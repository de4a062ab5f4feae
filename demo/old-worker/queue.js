'use strict';

/** How the original workers write: whole documents with save(), and updateOne where two may reach for the same one. */

const { randomUUID } = require('node:crypto');

const { TaskTrackerStatus } = require('./model/task_tracker.js');

const DUPLICATE_KEY = 11000;
const ACTIVE = [TaskTrackerStatus.QUEUED, TaskTrackerStatus.PROCESSING];

/** Look, then insert. The database may refuse what the look did not see: that is a duplicate too. */
async function enqueue(TaskTracker, fields) {
  if (await TaskTracker.findOne({ taskId: fields.taskId, status: { $in: ACTIVE } })) return null;
  const task = new TaskTracker({ ...fields, executionId: randomUUID(), status: TaskTrackerStatus.QUEUED });
  try {
    return await task.save();
  } catch (error) {
    if (error.code === DUPLICATE_KEY) return null;
    throw error;
  }
}

/** The longest-waiting task of the queue, now processing; null when there is none or somebody else took it. */
async function claimNext(TaskTracker, queueName) {
  const task = await TaskTracker.findOne({ queueName, status: TaskTrackerStatus.QUEUED }).sort({ enqueuedAt: 1 });
  if (!task) return null;
  const { modifiedCount } = await TaskTracker.updateOne(
    { _id: task._id, status: TaskTrackerStatus.QUEUED },
    { $set: { status: TaskTrackerStatus.PROCESSING, processingStartedAt: new Date() } },
  );
  return modifiedCount === 1 ? TaskTracker.findById(task._id) : null;
}

async function complete(task) {
  task.status = TaskTrackerStatus.COMPLETED;
  task.completedAt = new Date();
  await task.save();
}

async function fail(task, error) {
  const final = !error.recoverable || !task.canRetry();
  task.status = final ? TaskTrackerStatus.DLQ : TaskTrackerStatus.FAILED;
  task.failedAt = new Date();
  task.errorMessage = error.message;
  task.errorCategory = error.category;
  task.errorStack = error.stack;
  await task.save();
}

/** A new execution of the same task. */
function retry(TaskTracker, task) {
  return enqueue(TaskTracker, {
    taskId: task.taskId,
    queueName: task.queueName,
    messageVersion: task.messageVersion,
    retryCount: task.retryCount + 1,
    maxRetries: task.maxRetries,
    lastRetryAt: new Date(),
    metadata: task.metadata,
  });
}

module.exports = { enqueue, claimNext, complete, fail, retry };
