import mongoose from 'mongoose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Lifecycle } from '../../../src/lifecycle/types.js';
import { deadLettered, failed, IN_STATE, lifecycleHarness, newTaskId, OPERATOR, tally, type Harness } from './harness.js';

const { Long } = mongoose.mongo;

describe.each([{ deduplicationIndex: true }, { deduplicationIndex: false }])('retry with the deduplication index: $deduplicationIndex', (options) => {
  let harness: Harness;
  let lifecycle: Lifecycle;

  beforeAll(async () => {
    harness = await lifecycleHarness(options);
    lifecycle = harness.lifecycle;
  });
  afterAll(() => harness.database.close());

  /** Refused with this code, and the whole collection is as it was. */
  async function expectRefused(executionId: string, code: string, words = ''): Promise<void> {
    const before = await harness.everything();
    const retried = lifecycle.retry({ executionId }, OPERATOR);
    await expect(retried).rejects.toMatchObject({ code, message: expect.stringContaining(words) as string });
    expect(await harness.everything()).toEqual(before);
  }

  it('of a failed execution makes the next attempt and leaves the failed one as it is', async () => {
    const taskId = newTaskId();
    const { execution: first } = await lifecycle.enqueue({ taskId, queueName: 'q', maxRetries: 3, messageVersion: '7', metadata: { a: 1 } });
    await lifecycle.start(first.executionId);
    await lifecycle.fail({ executionId: first.executionId, errorMessage: 'no' });
    const before = await harness.stored(first.executionId);
    const now = harness.clock.advance(1000);

    const { execution, previous } = await lifecycle.retry({ executionId: first.executionId, reason: 'again' }, OPERATOR);
    expect(execution).toMatchObject({
      taskId, queueName: 'q', maxRetries: 3, messageVersion: '7', metadata: { a: 1 }, status: 'queued',
      retryCount: 1, lastRetryAt: now, enqueuedAt: now, createdAt: now, updatedAt: now, errorMessage: null, irregularities: [],
    }); // prettier-ignore
    expect(execution.executionId).not.toBe(first.executionId);
    expect(await harness.stored(execution.executionId)).toEqual(execution.stored);
    expect(await harness.stored(first.executionId)).toEqual({ ...before, updatedAt: now });
    expect(previous).toMatchObject({ executionId: first.executionId, status: 'failed', updatedAt: now, archivedAt: null });
  });

  it.each([
    [undefined, 'Manual retry initiated'],
    ['  ', 'Manual retry initiated'],
    ['fixed the disk', 'Manual retry initiated: fixed the disk'],
  ])('of a dead-lettered execution with the reason %j makes a fresh one and archives the old one', async (reason, archivedReason) => {
    const executionId = await deadLettered(lifecycle, { maxRetries: 2 });
    const before = await harness.stored(executionId);
    const now = harness.clock.advance(1000);
    const { execution, previous } = await lifecycle.retry({ executionId, reason }, OPERATOR);
    expect(execution).toMatchObject({ taskId: before?.['taskId'], status: 'queued', retryCount: 0, maxRetries: 2, lastRetryAt: now });
    const archival = { status: 'archived', archivedAt: now, archivedReason, archivedBy: 'ann', updatedAt: now };
    expect(await harness.stored(executionId)).toEqual({ ...before, ...archival });
    expect(previous).toMatchObject({ executionId, ...archival });
  });

  it('carries stored metadata over as they are', async () => {
    const executionId = await deadLettered(lifecycle);
    const metadata = { big: Long.fromString('9007199254740993'), 'a.b': 1, $odd: new Date(5), nothing: null };
    await harness.model.collection.replaceOne({ executionId }, { ...(await harness.stored(executionId)), metadata });
    const { execution } = await lifecycle.retry({ executionId }, OPERATOR);
    expect((await harness.stored(execution.executionId))?.['metadata']).toEqual(metadata);
  });

  it.each(['queued', 'processing', 'completed', 'archived'] as const)('of an execution that is %s is refused', async (state) => {
    await expectRefused(await IN_STATE[state](lifecycle), 'INVALID_TRANSITION', state);
  });

  it('of an execution that nobody has is refused', async () => {
    await expectRefused('nobody', 'NOT_FOUND', 'nobody');
  });

  it.each(['failed', 'dlq'] as const)('of a %s execution is refused while another one of the task is active', async (state) => {
    for (const active of ['queued', 'processing'] as const) {
      const taskId = newTaskId();
      const executionId = await IN_STATE[state](lifecycle, { taskId });
      const inTheWay = await IN_STATE[active](lifecycle, { taskId });
      await expectRefused(executionId, 'CONFLICT', inTheWay);
    }
  });

  it('is refused where retries are exhausted, and gives a fresh budget from the dead letters', async () => {
    const taskId = newTaskId();
    let executionId = await failed(lifecycle, { taskId, maxRetries: 1 });
    executionId = (await lifecycle.retry({ executionId }, OPERATOR)).execution.executionId;
    await lifecycle.start(executionId);
    expect((await lifecycle.fail({ executionId, errorMessage: 'no' })).execution).toMatchObject({ status: 'dlq', retryCount: 1 });
    const { execution } = await lifecycle.retry({ executionId }, OPERATOR);
    expect(execution).toMatchObject({ retryCount: 0, maxRetries: 1, status: 'queued' });

    // An old worker may leave it failed where ours would have dead-lettered it.
    const exhausted = { executionId: 'exhausted', taskId: newTaskId(), queueName: 'q', status: 'failed', retryCount: 5 };
    await harness.insertRaw(exhausted);
    await expectRefused('exhausted', 'RETRIES_EXHAUSTED', '5 of 5');
  });

  it('of a failed execution that has been retried before is refused, whatever became of the retry', async () => {
    const taskId = newTaskId();
    const first = await failed(lifecycle, { taskId });
    const { execution: second } = await lifecycle.retry({ executionId: first }, OPERATOR);
    await expectRefused(first, 'CONFLICT', second.executionId);
    await lifecycle.start(second.executionId);
    await lifecycle.fail({ executionId: second.executionId, errorMessage: 'no' });
    await expectRefused(first, 'CONFLICT', 'not the latest attempt');
    const { execution: third } = await lifecycle.retry({ executionId: second.executionId }, OPERATOR);
    expect(third.retryCount).toBe(2);
  });

  it('of an older failed execution is possible through the dead letters', async () => {
    const taskId = newTaskId();
    const old = await failed(lifecycle, { taskId });
    harness.clock.advance(1);
    await IN_STATE.completed(lifecycle, { taskId });
    await expectRefused(old, 'CONFLICT', 'not the latest attempt');
    await lifecycle.moveToDeadLetters(old, null, { name: 'operator' });
    expect((await lifecycle.retry({ executionId: old }, OPERATOR)).execution).toMatchObject({ taskId, retryCount: 0 });
  });

  it('of a dead-lettered execution that has been retried before is refused, whatever became of the retry', async () => {
    const first = await deadLettered(lifecycle);
    const { execution: second } = await lifecycle.retry({ executionId: first, reason: 'x' }, OPERATOR);
    await expectRefused(first, 'CONFLICT', 'retried already');
    await lifecycle.start(second.executionId);
    await lifecycle.complete(second.executionId);
    await expectRefused(first, 'CONFLICT', 'retried already');
  });

  it('keeps attempts in order by createdAt where the clock is behind', async () => {
    const taskId = newTaskId();
    const first = await failed(lifecycle, { taskId });
    harness.clock.advance(-60_000);
    const { execution } = await lifecycle.retry({ executionId: first }, OPERATOR);
    harness.clock.advance(60_000);
    const chain = await harness.model.findRetryChain(taskId);
    expect(chain.map((each) => each.executionId)).toEqual([first, execution.executionId]);
  });

  it('wants to know who asks', async () => {
    const executionId = await failed(lifecycle);
    await expect(lifecycle.retry({ executionId }, { name: '' })).rejects.toMatchObject({ code: 'INVALID_INPUT', field: ['actor', 'name'] });
  });

  it.each(['failed', 'dlq'] as const)('of one %s execution by two operators at once: one new execution, the other CONFLICT, nothing else changed', async (state) => {
    for (let round = 0; round < 10; round += 1) {
      const taskId = newTaskId();
      const executionId = await IN_STATE[state](lifecycle, { taskId });
      const others = (await harness.everything()).filter((each) => each['taskId'] !== taskId);
      const results = await Promise.allSettled(['ann', 'bob'].map((name) => harness.another().retry({ executionId, reason: name }, { name })));
      expect(tally(results)).toEqual({ succeeded: 1, codes: { CONFLICT: 1 } });
      const winner = results.findIndex((each) => each.status === 'fulfilled') === 0 ? 'ann' : 'bob';
      const after = await harness.everything();
      const chain = after.filter((each) => each['taskId'] === taskId);
      expect(chain.map((each) => each['status'])).toEqual([state === 'dlq' ? 'archived' : 'failed', 'queued']);
      if (state === 'dlq') expect(chain[0]).toMatchObject({ archivedBy: winner, archivedReason: `Manual retry initiated: ${winner}` });
      expect(after.filter((each) => each['taskId'] !== taskId)).toEqual(others);
    }
  });

  it('of one failed execution by 20 operators, one of whom works it off at once: still one retry', async () => {
    const taskId = newTaskId();
    const executionId = await failed(lifecycle, { taskId });
    const retryAndFail = async () => {
      const { execution } = await harness.another().retry({ executionId }, OPERATOR);
      await lifecycle.start(execution.executionId);
      await lifecycle.fail({ executionId: execution.executionId, errorMessage: 'no' });
    };
    const results = await Promise.allSettled(Array.from({ length: 20 }, retryAndFail));
    expect(tally(results)).toEqual({ succeeded: 1, codes: { CONFLICT: 19 } });
    expect(await harness.model.collection.countDocuments({ taskId })).toBe(2);
  });

  it('and archive of one dead-lettered execution at once: one of them, never both', async () => {
    for (let round = 0; round < 5; round += 1) {
      const taskId = newTaskId();
      const executionId = await deadLettered(lifecycle, { taskId });
      const results = await Promise.allSettled([
        harness.another().retry({ executionId }, OPERATOR),
        harness.another().archive({ executionId, reason: 'enough' }, OPERATOR),
      ]);
      const [retried, archived] = results.map((each) => each.status === 'fulfilled');
      expect(retried).not.toBe(archived);
      expect(await harness.model.collection.countDocuments({ taskId })).toBe(retried ? 2 : 1);
      expect((await harness.stored(executionId))?.['archivedReason']).toBe(retried ? 'Manual retry initiated' : 'enough');
    }
  });
});

