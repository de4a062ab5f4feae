import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ErrorCategory } from '../../../src/model/error-category.js';
import { type Api, at, RefusedSubscription, startApi, type Subscription } from './api.js';

const CHANGES = 'subscription ($filter: TaskFilter, $after: String) { taskChanged(filter: $filter, after: $after) { kind cursor executionId status previousStatus changedFields lookedUp task { executionId status retryChain { attemptCount status } } } }';

let api: Api;
beforeAll(async () => {
  api = await startApi({ feed: { bookmarkIntervalMs: 3_600_000 } });
});
afterAll(() => api[Symbol.asyncDispose]());

async function field(subscription: Subscription, name: string): Promise<Record<string, unknown>> {
  const { data, errors } = await subscription.next();
  expect(errors).toBeUndefined();
  return at(data, name);
}

async function refusal(source: string, variables: Record<string, unknown> = {}): Promise<unknown> {
  try {
    await api.subscribe(source, variables);
  } catch (error) {
    if (error instanceof RefusedSubscription) return error.errors[0]?.extensions;
    throw error;
  }
  throw new Error('the subscription was not refused');
}

const subscribers = async (): Promise<unknown> => at(await api.data('{ feed { subscribers } }'), 'feed', 'subscribers');

async function started(taskId: string, queueName = 'live'): Promise<string> {
  const { execution } = await api.services.lifecycle.enqueue({ taskId, queueName });
  await api.services.lifecycle.start(execution.executionId);
  return execution.executionId;
}

