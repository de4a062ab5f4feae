import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Api, at, startApi } from './api.js';

const MINUTE = 60_000;

describe('figures through the API', () => {
  let api: Api;
  const now = Date.now();
  const ago = (ms: number) => new Date(now - ms);

  beforeAll(async () => {
    api = await startApi();
    await api.insert('done', { status: 'completed', enqueuedAt: ago(5 * MINUTE), processingStartedAt: ago(5 * MINUTE - 1_000), completedAt: ago(5 * MINUTE - 3_000) });
    for (const [id, log] of [['bad-1', '17'], ['bad-2', '4711']] as const) {
      await api.insert(id, {
        status: 'failed',
        enqueuedAt: ago(4 * MINUTE),
        processingStartedAt: ago(3 * MINUTE),
        failedAt: ago(2 * MINUTE),
        errorCategory: 'validation',
        errorMessage: `Log ${log} is not valid`,
      });
    }
    await api.insert('other', { status: 'failed', failedAt: ago(2 * MINUTE), errorCategory: 'validation', errorMessage: 'No such aircraft' });
    await api.insert('long', { status: 'processing', enqueuedAt: ago(61 * MINUTE), processingStartedAt: ago(60 * MINUTE) });
  });
  afterAll(() => api[Symbol.asyncDispose]());

  it('gives every interval of the range, the empty ones too, whose sums are what the documents say', async () => {
    const from = new Date(Math.floor((now - 10 * MINUTE) / MINUTE) * MINUTE);
    const data = await api.data(
      `query ($from: DateTime!) { throughput(queueName: "jobs", from: $from) { start completed failed run { count p50 max } wait { count p50 } } }`,
      { from: from.toISOString() },
    );
    const buckets = at<{ start: string; completed: number; failed: number; run: { count: number; p50: number | null } }[]>(data, 'throughput');
    expect(buckets.length).toBeGreaterThanOrEqual(11);
    expect(buckets[0]?.start).toBe(from.toISOString());
    expect(buckets.reduce((sum, bucket) => sum + bucket.completed, 0)).toBe(1);
    expect(buckets.reduce((sum, bucket) => sum + bucket.failed, 0)).toBe(3);
    const completed = buckets.find((bucket) => bucket.completed === 1 && bucket.failed === 0);
    expect(completed?.run.count).toBe(1);
    expect(Math.abs((completed?.run.p50 ?? 0) - 2_000)).toBeLessThanOrEqual(20);
    expect(buckets.find((bucket) => bucket.run.count === 0)?.run.p50).toBeNull();
  });

  it('answers zeros for a queue that nobody named', async () => {
    const data = await api.data(`query ($from: DateTime!) { throughput(queueName: "nobody", from: $from, interval: HOUR) { enqueued } }`, { from: ago(MINUTE).toISOString() });
    expect(at<{ enqueued: number }[]>(data, 'throughput').every(({ enqueued }) => enqueued === 0)).toBe(true);
  });

  it.each([
    ['from', { from: ago(25 * 60 * MINUTE) }],
    ['from', { from: ago(0), to: ago(MINUTE) }],
    ['to', { from: ago(MINUTE), to: new Date(now + 48 * 60 * MINUTE) }],
    ['from', { from: new Date('1969-01-01T00:00:00Z') }],
  ])('refuses a range that is not kept or runs backwards, and names %s', async (field, range) => {
    const variables = Object.fromEntries(Object.entries(range).map(([name, value]) => [name, value.toISOString()]));
    const { errors } = await api.run('query ($from: DateTime!, $to: DateTime) { throughput(from: $from, to: $to) { start } }', variables);
    expect(errors?.[0]?.extensions?.['code']).toBe('INVALID_INPUT');
    expect(errors?.[0]?.message).toMatch(new RegExp(`^${field} `));
  });

  it('groups failures by what they have in common, and the fingerprint finds exactly these', async () => {
    const data = await api.data('{ errorGroups { fingerprint message category count queueNames sample { executionId } } }');
    const groups = at<{ fingerprint: string; message: string; count: number; sample: { executionId: string } }[]>(data, 'errorGroups');
    expect(groups.map(({ message, count }) => [message, count])).toEqual([
      ['Log <n> is not valid', 2],
      ['No such aircraft', 1],
    ]);
    expect(['bad-1', 'bad-2']).toContain(groups[0]?.sample.executionId);
    const found = await api.data('query ($fingerprint: ID) { tasks(filter: { fingerprint: $fingerprint }) { totalCount nodes { executionId } } }', {
      fingerprint: groups[0]?.fingerprint,
    });
    expect(at<number>(found, 'tasks', 'totalCount')).toBe(groups[0]?.count);
    expect(at<{ executionId: string }[]>(found, 'tasks', 'nodes').map(({ executionId }) => executionId).sort()).toEqual(['bad-1', 'bad-2']);
  });

  it.each([0, 201])('refuses %i groups', async (first) => {
    const { errors } = await api.run('query ($first: Int) { errorGroups(first: $first) { count } }', { first });
    expect(errors?.[0]?.message).toMatch(/^first /);
  });

  it('says which threshold applied to what is stuck', async () => {
    const data = await api.data('{ stuckTasks(adaptive: true) { nodes { executionId queue { stuckThreshold { timeoutMs adaptive samples } } } stuckThresholds { queueName timeoutMs adaptive } } }');
    expect(at(data, 'stuckTasks')).toEqual({
      nodes: [{ executionId: 'long', queue: { stuckThreshold: { timeoutMs: 1_800_000, adaptive: false, samples: 3 } } }],
      stuckThresholds: [{ queueName: 'jobs', timeoutMs: 1_800_000, adaptive: false }],
    });
  });

  it('knows how deep a queue was before anything watched it', async () => {
    const data = await api.data('query ($from: DateTime!) { queue(name: "jobs") { history(from: $from) { at completed processing } } }', { from: ago(10 * MINUTE).toISOString() });
    const depths = at<{ completed: number; processing: number }[]>(data, 'queue', 'history');
    expect(depths[0]).toMatchObject({ completed: 0, processing: 1 });
    expect(depths.at(-1)).toMatchObject({ completed: 1 });
  });

  it('reports an execution that is stuck already, and one at the moment its time passes', async () => {
    await using subscription = await api.subscribe('subscription ($timeoutMs: Float) { stuckTaskDetected(timeoutMs: $timeoutMs) { executionId } }', { timeoutMs: 1_500 });
    expect(at((await subscription.next()).data, 'stuckTaskDetected', 'executionId')).toBe('long');
    const startedAt = new Date();
    await api.insert('soon', { status: 'processing', processingStartedAt: startedAt });
    expect(at((await subscription.next()).data, 'stuckTaskDetected', 'executionId')).toBe('soon');
    expect(Date.now() - startedAt.getTime()).toBeGreaterThanOrEqual(1_500);
  });

  it('sends the interval that is now at once, and again after a change', async () => {
    await using subscription = await api.subscribe('subscription { throughputChanged(queueName: "live", interval: DAY) { enqueued } }');
    expect(at((await subscription.next()).data, 'throughputChanged', 'enqueued')).toBe(0);
    await api.insert('live-1', { queueName: 'live', enqueuedAt: new Date() });
    expect(at((await subscription.next()).data, 'throughputChanged', 'enqueued')).toBe(1);
  });

  it('says how the figures are kept', async () => {
    expect(await api.data('{ stats { state progress lastDrift } }')).toEqual({ stats: { state: 'UNAVAILABLE', progress: 0, lastDrift: 0 } });
  });
});
