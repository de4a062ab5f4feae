import { describe, expect, it } from 'vitest';

import { InvalidInputError } from '../../../src/model/errors.js';
import { ErrorCategory } from '../../../src/model/error-category.js';
import { toExecution } from '../../../src/model/execution.js';
import { fingerprintOf, otherFingerprintOf } from '../../../src/model/fingerprint/fingerprint.js';
import { ShownStatus } from '../../../src/model/status.js';
import { fieldsOfFilter, matcherOf } from '../../../src/queries/filter-matches.js';
import { filterToMongo } from '../../../src/queries/filter-to-mongo.js';
import type { TaskFilter } from '../../../src/queries/types.js';
import { validateFilter } from '../../../src/queries/validate-filter.js';

const mongo = (filter: TaskFilter) => filterToMongo(validateFilter(filter));

/** What JavaScript callers may pass, whatever the types say. */
function refusal(filter: unknown): InvalidInputError {
  try {
    validateFilter(filter as TaskFilter);
  } catch (error) {
    if (error instanceof InvalidInputError) return error;
    throw error;
  }
  throw new Error(`accepted: ${JSON.stringify(filter)}`);
}

describe('A filter', () => {
  it('keeps strings strings: what looks like an operator is only text', () => {
    expect(mongo({ taskId: '{"$gt": ""}', queueName: ['$ne'], executionId: ['$where'] })).toEqual({
      executionId: { $eq: '$where' },
      taskId: { $eq: '{"$gt": ""}' },
      queueName: { $eq: '$ne' },
    });
  });

  it.each([
    [{ taskId: { $gt: '' } }, ['filter', 'taskId']],
    [{ taskIdPrefix: /./ }, ['filter', 'taskIdPrefix']],
    [{ queueName: 'q' }, ['filter', 'queueName']],
    [{ queueName: ['q', { $ne: null }] }, ['filter', 'queueName', '1']],
    [{ executionId: [7] }, ['filter', 'executionId', '0']],
    [{ status: ['QUEUED'] }, ['filter', 'status', '0']],
    [{ status: [{ $exists: true }] }, ['filter', 'status', '0']],
    [{ errorCategory: ['none'] }, ['filter', 'errorCategory', '0']],
    [{ fingerprint: 'forged' }, ['filter', 'fingerprint']],
    [{ fingerprint: { $regex: '.' } }, ['filter', 'fingerprint']],
    [{ enqueuedAfter: '2026-01-01T00:00:00Z' }, ['filter', 'enqueuedAfter']],
    [{ failedBefore: new Date(Number.NaN) }, ['filter', 'failedBefore']],
    [{ updatedAfter: new Date(8.64e15) }, ['filter', 'updatedAfter']],
    [{ minRetryCount: -1 }, ['filter', 'minRetryCount']],
    [{ minRetryCount: 1.5 }, ['filter', 'minRetryCount']],
    [{ minRetryCount: { $gt: 0 } }, ['filter', 'minRetryCount']],
    [{ metadata: { path: 'a', eq: 1 } }, ['filter', 'metadata']],
    [{ metadata: [null] }, ['filter', 'metadata', '0']],
    [{ metadata: [{ path: 'a', exists: 'yes' }] }, ['filter', 'metadata', '0', 'exists']],
    [{ $where: 'true' }, ['filter', '$where']],
    [{ constructor: 'x' }, ['filter', 'constructor']],
    [[], ['filter']],
    ['queued', ['filter']],
  ])('refuses %j, naming the field', (filter, field) => {
    const error = refusal(filter);
    expect(error.field).toEqual(field);
    expect(error.message).toMatch(/^filter/);
  });

  it('bounds its lists and texts', () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => String(index));
    expect(refusal({ queueName: many(101) }).message).toBe('filter.queueName may have at most 100 entries');
    expect(refusal({ executionId: many(201) }).field).toEqual(['filter', 'executionId']);
    expect(validateFilter({ executionId: many(200) }).executionId).toHaveLength(200);
    expect(refusal({ metadata: [{ path: 'a', in: many(101) }] }).field).toEqual(['filter', 'metadata', '0', 'in']);
    expect(refusal({ taskId: 'x'.repeat(4097) }).field).toEqual(['filter', 'taskId']);
    expect(refusal({ taskId: 'half \ud800 pair' }).message).toContain('well-formed');
  });

  it.each(['$where', 'a.$b', 'a$', '', '.', 'a.', '.a', 'a..b', '__proto__', 'a.__proto__.b', 'a\0b', 'a.'.repeat(16) + 'a', 'a'.repeat(257)])(
    'refuses the metadata path %j, naming it',
    (path) => {
      const error = refusal({ metadata: [{ path: 'fine', eq: 1 }, { path, eq: 1 }] });
      expect(error.field).toEqual(['filter', 'metadata', '1', 'path']);
      expect(error.message).toMatch(/^filter\.metadata\[1\]\.path /);
    },
  );

  it('quotes the path that it refuses and says what would be right', () => {
    expect(refusal({ metadata: [{ path: 'a.$b', eq: 1 }] }).message).toBe('filter.metadata[0].path must be plain names joined by dots, e.g. aircraft.id: "a.$b" has a $');
  });

  it.each([[{ $gt: '' }], [[1]], [Number.NaN], [Number.POSITIVE_INFINITY], [new Date(0)], [/x/], [() => 1]])('compares metadata with scalars only: refuses %s, naming the path', (value) => {
    const error = refusal({ metadata: [{ path: 'aircraft.id', eq: value }] });
    expect(error.field).toEqual(['filter', 'metadata', '0', 'eq']);
    expect(error.message).toContain('"aircraft.id"');
    expect(refusal({ metadata: [{ path: 'aircraft.id', in: [1, value] }] }).field).toEqual(['filter', 'metadata', '0', 'in', '1']);
  });

  it('needs something to ask of a metadata path', () => {
    expect(refusal({ metadata: [{ path: 'a' }] }).message).toContain('needs eq, in or exists');
    expect(mongo({ metadata: [{ path: 'a', eq: null }] })).toEqual({ 'metadata.a': { $eq: null } });
  });

  it('holds several conditions on one field', () => {
    expect(mongo({ taskId: 'jobs:1', taskIdPrefix: 'jobs:', metadata: [{ path: 'a', in: [1, 2], exists: true }] })).toEqual({
      taskId: { $eq: 'jobs:1' },
      'metadata.a': { $in: [1, 2] },
      $and: [{ taskId: { $gte: 'jobs:', $lt: 'jobs;' } }, { 'metadata.a': { $exists: true } }],
    });
  });

  it('takes null and undefined for no condition', () => {
    expect(mongo({ queueName: null, taskId: undefined, minRetryCount: null })).toEqual({});
    expect(filterToMongo(validateFilter(null))).toEqual({});
  });

  it('finds with UNKNOWN whatever is none of the six statuses', () => {
    expect(mongo({ status: [ShownStatus.UNKNOWN, ShownStatus.FAILED] })).toEqual({ status: { $nin: ['queued', 'processing', 'completed', 'dlq', 'archived'] } });
    const unknown: TaskFilter = { status: [ShownStatus.UNKNOWN] };
    for (const status of [undefined, null, 'QUEUED', 7, {}]) expect(matcherOf(unknown)(toExecution({ _id: 1, status }))).toBe(true);
    expect(matcherOf(unknown)(toExecution({ _id: 1, status: 'queued' }))).toBe(false);
  });

  it('finds with the category UNKNOWN what is shown as such, but not executions without an error', () => {
    const unknown: TaskFilter = { errorCategory: [ErrorCategory.UNKNOWN] };
    for (const errorCategory of ['unknown', 'weird', 7]) expect(matcherOf(unknown)(toExecution({ _id: 1, errorCategory }))).toBe(true);
    for (const errorCategory of [undefined, null, 'transient']) expect(matcherOf(unknown)(toExecution({ _id: 1, errorCategory }))).toBe(false);
  });

  it('finds with a fingerprint the failures of its kind, as they are shown', () => {
    const of = (category: ErrorCategory, message: string): TaskFilter => ({ fingerprint: fingerprintOf(category, message).fingerprint });
    const failure = { _id: 1, failedAt: new Date(0), errorMessage: 'took 7 ms', errorCategory: 'transient' };
    const late = of(ErrorCategory.TRANSIENT, 'took 5 ms');
    expect(matcherOf(late)(toExecution(failure))).toBe(true);
    for (const other of [{ errorMessage: 'took long' }, { errorMessage: ['took 7 ms'] }, { errorCategory: 'validation' }, { errorCategory: ['transient'] }, { failedAt: undefined }, { failedAt: [new Date(0)] }]) {
      expect(matcherOf(late)(toExecution({ ...failure, ...other })), JSON.stringify(other)).toBe(false);
    }
    const unknown = of(ErrorCategory.UNKNOWN, 'took 5 ms');
    for (const errorCategory of ['unknown', undefined, null, 'weird', ['transient']]) expect(matcherOf(unknown)(toExecution({ ...failure, errorCategory }))).toBe(true);
  });

  it('refuses the fingerprint that stands for many kinds, and says what to do instead', () => {
    const error = refusal({ fingerprint: otherFingerprintOf(ErrorCategory.TRANSIENT).fingerprint });
    expect(error.field).toEqual(['filter', 'fingerprint']);
    expect(error.message).toContain('errorCategory instead');
  });

  it('has exclusive bounds of time', () => {
    const row = toExecution({ _id: 1, enqueuedAt: new Date(10) });
    expect(matcherOf({ enqueuedAfter: new Date(9), enqueuedBefore: new Date(11) })(row)).toBe(true);
    expect(matcherOf({ enqueuedAfter: new Date(10) })(row)).toBe(false);
    expect(matcherOf({ enqueuedBefore: new Date(10) })(row)).toBe(false);
  });

  it('is decided on the stored value, not on what is shown in its place', () => {
    const row = toExecution({ _id: 'x', createdAt: new Date(10) });
    expect(row.enqueuedAt).toEqual(new Date(10));
    expect(matcherOf({ enqueuedAfter: new Date(0) })(row)).toBe(false);
    expect(matcherOf({ taskId: '' })(row)).toBe(false);
    expect(matcherOf({ minRetryCount: 0 })(row)).toBe(true);
  });

  it('names the stored fields that decide it', () => {
    const filter: TaskFilter = { taskIdPrefix: 'a', enqueuedAfter: new Date(0), enqueuedBefore: new Date(1), minRetryCount: 1, status: null, metadata: [{ path: 'a.b', eq: 1 }] };
    expect([...fieldsOfFilter(filter)].sort()).toEqual(['enqueuedAt', 'metadata.a.b', 'retryCount', 'taskId']);
    expect([...fieldsOfFilter({ fingerprint: fingerprintOf(null, 'x').fingerprint })].sort()).toEqual(['errorCategory', 'errorMessage', 'failedAt']);
    expect(fieldsOfFilter(null)).toEqual([]);
  });
});
