import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Lifecycle, MoveResult } from '../../../src/lifecycle/types.js';
import { ErrorCategory } from '../../../src/model/error-category.js';
import { MOVES, outcomeOf, type MoveName } from '../../../src/model/moves.js';
import { TASK_STATUSES } from '../../../src/model/status.js';
import { deadLettered, failed, IN_STATE, lifecycleHarness, OPERATOR, processing, queued, type Harness } from './harness.js';

let harness: Harness;
let lifecycle: Lifecycle;

beforeAll(async () => {
  harness = await lifecycleHarness();
  lifecycle = harness.lifecycle;
});
afterAll(() => harness.database.close());

type SingleMove = Exclude<MoveName, 'enqueueTask' | 'retryTask' | 'retention'>;

const CALLS: Readonly<Record<SingleMove, (executionId: string) => Promise<MoveResult>>> = {
  startTask: (executionId) => lifecycle.start(executionId),
  completeTask: (executionId) => lifecycle.complete(executionId),
  failTask: (executionId) => lifecycle.fail({ executionId, errorMessage: 'again' }),
  moveTaskToDlq: (executionId) => lifecycle.moveToDeadLetters(executionId, null, { name: 'operator' }),
  archiveTask: (executionId) => lifecycle.archive({ executionId, reason: 'enough' }, OPERATOR),
};
const SINGLE_MOVES = Object.keys(CALLS) as SingleMove[];

describe('every move from every state', () => {
  const cases = SINGLE_MOVES.flatMap((name) => TASK_STATUSES.map((status) => ({ name, status })));

  it.each(cases)('$name on an execution that is $status does what the table says', async ({ name, status }) => {
    const move = MOVES[name];
    const executionId = await IN_STATE[status](lifecycle);
    const before = await harness.stored(executionId);
    harness.clock.advance(1000);
    const expected = outcomeOf(move, status);
    if (expected.kind === 'refused') {
      await expect(CALLS[name](executionId)).rejects.toMatchObject({ code: expected.code, execution: { executionId, status } });
      expect(await harness.stored(executionId)).toEqual(before);
      return;
    }
    const result = await CALLS[name](executionId);
    expect(result.changed).toBe(expected.kind === 'allowed');
    expect(result.execution.irregularities).toEqual([]);
    const after = await harness.stored(executionId);
    if (expected.kind === 'already') {
      expect(after).toEqual(before);
      return;
    }
    expect(move.to.map((target) => target.status)).toContain(after?.['status']);
    expect(after?.['updatedAt']).toEqual(harness.clock.read());
    const written = Object.keys(after ?? {}).filter((field) => String(after?.[field]) !== String(before?.[field]));
    expect(['status', 'updatedAt', ...move.sets]).toEqual(expect.arrayContaining(written));
  });

  it.each(SINGLE_MOVES)('%s on an executionId that nobody has is NOT_FOUND', async (name) => {
    await expect(CALLS[name]('nobody')).rejects.toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('nobody') as string });
  });

  it.each(SINGLE_MOVES)('%s takes no operator for an executionId', async (name) => {
    const executionId = { $gt: '' } as unknown as string;
    await expect(CALLS[name](executionId)).rejects.toMatchObject({ code: 'INVALID_INPUT', field: ['executionId'] });
  });
});

describe('start', () => {
  it('says when', async () => {
    const executionId = await queued(lifecycle);
    const now = harness.clock.advance(500);
    const { execution } = await lifecycle.start(` ${executionId} `);
    expect(execution).toMatchObject({ executionId, status: 'processing', processingStartedAt: now, updatedAt: now });
  });
});

describe('fail', () => {
  it('keeps the report as it is, even where it looks like an expression', async () => {
    const executionId = await processing(lifecycle);
    const now = harness.clock.advance(500);
    const report = { errorMessage: '$taskId', errorCategory: ErrorCategory.PARTNER_API, errorStack: '$$NOW\n at x' };
    const { execution } = await lifecycle.fail({ executionId, ...report });
    expect(execution).toMatchObject({ ...report, status: 'failed', failedAt: now });
    expect(await harness.stored(executionId)).toMatchObject(report);
  });

  it('again keeps the first report', async () => {
    const executionId = await failed(lifecycle);
    expect(await lifecycle.fail({ executionId, errorMessage: 'second' })).toMatchObject({ changed: false, execution: { errorMessage: 'no' } });
  });

  it('goes to the dead letters at once where it is not recoverable', async () => {
    expect(await harness.stored(await deadLettered(lifecycle))).toMatchObject({ status: 'dlq', retryCount: 0, maxRetries: 5 });
  });

  it('goes to the dead letters where there are no retries left', async () => {
    const executionId = await failed(lifecycle, { maxRetries: 0 });
    expect(await harness.stored(executionId)).toMatchObject({ status: 'dlq' });
  });

  it.each([
    ['no retryCount and no maxRetries', {}, 'failed'],
    ['no retryCount and maxRetries 0', { maxRetries: 0 }, 'dlq'],
    ['retryCount 5 and no maxRetries', { retryCount: 5 }, 'dlq'],
    ['retryCount null', { retryCount: null, maxRetries: 1 }, 'failed'],
    ['a retryCount that is text', { retryCount: '9', maxRetries: 5 }, 'failed'],
    ['a maxRetries that is a list', { retryCount: 2, maxRetries: [] }, 'failed'],
    ['fractions of which the first is less', { retryCount: 4.5, maxRetries: 5 }, 'failed'],
  ])('counts %s as the reader sees it', async (_name, counts, status) => {
    const executionId = `strange-${_name}`;
    await harness.insertRaw({ executionId, taskId: executionId, queueName: 'jobs', status: 'processing', ...counts });
    expect((await lifecycle.fail({ executionId, errorMessage: 'no' })).execution.status).toBe(status);
  });
});

