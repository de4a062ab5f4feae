import mongoose from 'mongoose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { encodeGlobalId } from '../../../src/graphql/global-id.js';
import { type Api, at, startApi } from './api.js';

const MINUTE = 60_000;
const ago = (ms: number): Date => new Date(Date.now() - ms);

let api: Api;
beforeAll(async () => {
  api = await startApi();
  for (let n = 0; n < 60; n += 1) {
    await api.insert(`page-${n}`, { queueName: `pages_${n % 3}`, enqueuedAt: ago((60 - n) * MINUTE), createdAt: ago((60 - n) * MINUTE) });
  }
  await api.insert('first', {
    taskId: 'jobs:42:retry',
    queueName: 'work',
    status: 'failed',
    enqueuedAt: ago(60 * MINUTE),
    createdAt: ago(60 * MINUTE),
    processingStartedAt: ago(59 * MINUTE),
    failedAt: ago(57 * MINUTE),
    errorMessage: 'time-out',
    errorCategory: 'partner_api',
    errorStack: 'at line 1',
  });
  await api.insert('second', {
    taskId: 'jobs:42:retry',
    queueName: 'work',
    status: 'processing',
    retryCount: 1,
    enqueuedAt: ago(50 * MINUTE),
    createdAt: ago(50 * MINUTE),
    processingStartedAt: ago(45 * MINUTE),
    metadata: { partnerCode: 'SATLOC', ref: new mongoose.mongo.ObjectId('65a0c0ffee65a0c0ffee65a0'), at: new Date('2026-01-01T00:00:00Z'), bad: Number.NaN },
  });
  await api.model.collection.insertOne({ taskId: 7, status: 'sleeping', metadata: 'text', retryCount: 'many', queueName: 'strange' });
});
afterAll(() => api[Symbol.asyncDispose]());

describe('one execution', () => {
  it('shows every field, stored and derived', async () => {
    const data = await api.data(`{ task(executionId: "second") {
      __typename taskId executionId queueName messageVersion status retryCount maxRetries errorMessage errorCategory
      queueType naturalKey canRetry isStuck ofAnHour: isStuck(timeoutMs: 3600000) waitMs runMs metadata irregularities
      queue { name } } }`);
    expect(data).toEqual({
      task: {
        __typename: 'TaskTracker',
        taskId: 'jobs:42:retry',
        executionId: 'second',
        queueName: 'work',
        messageVersion: '1.0',
        status: 'PROCESSING',
        retryCount: 1,
        maxRetries: 5,
        errorMessage: null,
        errorCategory: null,
        queueType: 'jobs',
        naturalKey: '42:retry',
        canRetry: true,
        isStuck: true,
        ofAnHour: false,
        waitMs: expect.closeTo(5 * MINUTE, -3),
        runMs: expect.closeTo(45 * MINUTE, -5),
        metadata: { partnerCode: 'SATLOC', ref: '65a0c0ffee65a0c0ffee65a0', at: '2026-01-01T00:00:00.000Z', bad: null },
        irregularities: [],
        queue: { name: 'work' },
      },
    });
  });

  it('is null where there is none', async () => {
    expect(await api.data('{ task(executionId: "nobody") { taskId } }')).toEqual({ task: null });
  });

  it('comes back by its global id, and is null for an id of nothing', async () => {
    const id = at(await api.data('{ task(executionId: "first") { id } }'), 'task', 'id');
    const query = 'query ($id: ID!) { node(id: $id) { __typename id ... on TaskTracker { executionId status canRetry } } }';
    expect(await api.data(query, { id })).toEqual({ node: { __typename: 'TaskTracker', id, executionId: 'first', status: 'FAILED', canRetry: true } });
    for (const none of ['nonsense', encodeGlobalId('TaskTracker', 'nobody'), encodeGlobalId('AuditEntry', 'first')]) {
      expect(await api.data(query, { id: none })).toEqual({ node: null });
    }
  });

  it('cannot be fetched by a global id that is a query', async () => {
    const forged = Buffer.from('TaskTracker:{"$gt":""}').toString('base64url');
    expect(await api.data('query ($id: ID!) { node(id: $id) { id } }', { id: forged })).toEqual({ node: null });
  });

  it('is shown with defaults and a remark where its document is strange', async () => {
    const data = await api.data(`{ tasks(filter: { queueName: "strange" }) { nodes {
      id taskId executionId status retryCount metadata enqueuedAt createdAt updatedAt irregularities retryChain { attemptCount latest { id } } queue { stats { unknown total } } } } }`);
    const [node] = at<Record<string, unknown>[]>(data, 'tasks', 'nodes');
    expect(node).toMatchObject({ status: 'UNKNOWN', taskId: '7', retryCount: 0, retryChain: { attemptCount: 1 }, queue: { stats: { unknown: 1, total: 1 } } });
    expect(node?.['irregularities']).not.toEqual([]);
  });
});