describe('taskChanged', () => {
  it('tells each move of an execution, with the status before and the fields that changed', async () => {
    await using changes = await api.subscribe(CHANGES, { filter: { queueName: ['moves'] } });
    const executionId = await started('jobs:moves', 'moves');
    await api.services.lifecycle.complete(executionId);
    expect(await field(changes, 'taskChanged')).toMatchObject({ kind: 'CREATED', executionId, status: 'QUEUED', previousStatus: null });
    const second = await field(changes, 'taskChanged');
    expect(second).toMatchObject({ kind: 'UPDATED', executionId, status: 'PROCESSING', previousStatus: 'QUEUED', task: { status: 'PROCESSING' } });
    expect([...(second['changedFields'] as string[])].sort()).toEqual(['processingStartedAt', 'status', 'updatedAt']);
    expect(await field(changes, 'taskChanged')).toMatchObject({ status: 'COMPLETED', previousStatus: 'PROCESSING' });
  });

  it('tells the change that makes an execution leave the filter, and no other one outside of it', async () => {
    await using changes = await api.subscribe(CHANGES, { filter: { status: ['QUEUED'], queueName: ['leaves'] } });
    const executionId = await started('jobs:leaves', 'leaves');
    await api.services.lifecycle.complete(executionId);
    await api.services.lifecycle.enqueue({ taskId: 'jobs:next', queueName: 'leaves', executionId: 'next' });
    expect(await field(changes, 'taskChanged')).toMatchObject({ executionId, status: 'QUEUED' });
    expect(await field(changes, 'taskChanged')).toMatchObject({ executionId, status: 'PROCESSING', previousStatus: 'QUEUED' });
    expect(await field(changes, 'taskChanged')).toMatchObject({ executionId: 'next' });
  });

  it('says whether the execution still matches, and names its document also when it is gone', async () => {
    const query = 'subscription ($filter: TaskFilter) { taskChanged(filter: $filter) { kind nodeId matches task { id } } }';
    await using changes = await api.subscribe(query, { filter: { status: ['QUEUED'], queueName: ['still'], metadata: [{ path: 'a', eq: 1 }] } });
    await using all = await api.subscribe(query.replace('(filter: $filter)', '').replace('($filter: TaskFilter)', ''));
    await api.insert('still', { queueName: 'still', metadata: { a: 1 } });
    await api.model.collection.updateOne({ executionId: 'still' }, { $set: { status: 'processing' } });
    await api.model.collection.updateOne({ executionId: 'still' }, { $set: { status: 'queued' } });
    await api.model.collection.deleteOne({ executionId: 'still' });
    const seen = [];
    for (let n = 0; n < 4; n += 1) seen.push(await field(changes, 'taskChanged'));
    expect(seen.map(({ kind, matches }) => [kind, matches])).toEqual([['CREATED', true], ['UPDATED', false], ['UPDATED', true], ['REMOVED', false]]);
    const id = at(seen[0], 'task', 'id');
    expect(seen.map(({ nodeId }) => nodeId)).toEqual([id, id, id, id]);
    const unfiltered = [];
    for (let n = 0; n < 4; n += 1) unfiltered.push((await field(all, 'taskChanged'))['matches']);
    expect(unfiltered).toEqual([true, true, true, false]);
  });

  it('goes on behind the cursor of a page, so that nothing between the two is missed', async () => {
    const page = await api.data('{ tasks(filter: { queueName: "gap" }) { nodes { id } feedCursor } }');
    await api.services.lifecycle.enqueue({ taskId: 'jobs:gap', queueName: 'gap', executionId: 'gap' });
    await using changes = await api.subscribe(CHANGES, { filter: { queueName: ['gap'] }, after: at(page, 'tasks', 'feedCursor') });
    expect(await field(changes, 'taskChanged')).toMatchObject({ kind: 'CREATED', executionId: 'gap' });
  });

  it('shows each event as things stand then, not as an earlier event was answered', async () => {
    await using changes = await api.subscribe(CHANGES, { filter: { taskId: 'jobs:fresh' } });
    const executionId = await started('jobs:fresh');
    await api.services.lifecycle.fail({ executionId, errorMessage: 'no', errorCategory: ErrorCategory.UNKNOWN, recoverable: true });
    for (let n = 0; n < 3; n += 1) await changes.next();
    await api.services.lifecycle.retry({ executionId }, { name: 'ann' });
    // The retried execution may be written to as well; the new one is what counts.
    let change = await field(changes, 'taskChanged');
    while (change['kind'] !== 'CREATED') change = await field(changes, 'taskChanged');
    expect(at(change, 'task', 'retryChain')).toEqual({ attemptCount: 2, status: 'QUEUED' });
  });

  it('names the argument that cannot be taken before it begins', async () => {
    expect(await refusal(CHANGES, { filter: { metadata: [{ path: 'a.$b', eq: 1 }] } })).toEqual({ code: 'INVALID_INPUT', field: ['filter', 'metadata', '0', 'path'] });
    expect(await refusal(CHANGES, { after: 'forged' })).toMatchObject({ code: 'INVALID_INPUT', field: ['after'] });
    expect(await subscribers()).toBe(0);
  });

  it('leaves the feed when its client unsubscribes, also while nothing happens', async () => {
    const changes = await api.subscribe(CHANGES, { filter: { taskId: 'jobs:quiet' } });
    expect(await subscribers()).toBe(1);
    const waiting = changes.completed();
    await changes.end();
    expect(await waiting).toBe(true);
    expect(await subscribers()).toBe(0);
  });
});

