'use strict';

/**
 * A worker that has never heard of TaskTracker: it keeps its queue in the collection with the original model, makes
 * tasks, works on them and retries them. What it is told and tells: see src/demo/worker-messages.ts.
 */

const { createHash } = require('node:crypto');
const fs = require('node:fs/promises');
const { setTimeout: delay } = require('node:timers/promises');

const mongoose = require('mongoose');

const { createTaskTracker, TaskTrackerStatus } = require('./model/task_tracker.js');
const queue = require('./queue.js');
const { deliverDigest, toWorkError } = require('./work.js');

const MAX_RETRIES = 2;
const RETRY_WAIT_MS = 2_000;
const PAUSE_MS = 150;
/** How long this process goes on when the one that started it is gone. */
const ORPHAN_MS = 2_000;
/** One user in so many has mistyped the address; one file in so many is gone before it is read. */
const BAD_ADDRESS_EVERY = 23;
const MISSING_FILE_EVERY = 17;

const stopping = new AbortController();
const pause = (ms) => delay(ms, undefined, { signal: stopping.signal }).catch(() => undefined);

function notification(file, turn, run) {
  const hash = createHash('sha256').update(`${run} ${turn} ${file}`).digest('hex');
  const userId = `userId${100 + (parseInt(hash.slice(0, 6), 16) % 900)}`;
  return {
    taskId: `notifications:${userId}:EMAIL:${hash.slice(0, 8)}`,
    maxRetries: MAX_RETRIES,
    metadata: {
      userId,
      notificationType: 'EMAIL',
      recipientEmail: turn % BAD_ADDRESS_EVERY === 3 ? `${userId}@` : `${userId}@example.org`,
      file: turn % MISSING_FILE_EVERY === 6 ? `${file}.moved` : file,
    },
  };
}

async function produce(TaskTracker, { queueName, fileList, rate }) {
  const files = JSON.parse(await fs.readFile(fileList, 'utf8'));
  const run = `${process.pid}-${Date.now()}`;
  for (let turn = 1; !stopping.signal.aborted; turn++) {
    await queue.enqueue(TaskTracker, { ...notification(files[turn % files.length], turn, run), queueName });
    await pause(1000 / rate);
  }
}

async function work(TaskTracker, settings, retries) {
  while (!stopping.signal.aborted) {
    const task = await queue.claimNext(TaskTracker, settings.queueName);
    if (!task) {
      await pause(PAUSE_MS);
      continue;
    }
    report('started', task);
    try {
      await deliverDigest(task.metadata, settings);
      await queue.complete(task);
    } catch (error) {
      await queue.fail(task, toWorkError(error));
      if (task.status === TaskTrackerStatus.FAILED) retries.add(TaskTracker, task);
    }
    report('settled', task);
  }
}

/** Retries that wait for their time. They are lost with the process: then somebody else has to see to them. */
class Retries {
  #timers = new Set();

  constructor(onError) {
    this.onError = onError;
  }

  add(TaskTracker, task) {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      queue.retry(TaskTracker, task).catch(this.onError);
    }, RETRY_WAIT_MS * 2 ** task.retryCount);
    this.#timers.add(timer);
  }

  clear() {
    for (const timer of this.#timers) clearTimeout(timer);
  }
}

function report(kind, task) {
  if (process.connected) process.send({ kind, executionId: task.executionId, long: false });
}

async function run(settings) {
  const crash = (error) => {
    if (!stopping.signal.aborted) {
      process.stderr.write(`old worker ${process.pid}: ${error}\n`);
      process.exitCode = 1;
    }
    stopping.abort();
  };
  const retries = new Retries(crash);
  try {
    await mongoose.connect(settings.uri, { appName: 'tasktracker-old-worker', serverSelectionTimeoutMS: 15_000 });
    const TaskTracker = createTaskTracker(mongoose);
    await TaskTracker.init();
    await Promise.all([produce(TaskTracker, settings).catch(crash), work(TaskTracker, settings, retries).catch(crash)]);
  } catch (error) {
    crash(error);
  }
  retries.clear();
  await mongoose.disconnect();
  if (process.connected) process.disconnect();
}

process.on('SIGINT', () => undefined);
process.on('SIGHUP', () => undefined);
process.on('SIGTERM', () => stopping.abort());
process.on('disconnect', () => {
  stopping.abort();
  // The database goes with whoever started both: what is in flight gets no answer.
  setTimeout(() => process.exit(), ORPHAN_MS).unref();
});
process.on('message', (message) => {
  if (message.kind === 'stop') stopping.abort();
  else void run(message.settings);
});
