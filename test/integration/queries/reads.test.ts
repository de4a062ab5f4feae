import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { InvalidInputError } from '../../../src/model/errors.js';
import { createTaskTrackerModel, type TaskTrackerModel } from '../../../src/model/task-tracker.js';
import { QueryTimeoutError } from '../../../src/queries/errors.js';
import { MAX_ATTEMPTS } from '../../../src/queries/retry-chain.js';
import { createTaskQueries } from '../../../src/queries/task-queries.js';
import type { TaskQueries } from '../../../src/queries/types.js';
import { type FreshDatabase, freshDatabase } from '../../support/database.js';
import { buildLooseIndexes, type Document, fill } from './strange-documents.js';

const now = new Date('2026-01-01T12:00:00Z');
const ago = (ms: number) => new Date(now.getTime() - ms);
const MINUTE = 60_000;

let database: FreshDatabase;
let model: TaskTrackerModel;
let queries: TaskQueries;
const commands: string[] = [];

beforeAll(async () => {
  database = await freshDatabase({ monitorCommands: true });
  model = createTaskTrackerModel(database.connection);
  queries = createTaskQueries({ model, clock: () => now });
  await buildLooseIndexes(model);
  database.connection.getClient().on('commandStarted', ({ commandName }) => commands.push(commandName));
});
afterAll(() => database.close());
beforeEach(() => {
  commands.length = 0;
});

const document = (fields: Document): Document => ({ _id: randomUUID(), executionId: randomUUID(), taskId: 't', queueName: 'q', status: 'queued', createdAt: now, ...fields });
const fillWith = async (...list: readonly Document[]) => {
  await fill(model, list.map(document));
  commands.length = 0;
};

describe('One execution', () => {
  it('is found by its executionId, and by its _id of whatever type', async () => {
    await fillWith({ _id: { part: 1 }, executionId: 'e-1' }, { _id: 7, executionId: '{"$gt": ""}' });
    expect(await queries.byExecutionId('e-1')).toMatchObject({ _id: { part: 1 } });
    expect(await queries.byExecutionId('{"$gt": ""}')).toMatchObject({ _id: 7 });
    expect(await queries.byDocumentId({ part: 1 })).toMatchObject({ executionId: 'e-1' });
    expect(await queries.byDocumentId(7)).toMatchObject({ executionId: '{"$gt": ""}' });
  });

  it('is null where there is none', async () => {
    await fillWith({});
    expect(await queries.byExecutionId('none')).toBeNull();
    expect(await queries.byDocumentId('none')).toBeNull();
    expect(await queries.byDocumentId(undefined)).toBeNull();
    expect(await queries.byDocumentId({ $gt: '' })).toBeNull();
  });

  it('is asked for by a string only, so an object never becomes an operator', async () => {
    await expect(queries.byExecutionId({ $gt: '' } as unknown as string)).rejects.toThrow(InvalidInputError);
  });
});

describe('Retry chains', () => {
  it('of many tasks come in one read, oldest attempt first', async () => {
    await fillWith(
      ...Array.from({ length: 50 }, (_, task) => [3, 1, 2].map((attempt) => ({ taskId: `task:${task}`, executionId: `${task}-${attempt}`, createdAt: new Date(attempt * MINUTE) }))).flat(),
    );
    const chains = await queries.retryChains(Array.from({ length: 50 }, (_, task) => `task:${task}`));
    expect(commands).toEqual(['find']);
    expect(chains.size).toBe(50);
    expect(chains.get('task:7')?.map(({ executionId }) => executionId)).toEqual(['7-1', '7-2', '7-3']);
  });

  it('have no entry for a task without executions, and none for a list of taskIds', async () => {
    await fillWith({ taskId: 'a' }, { taskId: ['b', 'c'] });
    const chains = await queries.retryChains(['a', 'a', 'b', 'none']);
    expect([...chains.keys()]).toEqual(['a']);
    expect(await queries.retryChains([])).toEqual(new Map());
  });

  it('put attempts without createdAt first, and attempts of one instant in the order of their _id', async () => {
    await fillWith({ _id: 3, createdAt: now }, { _id: 2, createdAt: now }, { _id: 9, createdAt: undefined });
    const chains = await queries.retryChains(['t']);
    expect(chains.get('t')?.map(({ _id }) => _id)).toEqual([9, 2, 3]);
  });

  it(`keep the newest ${MAX_ATTEMPTS} attempts of a task that has more`, async () => {
    await fillWith(...Array.from({ length: MAX_ATTEMPTS + 5 }, (_, index) => ({ _id: index, createdAt: new Date(index) })), { taskId: 'other', createdAt: new Date(-1) });
    const chains = await queries.retryChains(['t', 'other']);
    expect(chains.get('t')).toHaveLength(MAX_ATTEMPTS);
    expect(chains.get('t')?.at(0)?._id).toBe(5);
    expect(chains.get('t')?.at(-1)?._id).toBe(MAX_ATTEMPTS + 4);
    expect(chains.get('other')).toHaveLength(1);
  });

  it('are asked for by strings only', async () => {
    await expect(queries.retryChains([{ $ne: '' } as unknown as string])).rejects.toThrow(InvalidInputError);
  });
});

