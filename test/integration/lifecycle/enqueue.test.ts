import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Lifecycle } from '../../../src/lifecycle/types.js';
import { completed, IN_STATE, lifecycleHarness, newTaskId, OPERATOR, queued, tally, type Harness } from './harness.js';

const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe.each([{ deduplicationIndex: true }, { deduplicationIndex: false }])('enqueue with the deduplication index: $deduplicationIndex', (options) => {
  let harness: Harness;
  let lifecycle: Lifecycle;

  beforeAll(async () => {
    harness = await lifecycleHarness(options);
    lifecycle = harness.lifecycle;
  });
  afterAll(() => harness.database.close());

  it('writes the document that the original model would have written', async () => {
    const taskId = newTaskId();
    const now = harness.clock.advance(10);
    const { execution, deduplicated } = await lifecycle.enqueue({ taskId: ` ${taskId} `, queueName: 'jobs' });
    expect(deduplicated).toBe(false);
    expect(execution.executionId).toMatch(UUID_V4);
    expect(execution.irregularities).toEqual([]);
    const { _id: _, ...fields } = (await harness.stored(execution.executionId)) ?? {};
    expect(fields).toEqual({
      taskId, executionId: execution.executionId, queueName: 'jobs', messageVersion: '1.0', status: 'queued', enqueuedAt: now,
      retryCount: 0, maxRetries: 5, metadata: {}, createdAt: now, updatedAt: now, __v: 0,
    }); // prettier-ignore
  });

  it('keeps what the producer gives', async () => {
    const given = {
      taskId: newTaskId(), queueName: 'q', executionId: 'mine', messageVersion: '2.1', maxRetries: 0,
      metadata: { a: { b: [1, null, '$x'] }, 'dotted.name': true }, enqueuedAt: new Date(5),
    }; // prettier-ignore
    const { execution } = await lifecycle.enqueue(given);
    expect(execution).toMatchObject(given);
    expect(await harness.stored('mine')).toMatchObject(given);
  });

  it('leaves out undefined values of the metadata', async () => {
    const { execution } = await lifecycle.enqueue({ taskId: newTaskId(), queueName: 'q', metadata: { a: undefined, b: 1 } });
    expect((await harness.stored(execution.executionId))?.['metadata']).toEqual({ b: 1 });
  });

  it.each(['queued', 'processing'] as const)('answers with the execution that is %s instead of making a second one', async (state) => {
    const taskId = newTaskId();
    const executionId = await IN_STATE[state](lifecycle, { taskId });
    const before = await harness.everything();
    const result = await lifecycle.enqueue({ taskId, queueName: 'other', metadata: { other: true } });
    expect(result).toMatchObject({ deduplicated: true, execution: { executionId, status: state, queueName: 'jobs' } });
    expect(await harness.everything()).toEqual(before);
  });

  it.each(['completed', 'failed', 'dlq', 'archived'] as const)('makes a new execution where the one before is %s', async (state) => {
    const taskId = newTaskId();
    const executionId = await IN_STATE[state](lifecycle, { taskId });
    const result = await lifecycle.enqueue({ taskId, queueName: 'jobs' });
    expect(result.deduplicated).toBe(false);
    expect(result.execution.executionId).not.toBe(executionId);
  });

  it('refuses an executionId that exists, of another task, of a settled one, and of the active execution itself', async () => {
    const active = { taskId: newTaskId(), executionId: await completed(lifecycle) };
    const running = newTaskId();
    const runningId = await queued(lifecycle, { taskId: running });
    const before = await harness.everything();
    for (const { taskId, executionId } of [active, { taskId: running, executionId: runningId }, { taskId: newTaskId(), executionId: runningId }]) {
      await expect(lifecycle.enqueue({ taskId, queueName: 'jobs', executionId })).rejects.toMatchObject({
        code: 'DUPLICATE_EXECUTION',
        field: ['executionId'],
        execution: { executionId },
      });
    }
    expect(await harness.everything()).toEqual(before);
  });

  it('also takes an execution completed within the window as a duplicate, the bound included', async () => {
    const taskId = newTaskId();
    const executionId = await completed(lifecycle, { taskId });
    harness.clock.advance(1000);
    const within = await lifecycle.enqueue({ taskId, queueName: 'jobs', dedupWithinMs: 1000 });
    expect(within).toMatchObject({ deduplicated: true, execution: { executionId, status: 'completed' } });
    expect(await lifecycle.enqueue({ taskId, queueName: 'jobs', dedupWithinMs: 1e300 })).toMatchObject({ deduplicated: true });
    expect(await lifecycle.enqueue({ taskId, queueName: 'jobs', dedupWithinMs: 999 })).toMatchObject({ deduplicated: false });
  });

  it('takes none but completed executions as duplicates within the window', async () => {
    const taskId = newTaskId();
    await IN_STATE.archived(lifecycle, { taskId });
    expect(await lifecycle.enqueue({ taskId, queueName: 'jobs', dedupWithinMs: 1e9 })).toMatchObject({ deduplicated: false });
  });

  it('makes another id where a generated one is taken', async () => {
    const taken = await completed(lifecycle);
    const ids = [taken, taken, `fresh-${taken}`];
    const { execution } = await harness.another({ newId: () => ids.shift() ?? '' }).enqueue({ taskId: newTaskId(), queueName: 'jobs' });
    expect(execution.executionId).toBe(`fresh-${taken}`);
  });

  it('gives up with CONFLICT where every generated id is taken', async () => {
    const taken = await completed(lifecycle);
    const enqueued = harness.another({ newId: () => taken }).enqueue({ taskId: newTaskId(), queueName: 'jobs' });
    await expect(enqueued).rejects.toMatchObject({ code: 'CONFLICT', field: ['taskId'] });
  });

  it('refuses bad input before it asks the database', async () => {
    const before = await harness.everything();
    const taskId = { $gt: '' } as unknown as string;
    await expect(lifecycle.enqueue({ taskId, queueName: 'jobs' })).rejects.toMatchObject({ code: 'INVALID_INPUT', field: ['taskId'] });
    await expect(lifecycle.enqueue({ taskId: 'a', queueName: 'jobs', metadata: { x: { $set: 1 } } })).rejects.toMatchObject({ field: ['metadata', 'x', '$set'] });
    expect(await harness.everything()).toEqual(before);
  });
});

