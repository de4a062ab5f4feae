import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createLifecycle } from '../../../src/lifecycle/lifecycle.js';
import type { Lifecycle } from '../../../src/lifecycle/types.js';
import { toExecution, type StoredDocument } from '../../../src/model/execution.js';
import { TASK_STATUSES, TaskStatus } from '../../../src/model/status.js';
import { createTaskTrackerModel, type TaskTrackerModel } from '../../../src/model/task-tracker.js';
import { freshDatabase, silentLogger, type FreshDatabase } from '../../support/database.js';
import { startOldWorker, type OldWorker } from './old-model.js';

const MINUTE_MS = 60_000;

let database: FreshDatabase;
let ours: TaskTrackerModel;
let old: OldWorker;
let lifecycle: Lifecycle;

beforeAll(async () => {
  database = await freshDatabase();
  ours = createTaskTrackerModel(database.connection);
  await ours.createIndexes();
  old = startOldWorker(database.uri);
  await old.started;
  lifecycle = createLifecycle({ model: ours, deduplication: () => 'index', log: silentLogger() });
});
afterAll(async () => {
  await old.close();
  await database.close();
});

/** A document as data: ids as text, since the two driver versions have different classes for them. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const raw = async (executionId: string): Promise<StoredDocument> => (await ours.collection.findOne({ executionId })) ?? {};

describe('documents', () => {
  it('of the old model are regular executions to us', async () => {
    await old.model.create({ taskId: ' jobs:1 ', executionId: 'by-old', queueName: 'jobs', metadata: { a: [1] }, retryCount: 1 });
    const execution = toExecution(await raw('by-old'));
    expect(execution).toMatchObject({
      taskId: 'jobs:1', status: 'queued', messageVersion: '1.0', retryCount: 1, maxRetries: 5, metadata: { a: [1] }, irregularities: [],
    }); // prettier-ignore
  });

  it('of the old model without metadata are shown with empty ones', async () => {
    await old.model.create({ taskId: 'jobs:2', executionId: 'no-metadata', queueName: 'jobs' });
    expect(toExecution(await raw('no-metadata'))).toMatchObject({ metadata: {}, irregularities: [] });
  });

  it('of ours are valid to the old model, which saves them', async () => {
    const { execution } = await lifecycle.enqueue({ taskId: 'jobs:3', queueName: 'jobs', metadata: { deep: { x: null } } });
    const found = await old.model.findOne({ executionId: execution.executionId }).orFail();
    await found.validate();
    expect(plain(found.toObject())).toMatchObject({ taskId: 'jobs:3', status: 'queued', metadata: { deep: { x: null } }, retryCount: 0 });
    found.status = TaskStatus.PROCESSING;
    found.processingStartedAt = new Date();
    await found.save();
    expect(toExecution(await raw(execution.executionId))).toMatchObject({ status: 'processing', irregularities: [] });
  });

  it('saved by either model have the same fields', async () => {
    const fields = { queueName: 'jobs', metadata: { a: 1 } };
    await old.model.create({ ...fields, taskId: 'same:1', executionId: 'same-old' });
    await ours.create({ ...fields, taskId: 'same:2', executionId: 'same-ours' });
    await lifecycle.enqueue({ ...fields, taskId: 'same:3', executionId: 'same-lifecycle' });
    const fieldsOf = async (executionId: string) => Object.keys(await raw(executionId)).sort();
    expect(await fieldsOf('same-ours')).toEqual(await fieldsOf('same-old'));
    expect(await fieldsOf('same-lifecycle')).toEqual(await fieldsOf('same-old'));
  });

  it('go through one life in both hands', async () => {
    const worker = await old.model.create({ taskId: 'life:1', executionId: 'life', queueName: 'jobs', maxRetries: 1, metadata: { a: 1 } });
    expect(await lifecycle.enqueue({ taskId: 'life:1', queueName: 'jobs' })).toMatchObject({ deduplicated: true, execution: { executionId: 'life' } });
    await lifecycle.start('life');
    await old.model.updateOne({ _id: worker._id }, { $set: { status: 'failed', failedAt: new Date(), errorMessage: 'no' } });
    const { execution } = await lifecycle.retry({ executionId: 'life' }, { name: 'ann' });
    const second = await old.model.findOne({ executionId: execution.executionId }).orFail();
    expect([second.retryCount, second.maxRetries, second.canRetry(), second.status]).toEqual([1, 1, false, 'queued']);
    await expect(old.model.create({ taskId: 'life:1', executionId: 'third', queueName: 'jobs' })).rejects.toMatchObject({ code: 11_000 });
    expect((await old.model.findRetryChain('life:1')).map((each) => each.executionId)).toEqual(['life', execution.executionId]);
  });
});

describe('updatedAt through our model', () => {
  const touched = {
    save: async () => {
      const document = await ours.findOne({ executionId: 'touched' }).orFail();
      document.retryCount += 1;
      await document.save();
    },
    updateOne: () => ours.updateOne({ executionId: 'touched' }, { $set: { retryCount: 1 } }),
    'updateOne without an operator': () => ours.updateOne({ executionId: 'touched' }, { retryCount: 1 }),
    updateMany: () => ours.updateMany({ executionId: 'touched' }, { $inc: { retryCount: 1 } }),
    findOneAndUpdate: () => ours.findOneAndUpdate({ executionId: 'touched' }, { $inc: { retryCount: 1 } }),
  };

  it.each(Object.entries(touched))('advances on %s', async (_name, write) => {
    await ours.collection.deleteMany({ executionId: 'touched' });
    const updatedAt = new Date(Date.now() - MINUTE_MS);
    await ours.collection.insertOne({ executionId: 'touched', taskId: 'touched', queueName: 'jobs', status: 'completed', retryCount: 0, updatedAt });
    await write();
    const after = await raw('touched');
    expect(after['retryCount']).toBe(1);
    expect((after['updatedAt'] as Date).getTime()).toBeGreaterThan(updatedAt.getTime());
  });

  it('stands still on an updateOne of the old model, which has no hook for it', async () => {
    const updatedAt = new Date(Date.now() - MINUTE_MS);
    await ours.collection.insertOne({ executionId: 'still', taskId: 'still', queueName: 'jobs', status: 'queued', updatedAt });
    await old.model.updateOne({ executionId: 'still' }, { $set: { status: 'processing' } });
    expect((await raw('still'))['updatedAt']).toEqual(updatedAt);
    expect((await lifecycle.complete('still')).execution.updatedAt.getTime()).toBeGreaterThan(updatedAt.getTime());
  });
});

describe('methods and statics', () => {
  const QUEUE = 'compared';
  const now = Date.now();

  beforeAll(async () => {
    const documents = TASK_STATUSES.flatMap((status, statusIndex) =>
      [0, 10, 29, 31, 120].map((minutes, index) => ({
        taskId: `compared:${index % 3}-${status}`,
        executionId: `compared-${status}-${index}`,
        queueName: QUEUE,
        status,
        retryCount: index,
        maxRetries: statusIndex,
        createdAt: new Date(now - minutes * MINUTE_MS),
        // One active execution of a task at most; the others of it have settled.
        ...(['queued', 'processing'].includes(status) ? { taskId: `compared:${status}-${index}` } : {}),
        ...(status === 'queued' ? {} : { processingStartedAt: new Date(now - minutes * MINUTE_MS) }),
      })),
    );
    await old.model.insertMany(documents);
    await old.model.collection.insertOne({ taskId: 'compared:none', executionId: 'never-started', queueName: QUEUE, status: 'processing' });
  });

  it('canRetry and isStuck give the same answers', async () => {
    const answers = (model: TaskTrackerModel) => async () => {
      const documents = await model.find({ queueName: QUEUE }).sort({ executionId: 1 });
      return documents.map((each) => [each.executionId, each.canRetry(), each.isStuck(), each.isStuck(5 * MINUTE_MS)]);
    };
    const theirs = await answers(old.model)();
    expect(await answers(ours)()).toEqual(theirs);
    expect(theirs).toHaveLength(31);
    expect(new Set(theirs.map(([, ...each]) => each.join())).size).toBeGreaterThan(3);
  });

  it('findRetryChain gives the same attempts in the same order', async () => {
    for (const taskId of ['compared:0-failed', 'compared:2-dlq', 'compared:nobody']) {
      expect(plain(await ours.findRetryChain(taskId))).toEqual(plain(await old.model.findRetryChain(taskId)));
    }
    expect(await ours.findRetryChain('compared:0-failed')).toHaveLength(2);
  });

  it('findStuckTasks gives the same executions', async () => {
    for (const timeoutMs of [undefined, 5 * MINUTE_MS, 24 * 60 * MINUTE_MS]) {
      const found = plain(await ours.findStuckTasks(QUEUE, timeoutMs));
      expect(found).toEqual(plain(await old.model.findStuckTasks(QUEUE, timeoutMs)));
    }
    expect(await ours.findStuckTasks(QUEUE)).toHaveLength(2);
  });

  it('getQueueStats gives the same counts', async () => {
    for (const queueName of [QUEUE, 'nobody']) expect(await ours.getQueueStats(queueName)).toEqual(await old.model.getQueueStats(queueName));
    expect(await ours.getQueueStats(QUEUE)).toEqual({ queued: 5, processing: 6, completed: 5, failed: 5, dlq: 5, archived: 5 });
  });

  it('of ours take no operator for a name', async () => {
    const operator = { $gt: '' } as unknown as string;
    expect(await ours.findRetryChain(operator)).toEqual([]);
    expect(await ours.findStuckTasks(operator)).toEqual([]);
    expect(Object.values(await ours.getQueueStats(operator)).every((count) => count === 0)).toBe(true);
  });

  it('of ours count a queue with strange statuses without a crash', async () => {
    for (const [index, status] of [null, 7, 'paused', 'QUEUED', 'constructor', '__proto__'].entries()) {
      await ours.collection.insertOne({ taskId: `odd:${index}`, executionId: `odd-${index}`, queueName: 'odd', status });
    }
    const stats = await ours.getQueueStats('odd');
    expect(Object.keys(stats)).toEqual([...TASK_STATUSES]);
    expect(stats).toMatchObject({ processing: 0, completed: 0, failed: 0, dlq: 0, archived: 0 });
  });
});
