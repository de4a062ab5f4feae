import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { untilStatistics } from '../../support/statistics.js';
import { type Api, at, startApi, type Subscription } from './api.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const ago = (ms: number): Date => new Date(Date.now() - ms);

let api: Api;

beforeAll(async () => {
  api = await startApi({ figuresInMemory: true });
  await untilStatistics(api.services.statistics, 'READY');
});
afterAll(() => api[Symbol.asyncDispose]());

async function field<T = Record<string, unknown>>(subscription: Subscription, name: string): Promise<T> {
  const { data, errors } = await subscription.next();
  expect(errors).toBeUndefined();
  return at<T>(data, name);
}

/** Resolves when what was written is in the figures: changes come in the order in which they were made. */
async function settled(): Promise<void> {
  await using changes = await api.subscribe('subscription { taskChanged(filter: { queueName: "mark" }) { kind } }');
  await api.insert(`mark-${Math.random()}`, { queueName: 'mark' });
  await changes.next();
}

const OVERVIEW = `query ($from: DateTime!, $month: DateTime!) {
  stats { state progress readySince }
  queues { name stats { queued total source exact } oldestQueuedAt stuckCount stuckThreshold { timeoutMs } throughput(from: $from, interval: HOUR) { enqueued } history(from: $from, interval: HOUR) { queued } }
  throughput(from: $month, interval: DAY) { start enqueued failed run { count p99 } wait { max } }
  errorGroups(first: 5) { fingerprint category message count queueNames firstSeenAt lastSeenAt failures(from: $from, interval: HOUR) { start count } }
}`;

