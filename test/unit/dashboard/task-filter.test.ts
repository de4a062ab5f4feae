import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  CATEGORIES,
  INSTANT_FIELDS,
  type MetadataCondition,
  ORDER_FIELDS,
  parseTaskFilter,
  parseTaskOrder,
  resolveTaskFilter,
  STATUSES,
  type TaskFilter,
  writeTaskFilter,
  writeTaskOrder,
} from '../../../dashboard/src/routing/task-filter.js';

function written(filter: TaskFilter): URLSearchParams {
  const params = new URLSearchParams();
  writeTaskFilter(filter, params);
  // What a browser would hand back after a reload.
  return new URLSearchParams(params.toString());
}

const text = fc.string({ minLength: 1, unit: 'grapheme' });
const scalar = fc.oneof(fc.string(), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)), fc.boolean(), fc.constant(null));
const path = fc.array(fc.stringMatching(/^[\w -]+$/), { minLength: 1, maxLength: 4 }).map((names) => names.join('.'));
const condition: fc.Arbitrary<MetadataCondition> = fc.oneof(
  fc.record({ path, eq: scalar }),
  fc.record({ path, in: fc.array(scalar, { minLength: 1, maxLength: 4 }) }),
  fc.record({ path, exists: fc.boolean() }),
);
const instant = fc.oneof(
  fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') }).map((date) => date.toISOString()),
  fc.constantFrom('-15m', '-2h', '-30d'),
);

const filters: fc.Arbitrary<TaskFilter> = fc.record(
  {
    queueName: fc.uniqueArray(text, { minLength: 1, maxLength: 3 }),
    status: fc.uniqueArray(fc.constantFrom(...STATUSES), { minLength: 1 }),
    errorCategory: fc.uniqueArray(fc.constantFrom(...CATEGORIES), { minLength: 1 }),
    taskId: text,
    taskIdPrefix: text,
    executionId: fc.uniqueArray(text, { minLength: 1, maxLength: 3 }),
    fingerprint: text,
    minRetryCount: fc.nat({ max: 1_000 }),
    metadata: fc.array(condition, { minLength: 1, maxLength: 4 }),
    ...Object.fromEntries(INSTANT_FIELDS.map((field) => [field, instant])),
  },
  { requiredKeys: [] },
);

/** Order among conditions of different paths is kept by URLSearchParams; nothing else may change. */
describe('the filter of tasks in a URL', () => {
  it('is the same after it was written and read again, whatever it holds', () => {
    fc.assert(
      fc.property(filters, (filter) => {
        expect(parseTaskFilter(written(filter))).toEqual({ filter, dropped: [] });
      }),
    );
  });

  it('can be read by people', () => {
    const params = written({
      queueName: ['partner_tasks'],
      status: ['FAILED', 'DLQ'],
      failedAfter: '-2h',
      metadata: [
        { path: 'partnerCode', eq: 'SATLOC' },
        { path: 'size', eq: 3 },
      ],
    });
    expect(decodeURIComponent(params.toString())).toBe('queue=partner_tasks&status=FAILED,DLQ&failedAfter=-2h&meta.partnerCode=SATLOC&meta.size=3');
  });

  it('tells a number from the text of a number', () => {
    const filter: TaskFilter = { metadata: [{ path: 'code', eq: '3' }, { path: 'code', eq: 3 }, { path: 'code', eq: 'null' }, { path: 'code', eq: null }] };
    expect(parseTaskFilter(written(filter)).filter).toEqual(filter);
  });

  it('leaves other parameters alone, and replaces a filter that was there', () => {
    const params = new URLSearchParams('task=e1&status=FAILED&meta.a=1&order=UPDATED_AT.ASC');
    writeTaskFilter({ taskIdPrefix: 'jobs:' }, params);
    expect(params.toString()).toBe('task=e1&order=UPDATED_AT.ASC&taskIdPrefix=jobs%3A');
  });

  it('names what it cannot understand and keeps the rest', () => {
    const params = new URLSearchParams('status=FAILED,LOST&minRetryCount=many&failedAfter=yesterday&meta.=1&meta.a..b=1&meta.c=exists:perhaps&meta.d=[1]&queue=jobs');
    expect(parseTaskFilter(params)).toEqual({
      filter: { status: ['FAILED'], queueName: ['jobs'] },
      dropped: ['status=LOST', 'minRetryCount=many', 'failedAfter=yesterday', 'meta.=1', 'meta.a..b=1', 'meta.c=exists:perhaps', 'meta.d=[1]'],
    });
  });

  it('counts relative instants from the moment the API is asked', () => {
    const now = Date.parse('2026-01-31T08:15:00.000Z');
    expect(resolveTaskFilter({ failedAfter: '-2h', failedBefore: '2026-01-31T09:00:00+01:00', taskId: 'a' }, now)).toEqual({
      failedAfter: '2026-01-31T06:15:00.000Z',
      failedBefore: '2026-01-31T08:00:00.000Z',
      taskId: 'a',
    });
  });
});

describe('the order of tasks in a URL', () => {
  it('is the same after it was written and read again', () => {
    for (const field of ORDER_FIELDS) {
      for (const direction of ['ASC', 'DESC'] as const) {
        const params = new URLSearchParams();
        writeTaskOrder({ field, direction }, params);
        expect(parseTaskOrder(params)).toEqual({ field, direction });
      }
    }
  });

  it('is none where the URL holds nothing that is an order', () => {
    for (const search of ['', 'order=', 'order=NAME.ASC', 'order=UPDATED_AT', 'order=UPDATED_AT.UP']) {
      expect(parseTaskOrder(new URLSearchParams(search))).toBeNull();
    }
  });
});
