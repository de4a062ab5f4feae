import { describe, expect, it } from 'vitest';

import { OTHER_QUEUES } from '../../../../src/stats/fold/types.js';
import type { QueueDepth, ThroughputBucket } from '../../../../src/stats/types.js';
import { DAY, execution, foldAt, HOUR, MINUTE, NOW, SECOND, type Watched } from './documents.js';

const floor = (at: number, width: number): number => Math.floor(at / width) * width;

/** The bucket that holds an instant, in ms from NOW. */
function bucketAt({ fold }: Watched, queueName: string | null, ms: number, interval: 'MINUTE' | 'HOUR' = 'MINUTE'): ThroughputBucket | undefined {
  const width = interval === 'MINUTE' ? MINUTE : HOUR;
  const start = floor(NOW + ms, width);
  return fold.throughput(queueName, start, start + width, interval)[0];
}

/** How many stand where at the start of the minute that holds an instant, without the empty statuses. */
function depthAt({ fold }: Watched, queueName: string | null, ms: number): Record<string, number> {
  const start = floor(NOW + ms, MINUTE);
  const [depth] = fold.history(queueName, start, start + MINUTE, 'MINUTE');
  const { at: _, ...statuses } = depth ?? ({} as QueueDepth);
  return Object.fromEntries(Object.entries(statuses).filter(([, count]) => count !== 0));
}

const completed = execution({ _id: 1, status: 'completed', enqueuedAt: -30 * MINUTE, processingStartedAt: -20 * MINUTE, completedAt: -10 * MINUTE });

describe('counts of the fold', () => {
  it('knows a queue from its first document to its last', () => {
    const { fold, insert, remove } = foldAt();
    expect(fold.counts('q')).toBeNull();
    insert(completed);
    expect(fold.counts('q')).toMatchObject({ completed: 1, queued: 0, exact: true });
    expect(fold.queueNames()).toEqual(['q']);
    remove(completed);
    expect(fold.counts('q')).toBeNull();
    expect(fold.queueNames()).toEqual([]);
  });

  it('counts a status that is none of the six, or a list of them, as unknown', () => {
    const { fold, insert } = foldAt();
    insert(execution({ _id: 1, status: 'lost' }), execution({ _id: 2, status: ['queued'] }), execution({ _id: 3, status: undefined }));
    expect(fold.counts('q')).toMatchObject({ queued: 0, unknown: 3 });
  });

  it('counts a document once in each queue of a list, and once among all', () => {
    const watched = foldAt();
    watched.insert(execution({ queueName: ['a', 'b', 'a', 7], enqueuedAt: 0 }));
    expect(watched.fold.counts('a')?.queued).toBe(1);
    expect(watched.fold.counts('b')?.queued).toBe(1);
    expect(watched.fold.queueNames()).toEqual(['a', 'b']);
    expect(bucketAt(watched, null, 0)?.enqueued).toBe(1);
  });

  it('counts a document that names no queue among all only', () => {
    const watched = foldAt();
    watched.insert(execution({ queueName: 7, enqueuedAt: 0 }));
    expect(watched.fold.queueNames()).toEqual([]);
    expect(bucketAt(watched, null, 0)?.enqueued).toBe(1);
  });

  it('moves a document from one queue to another', () => {
    const watched = foldAt();
    const moved = execution({ queueName: 'other', status: 'queued', enqueuedAt: -MINUTE });
    watched.insert(execution({ enqueuedAt: -MINUTE }));
    watched.update(execution({ enqueuedAt: -MINUTE }), moved);
    expect(watched.fold.counts('q')).toBeNull();
    expect(watched.fold.counts('other')).toMatchObject({ queued: 1 });
    expect(bucketAt(watched, 'q', -MINUTE)?.enqueued).toBe(0);
    expect(bucketAt(watched, 'other', -MINUTE)?.enqueued).toBe(1);
  });
});

