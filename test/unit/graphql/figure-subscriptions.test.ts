import { setTimeout as delay } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ErrorCategory } from '../../../src/model/error-category.js';
import { fingerprintOf, otherFingerprintOf } from '../../../src/model/fingerprint/fingerprint.js';
import { type Execution, toExecution } from '../../../src/model/execution.js';
import type { Feed, FeedSubscribeOptions, TaskChangeEvent } from '../../../src/feed/types.js';
import { fromListener } from '../../../src/graphql/subscriptions/callbacks.js';
import { watchErrorGroups, watchStuck, watchThroughput } from '../../../src/graphql/subscriptions/figures.js';
import type { TaskQueries } from '../../../src/queries/types.js';
import type { ErrorGroup, ErrorGroupNews, SeriesRequest, Statistics, ThroughputBucket } from '../../../src/stats/types.js';

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 24, 10, 20, 45);

const documents = new Map<unknown, Execution>();
const insert = (_id: string, fields: Record<string, unknown> = {}): Execution => {
  const execution = toExecution({ _id, executionId: _id, queueName: 'a', status: 'failed', failedAt: new Date(), errorMessage: 'x', ...fields });
  documents.set(_id, execution);
  return execution;
};

let reads: string[] = [];
const queries = {
  async byDocumentIds(ids: readonly unknown[]) {
    reads.push('byDocumentIds');
    return ids.flatMap((id) => documents.get(id) ?? []);
  },
  async byDocumentId(id: unknown) {
    reads.push('byDocumentId');
    return documents.get(id) ?? null;
  },
  async page() {
    reads.push('page');
    const node = [...documents.values()].at(-1);
    return { edges: node ? [{ cursor: '', node }] : [], hasNextPage: false, hasPreviousPage: false };
  },
} as unknown as TaskQueries;

beforeEach(() => {
  documents.clear();
  reads = [];
  vi.useFakeTimers({ now: START });
});
afterEach(() => void vi.useRealTimers());

const open: AsyncIterableIterator<unknown>[] = [];
afterEach(async () => {
  for (const iterator of open.splice(0)) await iterator.return?.();
});

/** What has come so far, as it comes. */
function collect<T>(iterator: AsyncIterableIterator<T>): T[] {
  open.push(iterator);
  const seen: T[] = [];
  void (async () => {
    for await (const value of iterator) seen.push(value);
  })();
  return seen;
}