describe('pages', () => {
  it('go forwards and backwards over the same rows', async () => {
    const query = `query ($first: Int, $after: String, $last: Int, $before: String) {
      tasks(filter: { taskIdPrefix: "jobs:page-" }, orderBy: { field: ENQUEUED_AT, direction: ASC }, first: $first, after: $after, last: $last, before: $before) {
        totalCount edges { cursor node { executionId } } nodes { executionId } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
    const one = await api.data(query, { first: 5 });
    const names = (data: unknown) => at<{ executionId: string }[]>(data, 'tasks', 'nodes').map(({ executionId }) => executionId);
    expect(names(one)).toEqual(['page-0', 'page-1', 'page-2', 'page-3', 'page-4']);
    expect(at(one, 'tasks', 'totalCount')).toBe(60);
    expect(at(one, 'tasks', 'pageInfo')).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: at(one, 'tasks', 'edges', 0, 'cursor'),
      endCursor: at(one, 'tasks', 'edges', 4, 'cursor'),
    });
    const two = await api.data(query, { first: 2, after: at(one, 'tasks', 'pageInfo', 'endCursor') });
    expect(names(two)).toEqual(['page-5', 'page-6']);
    const back = await api.data(query, { last: 5, before: at(two, 'tasks', 'pageInfo', 'startCursor') });
    expect(names(back)).toEqual(names(one));
  });

  it('have 50 rows by default, the newest first, and a place in the feed', async () => {
    const data = await api.data('{ tasks { nodes { enqueuedAt } feedCursor } }');
    const instants = at<{ enqueuedAt: string }[]>(data, 'tasks', 'nodes').map(({ enqueuedAt }) => enqueuedAt);
    expect(instants).toHaveLength(50);
    expect(instants).toEqual([...instants].sort().reverse());
    expect(at(data, 'tasks', 'feedCursor')).not.toBe('');
  });

  it('are one read, and a second one only where totalCount is selected', async () => {
    api.readsSince();
    await api.data('{ tasks { nodes { executionId queueName queue { name } } pageInfo { hasNextPage } feedCursor } }');
    expect(api.readsSince()).toHaveLength(1);
    await api.data('{ tasks { totalCount nodes { executionId } } }');
    expect(api.readsSince()).toHaveLength(2);
  });

  it('of 50 rows with their retry chains are two reads', async () => {
    api.readsSince();
    const data = await api.data('{ tasks(first: 50) { nodes { taskId retryChain { attemptCount latest { executionId } totalWaitMs } } } }');
    expect(at<unknown[]>(data, 'tasks', 'nodes')).toHaveLength(50);
    expect(api.readsSince()).toHaveLength(2);
  });

  it('read the figures of all their queues at once', async () => {
    api.readsSince();
    await api.data('{ tasks(first: 50) { nodes { queue { name stats { queued total } oldestQueuedAt stuckCount } } } }');
    expect(api.readsSince()).toHaveLength(4);
  });

  it.each([
    ['{ tasks(first: 0) { nodes { id } } }', ['first']],
    ['{ tasks(first: 201) { nodes { id } } }', ['first']],
    ['{ tasks(last: -1) { nodes { id } } }', ['last']],
    ['{ tasks(first: 1, last: 1) { nodes { id } } }', ['last']],
    ['{ tasks(after: "forged") { nodes { id } } }', ['after']],
    ['{ tasks(filter: { metadata: [{ path: "a.$where", eq: 1 }] }) { nodes { id } } }', ['filter', 'metadata', '0', 'path']],
    ['{ tasks(filter: { metadata: [{ path: "a..b", eq: 1 }] }) { nodes { id } } }', ['filter', 'metadata', '0', 'path']],
    ['{ tasks(filter: { metadata: [{ path: "a", eq: { b: 1 } }] }) { nodes { id } } }', ['filter', 'metadata', '0', 'eq']],
    ['{ stuckTasks(timeoutMs: -1) { nodes { id } } }', ['timeoutMs']],
    ['{ queue(name: "work") { stuckCount(timeoutMs: -1) } }', ['timeoutMs']],
    ['{ task(executionId: "second") { isStuck(timeoutMs: -1) } }', ['timeoutMs']],
    ['{ duplicateCheck(taskId: "a", withinMs: -1) { isDuplicate } }', ['withinMs']],
  ])('and other questions name the argument that cannot be taken: %s', async (query, field) => {
    const { errors } = await api.run(query);
    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.extensions).toEqual({ code: 'INVALID_INPUT', field });
    expect(errors?.[0]?.message).not.toMatch(/Internal error/);
  });
});

describe('operators', () => {
  const operator = { $gt: '' };

  it.each([
    ['query ($v: ID!) { task(executionId: $v) { id } }'],
    ['query ($v: ID!) { node(id: $v) { id } }'],
    ['query ($v: String!) { retryChain(taskId: $v) { taskId } }'],
    ['query ($v: String!) { queueStats(queueName: $v) { total } }'],
    ['query ($v: String!) { queue(name: $v) { name } }'],
    ['query ($v: String) { queues(nameContains: $v) { name } }'],
    ['query ($v: String!) { duplicateCheck(taskId: $v) { isDuplicate } }'],
    ['query ($v: String) { tasks(filter: { taskId: $v }) { nodes { id } } }'],
    ['query ($v: String) { tasks(filter: { taskIdPrefix: $v }) { nodes { id } } }'],
    ['query ($v: [String!]) { tasks(filter: { queueName: $v }) { nodes { id } } }'],
    ['query ($v: [ID!]) { tasks(filter: { executionId: $v }) { nodes { id } } }'],
    ['query ($v: String) { tasks(after: $v) { nodes { id } } }'],
    ['query ($v: String) { stuckTasks(queueName: $v) { nodes { id } } }'],
  ])('are refused before they are near the database: %s', async (query) => {
    api.readsSince();
    const { data, errors } = await api.run(query, { v: operator });
    expect(data).toBeNull();
    expect(errors?.[0]?.message).toMatch(/\$v/);
    expect(api.readsSince()).toEqual([]);
  });

  it('in JSON are refused with the path that they stand at', async () => {
    const query = 'query ($v: JSON) { tasks(filter: { metadata: [{ path: "partnerCode", eq: $v }] }) { nodes { id } } }';
    const { errors } = await api.run(query, { v: operator });
    expect(errors?.[0]?.extensions).toEqual({ code: 'INVALID_INPUT', field: ['filter', 'metadata', '0', 'eq'] });
    expect(errors?.[0]?.message).toContain('partnerCode');
  });

  it('as text are text', async () => {
    expect(await api.data('{ tasks(filter: { taskId: "{\\"$gt\\": \\"\\"}" }) { nodes { id } } queues(nameContains: ".*") { name } }')).toEqual({
      tasks: { nodes: [] },
      queues: [],
    });
  });
});

describe('chains, stuck tasks and queues', () => {
  it('a chain has its attempts, oldest first, and their sums', async () => {
    const data = await api.data(
      '{ retryChain(taskId: "jobs:42:retry") { taskId attemptCount status settledAt totalWaitMs totalRunMs attempts { executionId } latest { executionId retryChain { attemptCount } } } }',
    );
    expect(data).toEqual({
      retryChain: {
        taskId: 'jobs:42:retry',
        attemptCount: 2,
        status: 'PROCESSING',
        settledAt: null,
        totalWaitMs: expect.closeTo(6 * MINUTE, -3),
        totalRunMs: expect.closeTo(47 * MINUTE, -5),
        attempts: [{ executionId: 'first' }, { executionId: 'second' }],
        latest: { executionId: 'second', retryChain: { attemptCount: 2 } },
      },
    });
    expect(await api.data('{ retryChain(taskId: "jobs:nobody") { taskId } }')).toEqual({ retryChain: null });
  });

  it('stuck executions are those that have been processing for too long', async () => {
    const query = 'query ($ms: Float) { stuckTasks(queueName: "work", timeoutMs: $ms) { totalCount nodes { executionId } feedCursor } }';
    const half = await api.data(query);
    expect(at(half, 'stuckTasks', 'nodes')).toEqual([{ executionId: 'second' }]);
    expect(at(half, 'stuckTasks', 'totalCount')).toBe(1);
    expect(at(await api.data(query, { ms: 3_600_000 }), 'stuckTasks', 'nodes')).toEqual([]);
  });

  it('a queue has its figures, and is null where no execution names it', async () => {
    const data = await api.data(`{
      queue(name: "work") { name stats { queueName queued processing failed total exact source unknown } oldestQueuedAt stuckCount ofAnHour: stuckCount(timeoutMs: 3600000) }
      nobody: queue(name: "nobody") { name }
      queueStats(queueName: "nobody") { total }
      queues(nameContains: "PAGES") { name stats { queued } } }`);
    expect(data).toEqual({
      queue: {
        name: 'work',
        stats: { queueName: 'work', queued: 0, processing: 1, failed: 1, total: 2, exact: true, source: 'AGGREGATE', unknown: 0 },
        oldestQueuedAt: null,
        stuckCount: 1,
        ofAnHour: 0,
      },
      nobody: null,
      queueStats: { total: 0 },
      queues: [0, 1, 2].map((n) => ({ name: `pages_${n}`, stats: { queued: 20 } })),
    });
  });

  it('a queue has its figures however long a name a document gives it, though none so long may be asked for', async () => {
    const queueName = 'q'.repeat(5_000);
    await api.insert('long', { queueName, enqueuedAt: ago(500 * MINUTE), createdAt: ago(500 * MINUTE) });
    const data = await api.data('{ task(executionId: "long") { queue { name stats { queued total } oldestQueuedAt stuckCount } } }');
    expect(at(data, 'task', 'queue')).toMatchObject({ name: queueName, stats: { queued: 1, total: 1 }, oldestQueuedAt: expect.any(String) as unknown, stuckCount: 0 });
    for (const query of ['query ($name: String!) { queue(name: $name) { name } }', 'query ($name: String!) { queueStats(queueName: $name) { total } }']) {
      expect((await api.run(query, { name: queueName })).errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT' });
    }
    await api.model.collection.deleteOne({ executionId: 'long' });
  });

  it('a taskId is a duplicate while an execution of it is active', async () => {
    const query = 'query ($taskId: String!) { duplicateCheck(taskId: $taskId) { taskId isDuplicate existing { executionId } } }';
    expect(await api.data(query, { taskId: 'jobs:42:retry' })).toEqual({
      duplicateCheck: { taskId: 'jobs:42:retry', isDuplicate: true, existing: { executionId: 'second' } },
    });
    expect(at(await api.data(query, { taskId: 'jobs:new' }), 'duplicateCheck')).toEqual({ taskId: 'jobs:new', isDuplicate: false, existing: null });
  });

  it('the feed says how it is', async () => {
    expect(await api.data('{ feed { state cursor subscribers resyncs reason } }')).toMatchObject({ feed: { state: 'LIVE', resyncs: 0, reason: null } });
  });
});
