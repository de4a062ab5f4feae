import { describe, expect, it } from 'vitest';

import { fingerprintOf, otherFingerprintOf } from '../../../../src/model/fingerprint/fingerprint.js';
import { ErrorCategory } from '../../../../src/model/error-category.js';
import { ErrorGroups, type PlacedFailure } from '../../../../src/stats/fold/error-groups.js';
import { OTHER_QUEUES } from '../../../../src/stats/fold/types.js';
import { windowsAt } from '../../../../src/stats/fold/windows.js';
import { DAY, execution, failure, foldAt, HOUR, MINUTE, NOW, SECOND } from './documents.js';

const boom = fingerprintOf(ErrorCategory.TRANSIENT, 'boom').fingerprint;
const monthAgo = NOW - 30 * DAY;
const soon = NOW + MINUTE;

describe('error groups of the fold', () => {
  it('counts failures by category and normalised message', () => {
    const { fold, insert } = foldAt();
    insert(
      failure(1, -MINUTE, { errorMessage: 'user 17 not found' }),
      failure(2, -SECOND, { errorMessage: 'user 4711 not found', queueName: 'r' }),
      failure(3, -SECOND, { errorMessage: 'user 5 not found', errorCategory: 'validation' }),
    );
    const groups = [...fold.errorGroups(null, monthAgo, soon)].sort((a, b) => b.count - a.count);
    expect(groups.map(({ category, count }) => [category, count])).toEqual([
      ['transient', 2],
      ['validation', 1],
    ]);
    expect(groups[0]).toMatchObject({
      message: 'user <n> not found',
      queueNames: ['q', 'r'],
      sampleIds: [2, 1],
      firstSeenAt: new Date(NOW - MINUTE),
      lastSeenAt: new Date(NOW - SECOND),
    });
  });

  it('counts a failure without a category as unknown, and no document without failedAt or a text as message', () => {
    const { fold, insert } = foldAt();
    insert(failure(1, 0, { errorCategory: undefined }), failure(2, 0, { failedAt: undefined }), failure(3, 0, { errorMessage: undefined }), failure(4, 0, { errorMessage: 5 }));
    expect(fold.errorGroups(null, monthAgo, soon)).toMatchObject([{ category: 'unknown', count: 1 }]);
  });

  it('counts one queue where it is named, with the first and last of that queue', () => {
    const { fold, insert } = foldAt();
    insert(failure(1, -HOUR), failure(2, -MINUTE, { queueName: 'r' }), failure(3, 0, { queueName: 'r' }));
    expect(fold.errorGroup(boom, 'r')).toMatchObject({ count: 2, queueNames: ['r'], sampleIds: [3, 2], firstSeenAt: new Date(NOW - MINUTE) });
    expect(fold.errorGroup(boom, 'nobody')).toBeNull();
    expect(fold.errorGroup('forged', null)).toBeNull();
  });

  it('widens a range to whole minutes in the last 24 hours, and to whole hours before', () => {
    const { fold, insert } = foldAt();
    insert(failure(1, 0), failure(2, -2 * DAY));
    const count = (from: number, to: number) => fold.errorGroups(null, NOW + from, NOW + to)[0]?.count ?? 0;
    expect(count(1, 2)).toBe(1);
    expect(count(-3 * MINUTE, -2 * MINUTE)).toBe(0);
    expect(count(-2 * DAY + 10 * MINUTE, -2 * DAY + 11 * MINUTE)).toBe(1);
    expect(count(-2 * DAY + HOUR, -2 * DAY + 2 * HOUR)).toBe(0);
    expect(count(-3 * DAY, 1)).toBe(2);
  });

  it('gives samples of the range where it keeps some, else the newest', () => {
    const { fold, insert } = foldAt();
    for (let id = 0; id < 40; id++) insert(failure(id, -id * HOUR));
    const samples = (from: number, to: number) => fold.errorGroups(null, NOW + from, NOW + to)[0]?.sampleIds;
    expect(samples(-5 * HOUR - MINUTE, -3 * HOUR + MINUTE)).toEqual([3, 4, 5]);
    expect(samples(-38 * HOUR, -36 * HOUR)?.[0]).toBe(0);
  });

  it('falls back to the next newest when the newest are deleted', () => {
    const { fold, insert, remove } = foldAt();
    const failures = [0, 1, 2].map((id) => failure(id, -id * MINUTE));
    insert(...failures);
    remove(...failures.slice(0, 1));
    expect(fold.errorGroup(boom, null)).toMatchObject({ count: 2, sampleIds: [1, 2], lastSeenAt: new Date(NOW - MINUTE) });
  });

  it('says the last minute that holds a failure where all that it kept are deleted, and gives the first as samples', () => {
    const { fold, insert, remove } = foldAt();
    const failures = Array.from({ length: 30 }, (_, id) => failure(id, -id * MINUTE));
    insert(...failures);
    remove(...failures.slice(0, 20));
    const group = fold.errorGroup(boom, null);
    expect(group?.count).toBe(10);
    expect(group?.sampleIds).toEqual([26, 27, 28, 29]);
    const last = NOW - 20 * MINUTE;
    expect(group?.lastSeenAt.getTime()).toBeGreaterThanOrEqual(last);
    expect(Math.floor((group?.lastSeenAt.getTime() ?? 0) / MINUTE)).toBe(Math.floor(last / MINUTE));
  });

  it('forgets a group when its last failure leaves the 30 days or is deleted', () => {
    const { fold, insert, remove, at } = foldAt();
    insert(failure(1, 0));
    at(32 * DAY);
    expect(fold.errorGroup(boom, null)).toBeNull();
    insert(failure(2, 32 * DAY));
    remove(failure(1, 0));
    expect(fold.errorGroup(boom, null)?.count).toBe(1);
    remove(failure(2, 32 * DAY));
    expect(fold.errorGroup(boom, null)).toBeNull();
  });

  it('puts further kinds into one group a category, and leaves them there until they are gone', () => {
    const { fold, insert, remove, at } = foldAt({ maxErrorGroups: 1 });
    const refused = failure(2, 0, { errorMessage: 'bang' });
    const [bang, other] = [fingerprintOf(ErrorCategory.TRANSIENT, 'bang').fingerprint, otherFingerprintOf(ErrorCategory.TRANSIENT).fingerprint];
    insert(failure(1, 0));
    expect(insert(refused)).toEqual({ fingerprint: other, queueName: 'q', isNew: true });
    remove(failure(1, 0));
    insert(failure(3, 0, { errorMessage: 'bang' }));
    expect(fold.errorGroup(bang, null)).toBeNull();
    expect(fold.errorGroup(other, null)).toMatchObject({ count: 2, sampleIds: [3, 2] });
    remove(refused, failure(3, 0, { errorMessage: 'bang' }));
    expect(fold.errorGroup(other, null)).toBeNull();
    at(31 * DAY);
    insert(failure(4, 31 * DAY, { errorMessage: 'bang' }));
    expect(fold.errorGroup(bang, null)?.count).toBe(1);
  });

  it('names queues without buckets of their own together', () => {
    const { fold, insert } = foldAt({ maxQueues: 1 });
    insert(failure(1, 0), failure(2, 0, { queueName: 'r' }), failure(3, 0, { queueName: 's' }));
    expect(fold.errorGroup(boom, null)?.queueNames).toEqual([OTHER_QUEUES, 'q']);
    expect(fold.errorGroup(boom, OTHER_QUEUES)?.count).toBe(2);
  });
});