describe('what waits and what is processed', () => {
  it('gives the enqueuedAt of the longest-waiting, and the next when that one starts', () => {
    const { fold, insert, update } = foldAt();
    const [first, second] = [-3, -2].map((minutes, _id) => execution({ _id, enqueuedAt: minutes * MINUTE }));
    insert(...[first, second].flatMap((one) => one ?? []));
    expect(fold.oldestQueuedAt('q')).toEqual(new Date(NOW - 3 * MINUTE));
    if (first) update(first, execution({ _id: 0, status: 'processing', enqueuedAt: -3 * MINUTE, processingStartedAt: 0 }));
    expect(fold.oldestQueuedAt('q')).toEqual(new Date(NOW - 2 * MINUTE));
  });

  it('still knows the oldest when one of two that wait since the same instant starts', () => {
    const { fold, insert, remove } = foldAt();
    insert(execution({ _id: 1, enqueuedAt: -HOUR }), execution({ _id: 2, enqueuedAt: -HOUR }));
    remove(execution({ _id: 1, enqueuedAt: -HOUR }));
    expect(fold.oldestQueuedAt('q')).toEqual(new Date(NOW - HOUR));
  });

  it('knows no oldest where the document does not say since when it waits', () => {
    const { fold, insert } = foldAt();
    insert(execution({ createdAt: -HOUR }));
    expect(fold.counts('q')?.queued).toBe(1);
    expect(fold.oldestQueuedAt('q')).toBeNull();
  });

  it('counts what started before an instant, not at it', () => {
    const { fold, insert } = foldAt();
    insert(execution({ status: 'processing', processingStartedAt: -HOUR }));
    expect(fold.startedBefore('q', new Date(NOW - HOUR))).toBe(0);
    expect(fold.startedBefore('q', new Date(NOW - HOUR + 1))).toBe(1);
  });

  it('walks what is processed by start and _id, from page to page, of one queue or all', () => {
    const { fold, insert } = foldAt();
    insert(...[3, 1, 2].map((_id) => execution({ _id, status: 'processing', processingStartedAt: -HOUR, queueName: _id === 3 ? 'r' : 'q' })));
    insert(execution({ _id: 4, status: 'processing', processingStartedAt: -2 * HOUR, queueName: 5 }));
    const [first, second] = fold.processing(null, null, 2);
    expect([first?.documentId, second?.documentId]).toEqual([4, 1]);
    expect(fold.processing(null, second ?? null, 9).map(({ documentId }) => documentId)).toEqual([2, 3]);
    expect(fold.processing('q', null, 9).map(({ documentId }) => documentId)).toEqual([1, 2]);
    expect(fold.processing('nobody', null, 9)).toEqual([]);
  });
});