describe('archive', () => {
  it('says who, when and why', async () => {
    const executionId = await deadLettered(lifecycle);
    const now = harness.clock.advance(500);
    const { execution } = await lifecycle.archive({ executionId, reason: ' $reason ' }, OPERATOR);
    expect(execution).toMatchObject({ status: 'archived', archivedAt: now, archivedReason: '$reason', archivedBy: 'ann' });
  });

  it('wants a reason and a name', async () => {
    const executionId = await deadLettered(lifecycle);
    await expect(lifecycle.archive({ executionId, reason: '' }, OPERATOR)).rejects.toMatchObject({ field: ['reason'] });
    await expect(lifecycle.archive({ executionId, reason: 'x' }, { name: ' ' })).rejects.toMatchObject({ field: ['actor', 'name'] });
  });
});

describe('updatedAt', () => {
  it('advances at every move, even where the clock stands still or is behind', async () => {
    const executionId = await queued(lifecycle);
    const seen = [(await harness.stored(executionId))?.['updatedAt'] as Date];
    for (const move of [CALLS.startTask, CALLS.failTask, CALLS.moveTaskToDlq, CALLS.archiveTask]) {
      harness.clock.advance(move === CALLS.moveTaskToDlq ? -60_000 : 0);
      await move(executionId);
      seen.push((await harness.stored(executionId))?.['updatedAt'] as Date);
    }
    const times = seen.map((at) => at.getTime());
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
  });

  it('is set where it was missing or no date', async () => {
    for (const [executionId, strange] of Object.entries({ 'no-updatedAt': {}, 'text-updatedAt': { updatedAt: 'yesterday' } })) {
      await harness.insertRaw({ executionId, taskId: executionId, queueName: 'jobs', status: 'queued', ...strange });
      await lifecycle.start(executionId);
      expect((await harness.stored(executionId))?.['updatedAt']).toEqual(harness.clock.read());
    }
  });
});

describe('a document that no model would have written', () => {
  const CALLED = [...SINGLE_MOVES, 'retryTask'] as const;
  const call = (name: (typeof CALLED)[number], executionId: string) =>
    name === 'retryTask' ? lifecycle.retry({ executionId }, OPERATOR) : CALLS[name](executionId);

  it.each([undefined, null, 7, 'paused', ['queued'], { $gt: '' }, 'QUEUED'])('with the status %j is refused every move and stays as it is', async (status) => {
    const executionId = `status-${JSON.stringify(status)}`;
    // A list matches an equality with one of its elements, so ['queued'] can be started: that is the database's reading.
    const startable = Array.isArray(status);
    await harness.insertRaw({ executionId, ...(status === undefined ? {} : { status }) });
    for (const name of CALLED.filter((each) => !(startable && each === 'startTask'))) {
      await expect(call(name, executionId), name).rejects.toMatchObject({ code: 'INVALID_TRANSITION', execution: { status: 'unknown' } });
    }
    expect(Object.keys((await harness.stored(executionId)) ?? {})).not.toContain('updatedAt');
  });

  it('with wrong types everywhere goes through its whole life', async () => {
    const executionId = 'wrong-types';
    const strange = { taskId: 7, queueName: null, enqueuedAt: 'x', retryCount: {}, maxRetries: 'many', metadata: [], createdAt: 1, updatedAt: [] };
    await harness.insertRaw({ executionId, status: 'queued', ...strange });
    for (const name of SINGLE_MOVES) if (name !== 'completeTask') expect((await CALLS[name](executionId)).changed).toBe(true);
    expect(await harness.stored(executionId)).toMatchObject({ status: 'archived', taskId: 7, maxRetries: 'many', metadata: [] });
  });

  it('without a taskId cannot be retried, and says why', async () => {
    for (const status of ['failed', 'dlq']) {
      const executionId = `no-taskId-${status}`;
      await harness.insertRaw({ executionId, status, queueName: 'jobs' });
      const before = await harness.everything();
      await expect(lifecycle.retry({ executionId }, OPERATOR)).rejects.toMatchObject({ code: 'INVALID_TRANSITION', message: expect.stringContaining('lacks a taskId') as string });
      expect(await harness.everything()).toEqual(before);
    }
  });
});

describe('callers at once', () => {
  it('start one execution 50 times: one succeeds, 49 are told that it was started', async () => {
    const executionId = await queued(lifecycle);
    const callers = Array.from({ length: 50 }, () => harness.another());
    const results = await Promise.allSettled(callers.map((caller) => caller.start(executionId)));
    const won = results.filter((each) => each.status === 'fulfilled');
    expect(won).toHaveLength(1);
    expect(won[0]?.value.changed).toBe(true);
    for (const each of results) {
      if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'ALREADY_STARTED', execution: { executionId, status: 'processing' } });
    }
  });

  it('complete and fail one execution: one of them decides, and it is not overwritten', async () => {
    const executionId = await processing(lifecycle);
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        index % 2 === 0 ? harness.another().complete(executionId) : harness.another().fail({ executionId, errorMessage: `${index}` }),
      ),
    );
    const won = results.flatMap((each) => (each.status === 'fulfilled' && each.value.changed ? [each.value.execution] : []));
    expect(won).toHaveLength(1);
    expect(await harness.stored(executionId)).toEqual(won[0]?.stored);
  });
});