describe('queues of error groups', () => {
  const place = (queueName: string, documentId: unknown): PlacedFailure => ({
    failure: { at: NOW, category: ErrorCategory.TRANSIENT, message: 'boom' },
    documentId,
    queueNames: [queueName],
  });

  it('are counted together beyond the limit, until none of those is left', () => {
    const groups = new ErrorGroups(10, 1);
    const windows = windowsAt(NOW);
    const namesNow = () => groups.read(boom, null, windows)?.queueNames;
    groups.change(null, place('a', 1), windows);
    groups.change(null, place('b', 2), windows);
    expect(namesNow()).toEqual([OTHER_QUEUES, 'a']);
    groups.change(place('a', 1), null, windows);
    groups.change(null, place('c', 3), windows);
    expect(namesNow()).toEqual([OTHER_QUEUES]);
    groups.change(place('b', 2), null, windows);
    groups.change(place('c', 3), null, windows);
    groups.change(null, place('b', 4), windows);
    expect(namesNow()).toEqual(['b']);
  });
});

describe('news of failures', () => {
  it('tells of a failure, with its queue, and that it is new', () => {
    const { insert } = foldAt();
    expect(insert(failure(1, -DAY))).toEqual({ fingerprint: boom, queueName: 'q', isNew: true });
    expect(insert(failure(2, 0))).toEqual({ fingerprint: boom, queueName: 'q', isNew: false });
  });

  it('tells of the real queue even where its buckets are with the others', () => {
    const { insert } = foldAt({ maxQueues: 0 });
    expect(insert(failure(1, 0))).toMatchObject({ queueName: 'q' });
  });

  it('holds a failure for new when the last was more than 7 days before it', () => {
    const { insert } = foldAt();
    insert(failure(1, -7 * DAY - 1));
    expect(insert(failure(2, -1))).toMatchObject({ isNew: true });
    expect(insert(failure(3, 7 * DAY - 2))).toMatchObject({ isNew: false });
  });

  it('does not let a later failure make an earlier one known', () => {
    const { insert } = foldAt();
    insert(failure(1, 0));
    expect(insert(failure(2, -DAY))).toMatchObject({ isNew: true });
  });

  it('says nothing where a failed execution becomes a dead letter or is archived', () => {
    const { insert, update } = foldAt();
    insert(failure(1, 0));
    expect(update(failure(1, 0), failure(1, 0, { status: 'dlq' }))).toBeNull();
  });

  it('tells of the second failure of a document, which is not new', () => {
    const { fold, insert, update } = foldAt();
    insert(failure(1, -HOUR));
    expect(update(failure(1, -HOUR), failure(1, 0))).toMatchObject({ fingerprint: boom, isNew: false });
    expect(fold.errorGroup(boom, null)?.count).toBe(1);
  });

  it('says nothing of a failure that ends, or lies before the 30 days', () => {
    const { insert, update } = foldAt();
    insert(failure(1, 0));
    expect(update(failure(1, 0), execution({ _id: 1, status: 'queued' }))).toBeNull();
    expect(insert(failure(2, -32 * DAY))).toBeNull();
  });
});