describe('errorGroupChanged', () => {
  const kind = fingerprintOf(ErrorCategory.TRANSIENT, 'timed out after 5 ms');
  const listeners = new Set<(news: ErrorGroupNews) => void>();
  const tell = (news: Partial<ErrorGroupNews> = {}): void => listeners.forEach((listener) => listener({ fingerprint: kind.fingerprint, queueName: 'a', isNew: false, ...news }));
  let count = 0;
  let sampleIds: readonly unknown[] = ['s'];
  const asked: (string | null | undefined)[] = [];
  const statistics = {
    onErrorGroup(listener: (news: ErrorGroupNews) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async errorGroup(fingerprint: string, queueName?: string | null): Promise<ErrorGroup | null> {
      asked.push(queueName);
      count += 1;
      return { fingerprint, queueName: queueName ?? null, category: ErrorCategory.TRANSIENT, message: kind.message, sampleIds, count, queueNames: ['a'], firstSeenAt: new Date(0), lastSeenAt: new Date(0) };
    },
  } as unknown as Statistics;

  beforeEach(() => {
    count = 0;
    sampleIds = ['s'];
    asked.length = 0;
    insert('s');
  });

  it('is silent until a failure is counted, and then tells of its kind with its newest sample', async () => {
    const seen = collect(watchErrorGroups({ statistics, queries }, null, false));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(seen).toEqual([]);
    tell();
    await vi.advanceTimersByTimeAsync(0);
    expect(seen).toMatchObject([{ fingerprint: kind.fingerprint, count: 1, sample: { executionId: 's' } }]);
    expect(asked).toEqual([null]);
  });

  it('tells at most four times a second of a kind, and the last state always', async () => {
    const seen = collect(watchErrorGroups({ statistics, queries }, null, false));
    for (let n = 0; n < 100; n += 1) {
      tell();
      await vi.advanceTimersByTimeAsync(10);
    }
    await vi.advanceTimersByTimeAsync(250);
    expect(seen.length).toBeGreaterThanOrEqual(4);
    expect(seen.length).toBeLessThanOrEqual(6);
    expect(seen.at(-1)?.count).toBe(count);
  });

  it('tells of one queue, with the figures of that queue, where one is named', async () => {
    const seen = collect(watchErrorGroups({ statistics, queries }, 'b', false));
    tell();
    await vi.advanceTimersByTimeAsync(250);
    tell({ queueName: 'b' });
    await vi.advanceTimersByTimeAsync(250);
    expect(seen).toHaveLength(1);
    expect(asked).toEqual(['b']);
  });

  it('tells only of kinds that are new where that is asked', async () => {
    const seen = collect(watchErrorGroups({ statistics, queries }, null, true));
    tell();
    await vi.advanceTimersByTimeAsync(250);
    expect(seen).toEqual([]);
    tell({ isNew: true });
    tell();
    await vi.advanceTimersByTimeAsync(250);
    expect(seen).toHaveLength(1);
  });

  it('finds another sample where those that are known are gone, and leaves out a kind of which nothing is left', async () => {
    const seen = collect(watchErrorGroups({ statistics, queries }, null, false));
    sampleIds = ['gone', 'gone too'];
    tell();
    await vi.advanceTimersByTimeAsync(250);
    expect(seen).toMatchObject([{ sample: { executionId: 's' } }]);
    documents.clear();
    tell();
    await vi.advanceTimersByTimeAsync(250);
    expect(seen).toHaveLength(1);
    insert('of another kind');
    tell({ fingerprint: otherFingerprintOf(ErrorCategory.TRANSIENT).fingerprint });
    await vi.advanceTimersByTimeAsync(250);
    expect(seen, 'no filter finds the kinds without a group').toHaveLength(1);
  });

  it('stops listening when it ends', async () => {
    const before = listeners.size;
    const watch = watchErrorGroups({ statistics, queries }, null, false);
    expect(listeners.size).toBe(before + 1);
    await watch.return();
    expect(listeners.size).toBe(before);
  });
});

describe('throughputChanged', () => {
  const requests: SeriesRequest[] = [];
  let enqueued = 0;
  const none = { count: 0, p50: null, p95: null, p99: null, max: null };
  const statistics = {
    async throughput(request: SeriesRequest): Promise<readonly ThroughputBucket[]> {
      requests.push(request);
      return [{ start: request.from, enqueued, started: 0, completed: 0, failed: 0, dlq: 0, archived: 0, wait: none, run: none }];
    },
  } as unknown as Statistics;
  let tell: (event: Partial<TaskChangeEvent>) => void = () => undefined;
  const feed = {
    subscribe: ({ accepts = () => true }: FeedSubscribeOptions) =>
      fromListener<TaskChangeEvent>((listener) => {
        tell = (event) => {
          const whole = { kind: 'CREATED', task: null, before: null, changedFields: [], ...event } as TaskChangeEvent;
          if (accepts(whole)) listener(whole);
        };
        return () => undefined;
      }),
  } as unknown as Feed;

  beforeEach(() => {
    requests.length = 0;
    enqueued = 0;
  });

  it('sends the minute that is now at once, after changes of that queue, and a new one when it begins', async () => {
    const watch = watchThroughput({ feed, statistics }, 'a', 'MINUTE');
    const seen = collect(watch);
    await vi.advanceTimersByTimeAsync(0);
    const start = new Date(START - 45_000);
    expect(seen).toMatchObject([{ start, enqueued: 0 }]);
    enqueued = 1;
    await vi.advanceTimersByTimeAsync(1_000);
    tell({ task: toExecution({ _id: 1, queueName: 'b' }) });
    tell({ kind: 'UPDATED', task: toExecution({ _id: 1, queueName: 'b' }), before: toExecution({ _id: 1, queueName: 'c' }) });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(seen).toHaveLength(1);
    tell({ task: toExecution({ _id: 1, queueName: 'a' }) });
    await vi.advanceTimersByTimeAsync(0);
    expect(seen.at(-1)).toMatchObject({ start, enqueued: 1 });
    enqueued = 0;
    await vi.advanceTimersByTimeAsync(13_000);
    expect(seen.at(-1)).toMatchObject({ start: new Date(start.getTime() + MINUTE), enqueued: 0 });
    expect(seen).toHaveLength(3);
    await watch.return();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('reads again where it is not known in which queue an execution was', async () => {
    const seen = collect(watchThroughput({ feed, statistics }, 'a', 'HOUR'));
    await vi.advanceTimersByTimeAsync(1_000);
    tell({ kind: 'UPDATED', task: toExecution({ _id: 1, queueName: 'b' }) });
    await vi.advanceTimersByTimeAsync(1_000);
    tell({ kind: 'REMOVED' });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(seen).toHaveLength(3);
  });

  it('reads at most four times a second, however many changes there are', async () => {
    const watch = watchThroughput({ feed, statistics }, null, 'DAY');
    const seen = collect(watch);
    for (let n = 0; n < 200; n += 1) {
      enqueued = n;
      tell({ task: toExecution({ _id: n, queueName: `q${n}` }) });
      await vi.advanceTimersByTimeAsync(5);
    }
    await vi.advanceTimersByTimeAsync(250);
    expect(requests.length).toBeLessThanOrEqual(6);
    expect(requests.at(-1)).toMatchObject({ queueName: null, from: new Date(Date.UTC(2026, 10, 24)), interval: 'DAY' });
    expect(seen.at(-1)?.enqueued).toBe(199);
    await watch.return();
  });
});

describe('stuckTaskDetected', () => {
  const statistics = (ids: AsyncIterableIterator<unknown>) => ({ watchStuck: () => ids }) as unknown as Statistics;
  const ids = (...all: readonly unknown[]) =>
    fromListener<unknown>((listener) => {
      queueMicrotask(() => all.forEach(listener));
      return () => undefined;
    });

  it('sends executions as they are, and none that ended or was deleted before it was read', async () => {
    insert('ended');
    insert('stuck', { status: 'processing', processingStartedAt: new Date(START - 2 * MINUTE) });
    insert('restarted', { status: 'processing', processingStartedAt: new Date(START) });
    const seen = collect(watchStuck({ statistics: statistics(ids('ended', 'deleted', 'restarted', 'stuck')), queries }, null, MINUTE));
    await vi.advanceTimersByTimeAsync(0);
    expect(seen.map(({ executionId }) => executionId)).toEqual(['stuck']);
    expect(reads).toHaveLength(4);
  });

  it('waits for a database that is away, and skips nothing', async () => {
    insert('stuck', { status: 'processing', processingStartedAt: new Date(START - 2 * MINUTE) });
    const away = Object.assign(new Error('away'), { name: 'MongoServerSelectionError' });
    let failures = 2;
    const flaky = { ...queries, byDocumentId: (id: unknown) => (failures-- > 0 ? Promise.reject(away) : queries.byDocumentId(id)) } as TaskQueries;
    vi.useRealTimers();
    vi.setSystemTime(START);
    const watch = watchStuck({ statistics: statistics(ids('stuck')), queries: flaky }, null, MINUTE);
    expect((await Promise.race([watch.next(), delay(8_000)]))?.value).toMatchObject({ executionId: 'stuck' });
    expect(failures).toBe(-1);
  });
});