describe('figures in memory', () => {
  it('are answered without a read of the database; only samples are read, once for all', async () => {
    await api.insert('ov-1', { queueName: 'overview', status: 'failed', failedAt: new Date(), errorMessage: 'broke 1', errorCategory: 'transient' });
    await api.insert('ov-2', { queueName: 'overview', status: 'failed', failedAt: new Date(), errorMessage: 'never 1', errorCategory: 'transient' });
    await settled();
    api.readsSince();
    const variables = { from: ago(DAY - MINUTE).toISOString(), month: ago(29 * DAY).toISOString() };
    const data = await api.data(OVERVIEW, variables);
    expect(api.readsSince()).toEqual([]);
    expect(at(data, 'stats')).toMatchObject({ state: 'READY', progress: 1 });
    expect(at<{ name: string; stats: object }[]>(data, 'queues').find(({ name }) => name === 'overview')).toMatchObject({ stats: { total: 2, source: 'STREAM', exact: true } });
    await api.data('{ errorGroups { ...G } } fragment G on ErrorGroup { count sample { executionId errorMessage } }');
    expect(api.readsSince()).toEqual(['find']);
  });

  it('count in each group exactly the failures that a filter by its fingerprint finds', async () => {
    const failedAt = new Date();
    const messages: readonly unknown[] = ['user 17 not found', 'user 4711 not found', 'user x not found', 'user 5 not found\nat y', 17, ['user 1 not found'], '', 'user <n> not found'];
    const categories: readonly unknown[] = ['transient', undefined, 'weird', ['transient'], 'unknown'];
    let n = 0;
    for (const errorMessage of messages) for (const errorCategory of categories) await api.insert(`fp-${(n += 1)}`, { queueName: 'fp', status: 'failed', failedAt, errorMessage, errorCategory });
    await api.insert('fp-no-instant', { queueName: 'fp', status: 'failed', errorMessage: 'user 17 not found', errorCategory: 'transient' });
    await settled();
    const groups = at<{ fingerprint: string; count: number; message: string }[]>(await api.data('{ errorGroups(queueName: "fp", first: 200) { fingerprint count message sample { queueName } } }'), 'errorGroups');
    expect(groups.map(({ message }) => message).sort()).toEqual(['', '', 'user <n> not found', 'user <n> not found', 'user x not found', 'user x not found']);
    for (const { fingerprint, count } of groups) {
      const found = await api.data('query ($fingerprint: ID) { tasks(filter: { fingerprint: $fingerprint, queueName: "fp" }) { totalCount nodes { executionId } } }', { fingerprint });
      expect(at<number>(found, 'tasks', 'totalCount')).toBe(count);
    }
    expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(6 * categories.length);
  });

  it('tell of each group how its failures spread over time, of the queue that was asked for', async () => {
    const now = Date.now();
    for (const [id, queueName, hours] of [['over-1', 'over-a', 0], ['over-2', 'over-a', 2], ['over-3', 'over-b', 2]] as const) {
      await api.insert(id, { queueName, status: 'failed', failedAt: new Date(now - hours * 60 * MINUTE), errorMessage: 'spread over time', errorCategory: 'transient' });
    }
    await settled();
    const from = new Date(now - 3 * 60 * MINUTE).toISOString();
    const failures = async (queueName: string | null) => {
      const query = 'query ($queueName: String, $from: DateTime!) { errorGroups(queueName: $queueName, first: 200) { message failures(from: $from, interval: HOUR) { start count } } }';
      const groups = at<{ message: string; failures: { start: string; count: number }[] }[]>(await api.data(query, { queueName, from }), 'errorGroups');
      return groups.find(({ message }) => message === 'spread over time')?.failures.map(({ count }) => count);
    };
    expect(await failures(null)).toEqual([0, 2, 0, 1]);
    expect(await failures('over-a')).toEqual([0, 1, 0, 1]);
    expect(await failures('over-b')).toEqual([0, 1, 0, 0]);
    expect(await failures('over-c')).toBeUndefined();
  });

  it('leave out a group of which no failure is left, and find another sample where the known ones are gone', async () => {
    await api.insert('gone', { queueName: 'gone', status: 'failed', failedAt: new Date(), errorMessage: 'gone for good', errorCategory: 'transient' });
    await settled();
    const groups = async () => at<unknown[]>(await api.data('{ errorGroups(queueName: "gone") { count sample { executionId } } }'), 'errorGroups');
    expect(await groups()).toEqual([{ count: 1, sample: { executionId: 'gone' } }]);
    await api.model.collection.deleteOne({ executionId: 'gone' });
    await settled();
    expect(await groups()).toEqual([]);
  });

  it('refuse a range that cannot be kept, and name what is wrong', async () => {
    const far = new Date('9999-01-01T00:00:00Z');
    const now = new Date();
    for (const [name, variables] of [
      ['from', { from: now, to: now }],
      ['from', { from: ago(DAY + 10 * MINUTE) }],
      ['from', { from: new Date('1969-12-31T23:59:59Z') }],
      ['from', { from: far }],
      ['to', { from: ago(MINUTE), to: far }],
    ] as const) {
      const { errors } = await api.run('query ($from: DateTime!, $to: DateTime) { throughput(from: $from, to: $to) { start } }', variables);
      expect([name, errors?.[0]?.extensions]).toMatchObject([name, { code: 'INVALID_INPUT', field: [name] }]);
    }
    for (const first of [0, 201, -1]) {
      const { errors } = await api.run('query ($first: Int) { errorGroups(first: $first) { count } }', { first });
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', field: ['first'] });
    }
    const { errors } = await api.run('{ throughput(from: "2026-01-01T00:00:00Z", interval: WEEK) { start } }');
    expect(errors?.[0]?.message).toContain('WEEK');
  });

  it('have days of UTC, every one of the range', async () => {
    const from = ago(5 * DAY);
    const data = await api.data('query ($from: DateTime!) { throughput(from: $from, interval: DAY, queueName: "nobody") { start enqueued wait { count p50 } } }', { from: from.toISOString() });
    const buckets = at<{ start: string; enqueued: number; wait: object }[]>(data, 'throughput');
    expect(buckets).toHaveLength(6);
    for (const { start, enqueued, wait } of buckets) {
      expect(start).toMatch(/T00:00:00\.000Z$/);
      expect([enqueued, wait]).toEqual([0, { count: 0, p50: null }]);
    }
  });
});

