import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { ANONYMOUS } from '../../../src/access/caller.js';
import { QueueScope } from '../../../src/access/queue-scope.js';
import { OperationEndedError, OperationNotFoundError, TooManyMatchesError } from '../../../src/operations/errors.js';
import { OPERATIONS_COLLECTION } from '../../../src/operations/store.js';
import { TARGETS_COLLECTION } from '../../../src/operations/targets.js';
import { BULK_ACTIONS, type BulkAction, type Requester } from '../../../src/operations/types.js';
import { bulkHarness, type BulkHarness, ended } from './harness.js';

const ANN: Requester = { name: 'ann', role: 'OPERATOR', queues: null };
const TENANT: Requester = { name: 'tenant', role: 'OPERATOR', queues: new QueueScope(['acme_*']) };

let harness: BulkHarness;

beforeAll(async () => {
  // Its replica works on what it is asked for itself, and looks for nothing else.
  harness = await bulkHarness({ pollMs: 600_000 });
});
afterAll(async () => {
  await harness[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await harness.lifecycle.model.collection.deleteMany({});
});

const letters = (count: number, fields: Record<string, unknown> = {}, name = 'd') => Array.from({ length: count }, (_, index) => ({ id: `${name}${index}`, status: 'dlq', ...fields }));

describe('a preview', () => {
  it('counts what matches, shows the first twenty, and writes nothing', async () => {
    await harness.insert([...letters(30), { id: 'f', status: 'failed' }, { id: 'q' }]);
    const before = await harness.lifecycle.everything();
    const operations = harness.lifecycle.database.connection.collection(OPERATIONS_COLLECTION);
    const known = await operations.countDocuments({ kind: 'bulk' });
    const preview = await harness.bulk.preview({ action: 'ARCHIVE', filter: { queueName: ['jobs'] } }, ANN);
    expect(preview.matched).toBe(30);
    expect(preview.sample.map(({ executionId }) => executionId)).toEqual(letters(20).map(({ id }) => id));
    expect(preview.obstacle).toBeNull();
    expect(await harness.lifecycle.everything()).toEqual(before);
    expect(await operations.countDocuments({ kind: 'bulk' })).toBe(known);
  });

  it('says what the operation would be refused with', async () => {
    await harness.insert(letters(5));
    const strict = harness.replica({ limits: { defaultLimit: 4, maxLimit: 10 } });
    const preview = await strict.preview({ action: 'ARCHIVE', filter: {} }, ANN);
    expect(preview.matched).toBe(5);
    expect(preview.obstacle).toBeInstanceOf(TooManyMatchesError);
  });
});

describe('each action', () => {
  const everyState = ['queued', 'processing', 'completed', 'failed', 'dlq', 'archived'];
  const long = new Date(Date.UTC(2025, 0, 1));
  const expected: Record<BulkAction, Record<string, string>> = {
    RETRY: { dlq: 'archived', failed: 'failed' },
    ARCHIVE: { dlq: 'archived' },
    MOVE_TO_DLQ: { failed: 'dlq' },
    FAIL_STUCK: { processing: 'failed' },
    DELETE_ARCHIVED: { archived: 'undefined' },
  };

  it.each(BULK_ACTIONS)('%s makes its move to the states that it begins in, and to no other', async (action) => {
    await harness.insert(everyState.map((status) => ({ id: status, status, processingStartedAt: long, failedAt: long })));
    const operation = await harness.done({ action, filter: {}, reason: 'because' }, ANN);
    const changes = expected[action];
    const count = Object.keys(changes).length;
    expect(operation).toMatchObject({ state: 'COMPLETED', matched: count, processed: count, succeeded: count, skipped: 0, failed: 0, requestedBy: 'ann', reason: 'because' });
    const now = await harness.statuses();
    expect(Object.fromEntries(everyState.map((status) => [status, String(now[status])]))).toEqual({ ...Object.fromEntries(everyState.map((status) => [status, status])), ...changes });
  });

  it('writes what the move of one execution writes', async () => {
    await harness.insert([{ id: 'one', status: 'dlq' }, { id: 'many', status: 'dlq' }]);
    await harness.lifecycle.lifecycle.archive({ executionId: 'one', reason: 'old' }, ANN);
    await harness.done({ action: 'ARCHIVE', filter: { executionId: ['many'] }, reason: ' old ' }, ANN);
    const own = ['_id', 'executionId', 'taskId', 'createdAt', 'enqueuedAt', 'updatedAt'];
    const [one, many] = (await harness.lifecycle.everything()).map((document) => Object.fromEntries(Object.entries(document).filter(([name]) => !own.includes(name))));
    expect(many).toEqual(one);
  });

  it('sends what is stuck to the dead letters where its retries are exhausted', async () => {
    await harness.insert([{ id: 'last', status: 'processing', retryCount: 5, processingStartedAt: long }, { id: 'fresh', status: 'processing', processingStartedAt: harness.clock.read() }]);
    const operation = await harness.done({ action: 'FAIL_STUCK', filter: {}, timeoutMs: 60_000 }, ANN);
    expect(operation).toMatchObject({ matched: 1, succeeded: 1 });
    expect(await harness.statuses()).toEqual({ last: 'dlq', fresh: 'processing' });
    const [entry] = await harness.entries({ executionId: 'last' });
    expect(entry).toMatchObject({ action: 'FAIL_STUCK', before: 'processing', after: 'dlq', reason: 'Stuck: still processing after 60000 ms' });
  });

  it('deletes the failed attempts that an archived one superseded, so that none of them passes for unsettled', async () => {
    const day = (date: number) => new Date(Date.UTC(2026, 0, date));
    await harness.insert([
      { id: 'a1', taskId: 'a', status: 'failed', createdAt: day(1) },
      { id: 'a2', taskId: 'a', status: 'archived', createdAt: day(2) },
      { id: 'a3', taskId: 'a', status: 'failed', createdAt: day(3) },
      { id: 'b1', taskId: 'b', status: 'failed', createdAt: day(1) },
    ]);
    expect(await harness.done({ action: 'DELETE_ARCHIVED', filter: {} }, ANN)).toMatchObject({ matched: 1, succeeded: 1 });
    expect(Object.keys(await harness.statuses())).toEqual(['a3', 'b1']);
  });
});

describe('retries', () => {
  it('are of the latest attempt of a task only, and never of an execution that a retry has made', async () => {
    const day = (date: number) => new Date(Date.UTC(2025, 0, date));
    await harness.insert([
      { id: 'a1', taskId: 'a', status: 'failed', createdAt: day(1) },
      { id: 'a2', taskId: 'a', status: 'failed', retryCount: 1, createdAt: day(2) },
      { id: 'spent', status: 'failed', retryCount: 5, createdAt: day(1) },
      { id: 'b1', taskId: 'b', status: 'failed', createdAt: day(1) },
      { id: 'b2', taskId: 'b', status: 'queued', createdAt: day(2) },
      ...letters(3),
    ]);
    const operation = await harness.done({ action: 'RETRY', filter: {} }, ANN);
    expect(operation).toMatchObject({ state: 'COMPLETED', matched: 7, processed: 7, succeeded: 4, skipped: 2, failed: 1 });
    expect(operation.failures).toEqual([{ code: 'RETRIES_EXHAUSTED', message: expect.stringContaining('"spent" has used 5 of 5 retries') as string }]);
    const all = await harness.lifecycle.everything();
    expect(all.filter(({ status }) => status === 'queued')).toHaveLength(5);
    expect(await harness.entries({ operationId: operation.id, action: 'RETRY' })).toHaveLength(4);
  });
});

describe('how many', () => {
  it('is refused beyond the default, unless a limit says that the first so many are meant', async () => {
    const bulk = harness.replica({ limits: { defaultLimit: 3, maxLimit: 5 } });
    await harness.insert(letters(5));
    await expect(bulk.start({ action: 'ARCHIVE', filter: {}, reason: 'r' }, ANN)).rejects.toThrow(TooManyMatchesError);
    await expect(bulk.start({ action: 'ARCHIVE', filter: {}, reason: 'r', limit: 6 }, ANN)).rejects.toThrow('limit must be a whole number from 1 to 5');
    expect(Object.values(await harness.statuses())).toEqual(Array(5).fill('dlq'));
    const { id } = await bulk.start({ action: 'ARCHIVE', filter: {}, reason: 'r', limit: 2 }, ANN);
    bulk.run();
    expect(await ended(bulk, id, ANN)).toMatchObject({ matched: 2, succeeded: 2, limit: 2 });
    expect(await harness.statuses()).toEqual({ d0: 'archived', d1: 'archived', d2: 'dlq', d3: 'dlq', d4: 'dlq' });
  });

  it('may be none, and then the operation ends at once', async () => {
    expect(await harness.done({ action: 'ARCHIVE', filter: { queueName: ['nowhere'] }, reason: 'r' }, ANN)).toMatchObject({ state: 'COMPLETED', matched: 0, processed: 0 });
  });
});

describe('what cannot be asked for', () => {
  it.each([
    [{ action: 'ARCHIVE', filter: {} }, 'reason must say why'],
    [{ action: 'EXPLODE', filter: {} }, 'action must be one of RETRY'],
    [{ action: 'RETRY', filter: null }, 'filter must be an object'],
    [{ action: 'RETRY', filter: { $where: '1' } }, 'filter.$where is no condition'],
    [{ action: 'RETRY', filter: { taskId: { $ne: 1 } } }, 'filter.taskId must be a string'],
    [{ action: 'RETRY', filter: {}, limit: 0 }, 'limit must be a whole number'],
    [{ action: 'RETRY', filter: {}, timeoutMs: 5 }, 'timeoutMs goes with FAIL_STUCK only'],
    [{ action: 'FAIL_STUCK', filter: {}, timeoutMs: -1 }, 'timeoutMs must be a number'],
  ])('%j', async (request, message) => {
    await expect(harness.bulk.start(request as never, ANN)).rejects.toThrow(message);
  });
});

describe('between the asking and its turn', () => {
  it('an execution that others have changed is skipped, and one that came later is left alone', async () => {
    const bulk = harness.replica();
    await harness.insert(letters(6));
    const { id, matched } = await bulk.start({ action: 'ARCHIVE', filter: { queueName: ['jobs'] }, reason: 'r' }, ANN);
    expect(matched).toBe(6);
    const { model } = harness.lifecycle;
    await model.collection.deleteOne({ executionId: 'd0' });
    await model.collection.updateOne({ executionId: 'd1' }, { $set: { queueName: 'other' } });
    await harness.lifecycle.lifecycle.retry({ executionId: 'd2' }, ANN);
    await harness.insert(letters(2, {}, 'late'));
    bulk.run();
    expect(await ended(bulk, id, ANN)).toMatchObject({ state: 'COMPLETED', matched: 6, processed: 6, succeeded: 3, skipped: 3, failed: 0 });
    expect(await harness.statuses()).toMatchObject({ d1: 'dlq', d3: 'archived', d4: 'archived', d5: 'archived', late0: 'dlq', late1: 'dlq' });
  });
});

describe('rights', () => {
  it('narrow it to the queues of who asks, and others with a scope know nothing of it', async () => {
    await harness.insert([...letters(3, { queueName: 'acme_mail' }, 'own'), ...letters(3, { queueName: 'other' }, 'foreign')]);
    const operation = await harness.done({ action: 'ARCHIVE', filter: {}, reason: 'r' }, TENANT);
    expect(operation).toMatchObject({ matched: 3, succeeded: 3 });
    expect(await harness.statuses()).toMatchObject({ own0: 'archived', foreign0: 'dlq' });
    const another: Requester = { ...TENANT, name: 'another' };
    expect(await harness.bulk.byId(operation.id, another)).toBeNull();
    expect((await harness.bulk.recent(200, another)).map(({ id }) => id)).not.toContain(operation.id);
    await expect(harness.bulk.cancel(operation.id, another)).rejects.toThrow(OperationNotFoundError);
    expect((await harness.bulk.byId(operation.id, ANN))?.id).toBe(operation.id);
  });

  it('hold when the turn of an execution comes: one that left the queues of who asked is skipped', async () => {
    const bulk = harness.replica();
    await harness.insert(letters(2, { queueName: 'acme_mail' }));
    const { id } = await bulk.start({ action: 'ARCHIVE', filter: {}, reason: 'r' }, TENANT);
    await harness.lifecycle.model.collection.updateOne({ executionId: 'd0' }, { $set: { queueName: 'theirs' } });
    bulk.run();
    expect(await ended(bulk, id, TENANT)).toMatchObject({ succeeded: 1, skipped: 1 });
    expect(await harness.statuses()).toEqual({ d0: 'dlq', d1: 'archived' });
  });
});

describe('a cancellation', () => {
  it('is final when it has answered: what was done stays, nothing more is', async () => {
    const idle = await bulkHarness();
    await idle.bulk.close();
    await using own = idle;
    await own.insert(letters(400));
    const bulk = own.replica();
    const { id } = await bulk.start({ action: 'ARCHIVE', filter: {}, reason: 'r' }, ANN);
    const begun = new Promise<void>((resolve) => {
      const stop = bulk.onChange(() => {
        void bulk.byId(id, ANN).then((operation) => {
          if ((operation?.processed ?? 0) === 0) return;
          stop();
          resolve();
        });
      });
    });
    bulk.run();
    await begun;
    const operation = await bulk.cancel(id, { ...ANN, name: 'bob' });
    const archived = async () => Object.values(await own.statuses()).filter((status) => status === 'archived').length;
    const done = await archived();
    expect(operation).toMatchObject({ state: 'CANCELLED', cancelledBy: 'bob', succeeded: done, processed: done });
    expect(done).toBeLessThan(400);
    await bulk.close();
    expect(await archived()).toBe(done);
    expect(await bulk.cancel(id, ANN)).toEqual(operation);
    const details = (await own.entries({ action: 'BULK' })).map(({ actor, detail }) => [actor, detail]);
    expect(details).toEqual([
      ['ann', 'ARCHIVE of 400 executions started'],
      ['bob', `ARCHIVE cancelled: of 400 executions ${done} succeeded, 0 skipped, 0 failed`],
    ]);
  });

  it('of what has ended is refused', async () => {
    const operation = await harness.done({ action: 'ARCHIVE', filter: {}, reason: 'r' }, ANN);
    await expect(harness.bulk.cancel(operation.id, ANN)).rejects.toThrow(OperationEndedError);
    await expect(harness.bulk.cancel('nothing', ANN)).rejects.toThrow(OperationNotFoundError);
  });
});

it('what the database will not write is passed over by itself, and named', async () => {
  await using own = await bulkHarness();
  await own.insert(letters(30));
  const db = own.lifecycle.database.connection.db;
  if (db === undefined) throw new Error('not open');
  await db.command({ collMod: 'task_trackers', validator: { $or: [{ executionId: { $nin: ['d3', 'd17'] } }, { status: 'dlq' }] } });
  const operation = await own.done({ action: 'ARCHIVE', filter: {}, reason: 'r' }, ANN);
  expect(operation).toMatchObject({ state: 'COMPLETED', matched: 30, processed: 30, succeeded: 28, failed: 2 });
  expect(operation.failures.map(({ code }) => code)).toEqual(['WRITE_REFUSED', 'WRITE_REFUSED']);
});

it('an ended operation leaves no list behind, and is listed with the newest first', async () => {
  await harness.insert(letters(3));
  harness.clock.advance(1_000);
  const first = await harness.done({ action: 'ARCHIVE', filter: {}, reason: 'first' }, ANN);
  harness.clock.advance(1_000);
  const second = await harness.done({ action: 'ARCHIVE', filter: {}, reason: 'second' }, ANN);
  const [newest, next] = await harness.bulk.recent(2, ANONYMOUS);
  expect([newest?.id, next?.id]).toEqual([second.id, first.id]);
  await expect.poll(() => harness.lifecycle.database.connection.collection(TARGETS_COLLECTION).countDocuments({ operation: { $in: [first.id, second.id] } })).toBe(0);
});