describe('queueStatsChanged', () => {
  const COUNTS = 'subscription ($queueName: String, $ms: Int) { queueStatsChanged(queueName: $queueName, minIntervalMs: $ms) { queueName queued processing total } }';

  it('sends the counts at once, and the last ones after changes', async () => {
    await using counts = await api.subscribe(COUNTS, { queueName: 'counted', ms: 0 });
    expect(await field(counts, 'queueStatsChanged')).toEqual({ queueName: 'counted', queued: 0, processing: 0, total: 0 });
    for (let n = 0; n < 5; n += 1) await started(`jobs:counted-${n}`, 'counted');
    let last = await field(counts, 'queueStatsChanged');
    while (last['processing'] !== 5) last = await field(counts, 'queueStatsChanged');
    expect(last).toEqual({ queueName: 'counted', queued: 0, processing: 5, total: 5 });
  });

  it('tells of every queue where none is named', async () => {
    await started('jobs:all-1', 'all_a');
    await using counts = await api.subscribe(COUNTS, { ms: 0 });
    let seen = await field(counts, 'queueStatsChanged');
    while (seen['queueName'] !== 'all_a') seen = await field(counts, 'queueStatsChanged');
    await started('jobs:all-2', 'all_new');
    while (seen['queueName'] !== 'all_new' || seen['processing'] !== 1) seen = await field(counts, 'queueStatsChanged');
    expect(seen).toEqual({ queueName: 'all_new', queued: 0, processing: 1, total: 1 });
  });

  it('refuses an interval that is none', async () => {
    expect(await refusal(COUNTS, { ms: -1 })).toEqual({ code: 'INVALID_INPUT', field: ['minIntervalMs'] });
  });

  it('leaves the feed when its client unsubscribes', async () => {
    const counts = await api.subscribe(COUNTS, { queueName: 'quiet' });
    await counts.next();
    const waiting = counts.completed();
    await counts.end();
    expect(await waiting).toBe(true);
    expect(await subscribers()).toBe(0);
  });
});

describe('retryChainChanged', () => {
  const CHAIN = 'subscription ($taskId: String!) { retryChainChanged(taskId: $taskId) { taskId attemptCount status attempts { status } } }';

  it('sends the chain as it stands, and again after each change', async () => {
    const executionId = await started('jobs:chain');
    await using chain = await api.subscribe(CHAIN, { taskId: 'jobs:chain' });
    expect(await field(chain, 'retryChainChanged')).toMatchObject({ attemptCount: 1, status: 'PROCESSING' });
    await api.services.lifecycle.fail({ executionId, errorMessage: 'no', errorCategory: ErrorCategory.UNKNOWN, recoverable: true });
    expect(await field(chain, 'retryChainChanged')).toMatchObject({ attemptCount: 1, status: 'FAILED' });
    await api.services.lifecycle.retry({ executionId }, { name: 'ann' });
    let last = await field(chain, 'retryChainChanged');
    while (last['attemptCount'] !== 2) last = await field(chain, 'retryChainChanged');
    expect(last).toEqual({ taskId: 'jobs:chain', attemptCount: 2, status: 'QUEUED', attempts: [{ status: 'FAILED' }, { status: 'QUEUED' }] });
  });

  it('waits for the first attempt where there is none', async () => {
    await using chain = await api.subscribe(CHAIN, { taskId: 'jobs:unborn' });
    const first = field(chain, 'retryChainChanged');
    await api.services.lifecycle.enqueue({ taskId: 'jobs:unborn', queueName: 'live' });
    expect(await first).toMatchObject({ attemptCount: 1, status: 'QUEUED' });
  });
});

describe('feedStatus', () => {
  it('sends the status at once', async () => {
    await using status = await api.subscribe('subscription { feedStatus { state resyncs reason } }');
    expect(await field(status, 'feedStatus')).toEqual({ state: 'LIVE', resyncs: 0, reason: null });
  });
});

describe('a subscription whose source ends with an error', () => {
  it('delivers it as its last result, with the cursor to go on from, and completes', async () => {
    await using small = await startApi({ feed: { subscriberQueue: 2, bookmarkIntervalMs: 3_600_000 } });
    const witness = small.feed.subscribe({ bookmarks: false });
    await using changes = await small.subscribe(CHANGES);
    for (let n = 0; n < 4; n += 1) {
      await small.insert(`burst-${n}`);
      await witness.next();
    }
    const { data, errors } = await changes.next();
    expect(data).toBeNull();
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'SLOW_CONSUMER', cursor: expect.any(String) });
    expect(await changes.completed()).toBe(true);
  });

  it('is told that the application closes', async () => {
    const closing = await startApi();
    const changes = await closing.subscribe(CHANGES);
    await closing[Symbol.asyncDispose]();
    const { errors } = await changes.next();
    expect(errors?.[0]?.extensions).toEqual({ code: 'FEED_CLOSED' });
    expect(await changes.completed()).toBe(true);
  });
});