describe('buckets of the fold', () => {
  it('counts each event in the minute and the hour of its instant, for its queue and for all', () => {
    const watched = foldAt();
    watched.insert(completed);
    for (const queueName of ['q', null]) {
      expect(bucketAt(watched, queueName, -30 * MINUTE)).toMatchObject({ enqueued: 1, started: 0 });
      expect(bucketAt(watched, queueName, -20 * MINUTE)).toMatchObject({ started: 1, wait: { count: 1 }, run: { count: 0 } });
      expect(bucketAt(watched, queueName, -10 * MINUTE)).toMatchObject({ completed: 1, wait: { count: 0 }, run: { count: 1 } });
      expect(bucketAt(watched, queueName, -20 * MINUTE, 'HOUR')).toMatchObject({ enqueued: 1, started: 1, completed: 1 });
    }
  });

  it('counts a dead letter as failed and dlq where it failed, and as archived where it was', () => {
    const watched = foldAt();
    watched.insert(execution({ status: 'archived', failedAt: -HOUR, archivedAt: -MINUTE }));
    expect(bucketAt(watched, 'q', -HOUR)).toMatchObject({ failed: 1, dlq: 1, archived: 0 });
    expect(bucketAt(watched, 'q', -MINUTE)).toMatchObject({ failed: 0, dlq: 0, archived: 1 });
  });

  it('gives quantiles within 1 % of the latency of their rank, and null where nothing was measured', () => {
    const watched = foldAt();
    for (let id = 0; id < 100; id++) {
      watched.insert(execution({ _id: id, status: 'processing', enqueuedAt: -10 * SECOND - 100 * id, processingStartedAt: -10 * SECOND }));
    }
    const { wait, run } = bucketAt(watched, 'q', -10 * SECOND) ?? {};
    expect(wait?.count).toBe(100);
    expect(Math.abs((wait?.p50 ?? 0) - 4_900)).toBeLessThanOrEqual(49);
    expect(Math.abs((wait?.p99 ?? 0) - 9_800)).toBeLessThanOrEqual(98);
    expect(Math.abs((wait?.max ?? 0) - 9_900)).toBeLessThanOrEqual(99);
    expect(run).toEqual({ count: 0, p50: null, p95: null, p99: null, max: null });
  });

  it('holds a span that would be negative for 0 ms', () => {
    const watched = foldAt();
    watched.insert(execution({ status: 'processing', enqueuedAt: 5, processingStartedAt: 0 }));
    expect(bucketAt(watched, 'q', 0)?.wait).toEqual({ count: 1, p50: 0, p95: 0, p99: 0, max: 0 });
  });

  it('lets minutes go after 24 hours and hours after 30 days, without being told to', () => {
    const watched = foldAt();
    watched.insert(completed);
    watched.at(23 * HOUR);
    expect(bucketAt(watched, 'q', -10 * MINUTE)?.completed).toBe(1);
    watched.at(24 * HOUR);
    expect(bucketAt(watched, 'q', -10 * MINUTE)?.completed).toBe(0);
    expect(bucketAt(watched, 'q', -10 * MINUTE, 'HOUR')?.completed).toBe(1);
    watched.at(31 * DAY);
    expect(bucketAt(watched, 'q', -10 * MINUTE, 'HOUR')?.completed).toBe(0);
    expect(watched.fold.counts('q')?.completed).toBe(1);
  });

  it('takes nothing back of what has left the windows', () => {
    const watched = foldAt();
    watched.insert(completed);
    watched.at(40 * DAY);
    watched.remove(completed);
    const { fold } = watched;
    expect(fold.throughput('q', floor(NOW, DAY), floor(NOW, DAY) + 40 * DAY, 'DAY').every((bucket) => bucket.completed === 0 && bucket.run.count === 0)).toBe(true);
  });

  it('counts an instant far ahead once its time has come, and not before', () => {
    const watched = foldAt();
    const scheduled = execution({ enqueuedAt: 10 * DAY });
    watched.insert(scheduled);
    expect(watched.fold.counts('q')?.queued).toBe(1);
    expect(bucketAt(watched, 'q', 10 * DAY)?.enqueued).toBe(0);
    watched.at(10 * DAY);
    expect(bucketAt(watched, 'q', 10 * DAY)?.enqueued).toBe(1);
    watched.remove(scheduled);
    expect(bucketAt(watched, 'q', 10 * DAY)?.enqueued).toBe(0);
  });

  it('reads run times of the last 24 hours to the minute', () => {
    const watched = foldAt();
    const ended = (completedAt: number) => execution({ _id: completedAt, status: 'completed', processingStartedAt: completedAt - 100, completedAt });
    watched.insert(ended(-DAY - MINUTE), ended(-DAY), ended(-HOUR), ended(0), ended(2 * MINUTE));
    expect(watched.fold.runLatency('q').count).toBe(3);
  });
});

describe('depth of the fold', () => {
  it('follows the path of a document through its statuses', () => {
    const watched = foldAt();
    watched.insert(completed);
    expect(depthAt(watched, 'q', -31 * MINUTE)).toEqual({});
    expect(depthAt(watched, 'q', -29 * MINUTE)).toEqual({ queued: 1 });
    expect(depthAt(watched, 'q', -19 * MINUTE)).toEqual({ processing: 1 });
    expect(depthAt(watched, 'q', -9 * MINUTE)).toEqual({ completed: 1 });
    expect(depthAt(watched, null, -19 * MINUTE)).toEqual({ processing: 1 });
  });

  it('leads an archived document through the dead-letter queue', () => {
    const watched = foldAt();
    watched.insert(execution({ status: 'archived', enqueuedAt: -40 * MINUTE, processingStartedAt: -30 * MINUTE, failedAt: -20 * MINUTE, archivedAt: -10 * MINUTE }));
    expect([-35, -25, -15, -5].map((minutes) => depthAt(watched, 'q', minutes * MINUTE))).toEqual([{ queued: 1 }, { processing: 1 }, { dlq: 1 }, { archived: 1 }]);
  });

  it('takes instants that run backwards as at the same time', () => {
    const watched = foldAt();
    watched.insert(execution({ status: 'completed', enqueuedAt: -10 * MINUTE, processingStartedAt: -30 * MINUTE, completedAt: -20 * MINUTE }));
    expect(depthAt(watched, 'q', -15 * MINUTE)).toEqual({});
    expect(depthAt(watched, 'q', -5 * MINUTE)).toEqual({ completed: 1 });
  });

  it('skips a step without an instant, and takes the present status as held since the last that is known', () => {
    const watched = foldAt();
    watched.insert(execution({ _id: 1, status: 'completed', enqueuedAt: -30 * MINUTE, completedAt: -10 * MINUTE }));
    watched.insert(execution({ _id: 2, queueName: 'r', status: 'failed', enqueuedAt: -30 * MINUTE, processingStartedAt: -20 * MINUTE }));
    watched.insert(execution({ _id: 3, queueName: 's', status: 'dlq' }));
    expect([-31, -20, -5].map((minutes) => depthAt(watched, 'q', minutes * MINUTE))).toEqual([{}, { queued: 1 }, { completed: 1 }]);
    expect([-31, -25, -5].map((minutes) => depthAt(watched, 'r', minutes * MINUTE))).toEqual([{}, { queued: 1 }, { failed: 1 }]);
    expect([-DAY, 0].map((ms) => depthAt(watched, 's', ms))).toEqual([{ dlq: 1 }, { dlq: 1 }]);
  });

  it('does not count an unknown status', () => {
    const watched = foldAt();
    watched.insert(execution({ status: 'lost', enqueuedAt: -HOUR }));
    expect(depthAt(watched, 'q', 0)).toEqual({});
  });

  it('is as it was before we looked, a day and a month ago', () => {
    const { fold, insert } = foldAt();
    insert(execution({ status: 'completed', enqueuedAt: -20 * DAY, processingStartedAt: -10 * DAY, completedAt: -5 * DAY }));
    const days = fold.history('q', floor(NOW, DAY) - 29 * DAY, floor(NOW, DAY) + DAY, 'DAY');
    expect(days.map(({ queued, processing, completed: done }) => 1 * queued + 2 * processing + 3 * done)).toEqual([
      ...new Array<number>(10).fill(0),
      ...new Array<number>(10).fill(1),
      ...new Array<number>(5).fill(2),
      ...new Array<number>(5).fill(3),
    ]);
  });
});