describe('Executions by _id', () => {
  it('are those that exist, in one read, whatever the type of their ids', async () => {
    await fillWith({ _id: 1 }, { _id: 'one' }, { _id: { a: 1 } }, { _id: 'not asked for' });
    const found = await queries.byDocumentIds(['one', 1, 'gone', { a: 1 }]);
    expect(found.map(({ _id }) => _id)).toHaveLength(3);
    expect(found.map(({ _id }) => _id)).toEqual(expect.arrayContaining([1, 'one', { a: 1 }]));
    expect(commands).toEqual(['find']);
    expect(await queries.byDocumentIds([])).toEqual([]);
    expect(commands).toEqual(['find']);
  });
});

describe('Stuck executions', () => {
  it('are those processing for longer than the time-out, the longest first, by pages', async () => {
    await fillWith(
      { _id: 'young', status: 'processing', processingStartedAt: ago(MINUTE) },
      { _id: 'exactly', status: 'processing', processingStartedAt: ago(30 * MINUTE) },
      { _id: 'stuck', status: 'processing', processingStartedAt: ago(30 * MINUTE + 1) },
      { _id: 'oldest', status: 'processing', processingStartedAt: ago(90 * MINUTE), queueName: 'other' },
      { _id: 'settled', status: 'completed', processingStartedAt: ago(90 * MINUTE) },
      { _id: 'never', status: 'processing' },
      { _id: 'strange', status: 'processing', processingStartedAt: 'yesterday' },
    );
    const first = await queries.stuck({ timeoutMs: 30 * MINUTE, first: 1 });
    expect(first).toMatchObject({ hasNextPage: true, edges: [{ node: { _id: 'oldest' } }] });
    const second = await queries.stuck({ timeoutMs: 30 * MINUTE, first: 1, after: first.edges[0]?.cursor });
    expect(second).toMatchObject({ hasNextPage: false, hasPreviousPage: true, edges: [{ node: { _id: 'stuck' } }] });
    expect(commands).toEqual(['find', 'find']);
    expect(await queries.countStuck({ timeoutMs: 30 * MINUTE })).toBe(2);
    expect(await queries.countStuck({ timeoutMs: 30 * MINUTE, queueName: 'other' })).toBe(1);
    expect((await queries.stuck({ timeoutMs: 0 })).edges).toHaveLength(4);
  });

  it('are those beyond the time-out of their queue, where queues have their own, in one order and by pages', async () => {
    await fillWith(
      { _id: 'slow and fine', status: 'processing', processingStartedAt: ago(60 * MINUTE), queueName: 'slow' },
      { _id: 'slow and stuck', status: 'processing', processingStartedAt: ago(121 * MINUTE), queueName: 'slow' },
      { _id: 'fast and stuck', status: 'processing', processingStartedAt: ago(2 * MINUTE), queueName: 'fast' },
      { _id: 'fast and fine', status: 'processing', processingStartedAt: ago(MINUTE), queueName: 'fast' },
      { _id: 'other and stuck', status: 'processing', processingStartedAt: ago(31 * MINUTE), queueName: 'other' },
      { _id: 'other and fine', status: 'processing', processingStartedAt: ago(29 * MINUTE), queueName: 'other' },
    );
    const request = { timeoutMs: 30 * MINUTE, timeoutsByQueue: [{ queueName: 'slow', timeoutMs: 120 * MINUTE }, { queueName: 'fast', timeoutMs: MINUTE }] };
    const seen: unknown[] = [];
    let after: string | undefined;
    for (let page = await queries.stuck({ ...request, first: 1 }); ; page = await queries.stuck({ ...request, first: 1, after })) {
      seen.push(...page.edges.map(({ node }) => node._id));
      if (!page.hasNextPage) break;
      after = page.edges.at(-1)?.cursor;
    }
    expect(seen).toEqual(['slow and stuck', 'other and stuck', 'fast and stuck']);
    expect(commands).toEqual(['find', 'find', 'find']);
    expect(await queries.countStuck(request)).toBe(3);
    expect(await queries.countStuck({ ...request, queueName: 'slow' })).toBe(1);
  });

  it('are not looked for with a time-out of a queue that is none', async () => {
    await expect(queries.stuck({ timeoutMs: 1, timeoutsByQueue: [{ queueName: 'a', timeoutMs: -1 }] })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(queries.stuck({ timeoutMs: 1, timeoutsByQueue: [{ queueName: { $ne: '' } as unknown as string, timeoutMs: 1 }] })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 1e15, '5' as unknown as number])('are not looked for with a time-out of %s ms', async (timeoutMs) => {
    await expect(queries.stuck({ timeoutMs })).rejects.toMatchObject({ code: 'INVALID_INPUT', field: ['timeoutMs'] });
    await expect(queries.countStuck({ timeoutMs })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});

describe('A duplicate of a task', () => {
  it('is its active execution, rather than one that completed', async () => {
    await fillWith({ _id: 1, status: 'completed', completedAt: now }, { _id: 2, status: 'processing' }, { _id: 3, taskId: 'other' });
    expect(await queries.duplicateOf('t', MINUTE)).toMatchObject({ _id: 2 });
    expect(await queries.duplicateOf('t')).toMatchObject({ _id: 2 });
  });

  it('is else the newest that completed within the time, and only if a time is given', async () => {
    await fillWith(
      { _id: 1, status: 'completed', completedAt: ago(2 * MINUTE) },
      { _id: 2, status: 'completed', completedAt: ago(MINUTE) },
      { _id: 3, status: 'failed', completedAt: now },
      { _id: 4, status: 'completed' },
    );
    expect(await queries.duplicateOf('t', 5 * MINUTE)).toMatchObject({ _id: 2 });
    expect(await queries.duplicateOf('t', MINUTE)).toMatchObject({ _id: 2 });
    expect(await queries.duplicateOf('t', MINUTE - 1)).toBeNull();
    expect(await queries.duplicateOf('t', null)).toBeNull();
  });

  it('is not looked for with a bad time or an object for a taskId', async () => {
    await expect(queries.duplicateOf('t', -1)).rejects.toMatchObject({ field: ['withinMs'] });
    await expect(queries.duplicateOf({ $ne: null } as unknown as string)).rejects.toMatchObject({ field: ['taskId'] });
  });
});

describe('A filter of metadata', () => {
  it('never takes a value for an operator', async () => {
    await fillWith({ _id: 1, metadata: { a: '{"$gt": ""}' } }, { _id: 2, metadata: { a: { $gt: '' } } }, { _id: 3, metadata: { a: 'x' } });
    const page = await queries.page({ filter: { metadata: [{ path: 'a', eq: '{"$gt": ""}' }] } });
    expect(page.edges.map(({ node }) => node._id)).toEqual([1]);
    await expect(queries.page({ filter: { metadata: [{ path: 'a', eq: { $gt: '' } }] } })).rejects.toMatchObject({ field: ['filter', 'metadata', '0', 'eq'] });
    await expect(queries.count({ metadata: [{ path: '$where', eq: 1 }] })).rejects.toMatchObject({ field: ['filter', 'metadata', '0', 'path'] });
  });
});

describe('A read', () => {
  it('tells the database how long it may take, and says so when that was not enough', async () => {
    await fillWith({});
    const limits: unknown[] = [];
    const listener = ({ command }: { command: Record<string, unknown> }) => limits.push(command['maxTimeMS']);
    const client = database.connection.getClient();
    client.on('commandStarted', listener);
    const hurried = createTaskQueries({ model, maxTimeMs: 4_321 });
    await hurried.page({});
    await hurried.count(null);
    await hurried.retryChains(['t']);
    await hurried.stuck({ timeoutMs: 1 });
    await hurried.duplicateOf('t');
    await hurried.byExecutionId('e');
    client.off('commandStarted', listener);
    expect(limits).toEqual([4_321, 4_321, 4_321, 4_321, 4_321, 4_321]);
    expect(new QueryTimeoutError(4_321)).toMatchObject({ code: 'QUERY_TIMEOUT', message: expect.stringContaining('4321 ms') as string });
  });
});