describe('retry and producers at once', () => {
  it('never make two active executions of a task', async () => {
    const harness = await lifecycleHarness();
    try {
      for (let round = 0; round < 10; round += 1) {
        const taskId = newTaskId();
        const executionId = await IN_STATE[round % 2 === 0 ? 'failed' : 'dlq'](harness.lifecycle, { taskId });
        const before = await harness.stored(executionId);
        const [retried, enqueued] = await Promise.allSettled([
          harness.another().retry({ executionId }, OPERATOR),
          harness.another().enqueue({ taskId, queueName: 'jobs' }),
        ]);
        expect(enqueued.status).toBe('fulfilled');
        const active = await harness.model.collection.find({ taskId, status: { $in: ['queued', 'processing'] } }).toArray();
        expect(active).toHaveLength(1);
        if (retried.status === 'rejected') {
          expect(retried.reason).toMatchObject({ code: 'CONFLICT' });
          expect(await harness.stored(executionId)).toEqual(before);
        }
      }
    } finally {
      await harness.database.close();
    }
  });

  it('leave a retry that loses after its transaction began with nothing written', async () => {
    const harness = await lifecycleHarness();
    try {
      const taskId = newTaskId();
      const executionId = await deadLettered(harness.lifecycle, { taskId });
      const before = await harness.stored(executionId);
      // The producer gets in between the transaction's snapshot and its insert.
      let rival: Promise<unknown> | undefined;
      const newId = () => {
        rival ??= harness.another().enqueue({ taskId, queueName: 'jobs', executionId: 'rival' });
        return 'loser';
      };
      const [retried] = await Promise.allSettled([harness.another({ newId }).retry({ executionId }, OPERATOR)]);
      await rival;
      const active = await harness.model.collection.find({ taskId, status: 'queued' }).toArray();
      expect(active).toHaveLength(1);
      if (active[0]?.['executionId'] === 'rival') {
        expect(retried).toMatchObject({ status: 'rejected', reason: { code: 'CONFLICT' } });
        expect(await harness.stored(executionId)).toEqual(before);
      }
    } finally {
      await harness.database.close();
    }
  });
});