describe('errorGroupChanged', () => {
  const NEWS = 'subscription ($queueName: String, $newOnly: Boolean! = false) { errorGroupChanged(queueName: $queueName, newOnly: $newOnly) { message count queueNames sample { executionId } } }';
  const fail = (executionId: string, errorMessage: string, failedAt = new Date(), queueName = 'news'): Promise<void> =>
    api.insert(executionId, { queueName, status: 'failed', failedAt, errorMessage, errorCategory: 'partner_api' });

  it('tells of a kind after each failure of it, of a queue only what happened there', async () => {
    await using all = await api.subscribe(NEWS);
    await using one = await api.subscribe(NEWS, { queueName: 'news-b' });
    await fail('n-1', 'answered 503 to job 1');
    expect(await field(all, 'errorGroupChanged')).toEqual({ message: 'answered <n> to job <n>', count: 1, queueNames: ['news'], sample: { executionId: 'n-1' } });
    await fail('n-2', 'answered 503 to job 2', new Date(), 'news-b');
    expect(await field(all, 'errorGroupChanged')).toMatchObject({ count: 2, queueNames: ['news', 'news-b'], sample: { executionId: 'n-2' } });
    expect(await field(one, 'errorGroupChanged')).toMatchObject({ count: 1, queueNames: ['news-b'] });
  });

  it('tells with newOnly of a kind that was not seen in the 7 days before, and of no other', async () => {
    await fail('o-1', 'seen six days ago', ago(6 * DAY));
    await fail('o-2', 'seen eight days ago', ago(8 * DAY));
    await settled();
    await using fresh = await api.subscribe(NEWS, { newOnly: true });
    await fail('o-3', 'seen six days ago');
    await fail('o-4', 'seen eight days ago');
    expect(await field(fresh, 'errorGroupChanged')).toMatchObject({ message: 'seen eight days ago', count: 2 });
    await fail('o-5', 'seen eight days ago');
    await fail('o-6', 'never seen');
    expect(await field(fresh, 'errorGroupChanged')).toMatchObject({ message: 'never seen', count: 1 });
  });
});

describe('stuckTaskDetected', () => {
  it('tells within 200 ms of the moment, with no read of the database before', async () => {
    const timeoutMs = 1_200;
    await using stuck = await api.subscribe('subscription ($timeoutMs: Float) { stuckTaskDetected(queueName: "stuck", timeoutMs: $timeoutMs) { executionId isStuck(timeoutMs: $timeoutMs) } }', { timeoutMs });
    const first = stuck.next();
    const processingStartedAt = new Date();
    await api.insert('ends', { queueName: 'stuck', status: 'processing', processingStartedAt });
    await api.insert('stays', { queueName: 'stuck', status: 'processing', processingStartedAt });
    await api.insert('elsewhere', { queueName: 'fine', status: 'processing', processingStartedAt });
    await api.model.collection.updateOne({ executionId: 'ends' }, { $set: { status: 'completed', completedAt: new Date() } });
    await settled();
    api.readsSince();
    expect(at((await first).data, 'stuckTaskDetected')).toEqual({ executionId: 'stays', isStuck: true });
    const late = Date.now() - processingStartedAt.getTime() - timeoutMs;
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(200);
    expect(api.readsSince()).toEqual(['find']);
  });
});

describe('queueStatsChanged', () => {
  it('holds with each message what was written before it, read from memory', async () => {
    await using counts = await api.subscribe('subscription { queueStatsChanged(queueName: "counted", minIntervalMs: 0) { queued processing total source } }');
    expect(await field(counts, 'queueStatsChanged')).toMatchObject({ total: 0 });
    api.readsSince();
    for (let n = 1; n <= 20; n += 1) {
      await api.insert(`counted-${n}`, { queueName: 'counted' });
      expect(await field(counts, 'queueStatsChanged')).toEqual({ queued: n, processing: 0, total: n, source: 'STREAM' });
    }
    await api.model.collection.deleteOne({ executionId: 'counted-1' });
    expect(await field(counts, 'queueStatsChanged')).toMatchObject({ total: 19 });
    expect(api.readsSince()).toEqual([]);
  });
});