describe('producers at once', () => {
  it('50 of one task: one execution, 49 deduplicated, and all get the same one', async () => {
    const harness = await lifecycleHarness();
    try {
      const taskId = newTaskId();
      const results = await Promise.all(Array.from({ length: 50 }, () => harness.another().enqueue({ taskId, queueName: 'jobs' })));
      expect(results.filter((each) => each.deduplicated)).toHaveLength(49);
      expect(new Set(results.map((each) => each.execution.executionId)).size).toBe(1);
      expect(await harness.everything()).toHaveLength(1);
    } finally {
      await harness.database.close();
    }
  });

  it('while workers settle the executions as fast as they can: never two active ones, and every caller is answered', async () => {
    const harness = await lifecycleHarness();
    try {
      const taskId = newTaskId();
      const work = async () => {
        const { execution } = await harness.another().enqueue({ taskId, queueName: 'jobs' });
        const active = await harness.model.collection.countDocuments({ taskId, status: { $in: ['queued', 'processing'] } });
        expect(active).toBeLessThanOrEqual(1);
        const started = await harness.another().start(execution.executionId);
        await harness.another().complete(started.execution.executionId);
      };
      const { succeeded, codes } = tally(await Promise.allSettled(Array.from({ length: 60 }, work)));
      expect(Object.keys(codes).filter((code) => code !== 'ALREADY_STARTED')).toEqual([]);
      expect(await harness.everything()).toHaveLength(succeeded);
    } finally {
      await harness.database.close();
    }
  });

  it('of one executionId for different tasks: one execution, the others DUPLICATE_EXECUTION', async () => {
    const harness = await lifecycleHarness();
    try {
      const results = await Promise.allSettled(
        Array.from({ length: 20 }, () => harness.another().enqueue({ taskId: newTaskId(), queueName: 'jobs', executionId: 'same' })),
      );
      expect(tally(results)).toEqual({ succeeded: 1, codes: { DUPLICATE_EXECUTION: 19 } });
    } finally {
      await harness.database.close();
    }
  });
});

describe('the deduplication mode', () => {
  it('is asked at every enqueue', async () => {
    const harness = await lifecycleHarness({ deduplicationIndex: false });
    try {
      let mode: 'index' | 'check' = 'index';
      const lifecycle = harness.another({ deduplication: () => mode });
      const taskId = newTaskId();
      await lifecycle.enqueue({ taskId, queueName: 'jobs' });
      expect((await lifecycle.enqueue({ taskId, queueName: 'jobs' })).deduplicated).toBe(false);
      mode = 'check';
      expect((await lifecycle.enqueue({ taskId, queueName: 'jobs' })).deduplicated).toBe(true);
      await expect(lifecycle.retry({ executionId: 'nobody' }, OPERATOR)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    } finally {
      await harness.database.close();
    }
  });
});