describe('limits of the fold', () => {
  const inQueue = (queueName: string, id = queueName) => execution({ _id: id, queueName, enqueuedAt: 0 });

  it('keeps the buckets of further queues together, and their counts apart', () => {
    const watched = foldAt({ maxQueues: 1 });
    watched.insert(inQueue('a'), inQueue('b'), inQueue('c'));
    const { fold } = watched;
    expect(['a', 'b', 'c'].map((name) => fold.hasOwnBuckets(name))).toEqual([true, false, false]);
    expect(fold.counts('c')).toMatchObject({ queued: 1, exact: true });
    expect(bucketAt(watched, 'a', 0)?.enqueued).toBe(1);
    expect(bucketAt(watched, 'c', 0)?.enqueued).toBe(0);
    expect(bucketAt(watched, OTHER_QUEUES, 0)?.enqueued).toBe(2);
    expect(fold.counts(OTHER_QUEUES)).toMatchObject({ queued: 2 });
    expect(fold.allQueuesKept).toBe(true);
  });

  it('leaves a queue where it is until its last document is gone', () => {
    const { fold, insert, remove } = foldAt({ maxQueues: 1 });
    insert(inQueue('a'), inQueue('b', '1'));
    remove(inQueue('a'));
    insert(inQueue('b', '2'));
    expect(fold.hasOwnBuckets('b')).toBe(false);
    remove(inQueue('b', '1'), inQueue('b', '2'));
    insert(inQueue('b', '3'));
    expect(fold.hasOwnBuckets('b')).toBe(true);
    expect(fold.counts(OTHER_QUEUES)).toBeNull();
  });

  it('says of names beyond the limit that it does not keep them, until all of them are gone', () => {
    const { fold, insert, remove } = foldAt({ maxQueueNames: 1 });
    insert(inQueue('a'), inQueue('b', '1'));
    expect(fold.allQueuesKept).toBe(false);
    expect(fold.counts('b')).toMatchObject({ queued: 0, exact: false });
    expect(fold.counts(OTHER_QUEUES)).toMatchObject({ queued: 1 });
    remove(inQueue('a'));
    insert(inQueue('b', '2'));
    expect(fold.counts('b')?.exact).toBe(false);
    remove(inQueue('b', '1'), inQueue('b', '2'));
    expect(fold.allQueuesKept).toBe(true);
    insert(inQueue('b', '3'));
    expect(fold.counts('b')).toMatchObject({ queued: 1, exact: true });
  });

  it('keeps a queue that is really named as the others are with the others', () => {
    const { fold, insert } = foldAt();
    insert(inQueue(OTHER_QUEUES));
    expect(fold.queueNames()).toEqual([OTHER_QUEUES]);
    expect(fold.counts(OTHER_QUEUES)).toMatchObject({ queued: 1 });
  });
});
