import fc from 'fast-check';
import mongoose from 'mongoose';
import { describe, expect, it } from 'vitest';

import { isErrorCategory } from '../../../src/model/error-category.js';
import { toExecution, type Execution } from '../../../src/model/execution.js';
import { ShownStatus } from '../../../src/model/status.js';

const { Binary, Decimal128, Double, Long, MinKey, ObjectId, Timestamp, UUID } = mongoose.mongo.BSON;

const FIELDS = [
  '_id', 'taskId', 'executionId', 'queueName', 'messageVersion', 'status', 'enqueuedAt', 'processingStartedAt',
  'completedAt', 'failedAt', 'archivedAt', 'retryCount', 'maxRetries', 'lastRetryAt', 'errorMessage', 'errorCategory',
  'errorStack', 'metadata', 'archivedReason', 'archivedBy', 'createdAt', 'updatedAt',
] as const; // prettier-ignore

const bsonValue = fc.oneof(
  fc.constant(new ObjectId()),
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map((value) => Long.fromBigInt(value)),
  fc.bigInt(),
  fc.double().map((value) => new Double(value)),
  fc.constantFrom(Decimal128.fromString('1.5'), new MinKey(), new UUID(), new Timestamp({ t: 1, i: 5 }), new Binary(new Uint8Array(3))),
  fc.date({ noInvalidDate: false }),
  fc.constantFrom(/x/, new Map([['a', 1]])),
);

/** Names that break code which calls what a document brings along. */
const trap = fc.constantFrom(
  { toString: 1 },
  { toString: 1, valueOf: 2 },
  { toJSON: 1, toString: null },
  { getTimestamp: 1 },
  { constructor: null, hasOwnProperty: 1 },
  JSON.parse('{"__proto__": {"a": 1}}') as object,
  { big: 1n, toString: 5 },
  Object.create(null) as object,
);

const anyValue = fc.oneof(
  fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true, withMap: true, withSet: true, withTypedArray: true }),
  bsonValue,
  trap,
);

const anyDocument = fc.oneof(
  fc.record(Object.fromEntries(FIELDS.map((field) => [field, anyValue])), { requiredKeys: [] }),
  fc.dictionary(fc.string(), anyValue),
);

const isDate = (value: unknown) => value instanceof Date && !Number.isNaN(value.getTime());
const isInt32 = (value: number) => Number.isInteger(value) && Math.abs(value) <= 2_147_483_647;

function expectWellTyped(execution: Execution): void {
  for (const field of ['taskId', 'executionId', 'queueName', 'messageVersion'] as const) {
    expect(execution[field], field).toBeTypeOf('string');
  }
  for (const field of ['enqueuedAt', 'createdAt', 'updatedAt'] as const) expect(isDate(execution[field]), field).toBe(true);
  for (const field of ['processingStartedAt', 'completedAt', 'failedAt', 'archivedAt', 'lastRetryAt'] as const) {
    expect(execution[field] === null || isDate(execution[field]), field).toBe(true);
  }
  for (const field of ['errorMessage', 'errorStack', 'archivedReason', 'archivedBy'] as const) {
    expect(execution[field] === null || typeof execution[field] === 'string', field).toBe(true);
  }
  expect(isInt32(execution.retryCount)).toBe(true);
  expect(isInt32(execution.maxRetries)).toBe(true);
  expect(Object.values(ShownStatus)).toContain(execution.status);
  expect(execution.errorCategory === null || isErrorCategory(execution.errorCategory)).toBe(true);
  expect(typeof execution.metadata === 'object' && execution.metadata !== null && !Array.isArray(execution.metadata)).toBe(true);
  for (const text of execution.irregularities) expect(text).toBeTypeOf('string');
}

const WHOLE = {
  _id: new ObjectId('65a000000000000000000001'),
  taskId: 'jobs:1',
  executionId: 'e-1',
  queueName: 'jobs',
  messageVersion: '2.0',
  status: 'dlq',
  enqueuedAt: new Date(1000),
  processingStartedAt: new Date(2000),
  failedAt: new Date(3000),
  retryCount: 5,
  maxRetries: 5,
  lastRetryAt: new Date(900),
  errorMessage: 'no',
  errorCategory: 'partner_api',
  errorStack: 'at x',
  metadata: { a: [1, { b: null }] },
  createdAt: new Date(1000),
  updatedAt: new Date(3000),
};

describe('toExecution', () => {
  it('never throws and types every field, whatever the document holds', () => {
    fc.assert(
      fc.property(anyDocument, (document) => {
        expectWellTyped(toExecution(document));
      }),
      { numRuns: 1000 },
    );
  });

  it('shows a regular document as it is, without irregularities', () => {
    expect(toExecution(WHOLE)).toEqual({
      ...WHOLE,
      completedAt: null,
      archivedAt: null,
      archivedReason: null,
      archivedBy: null,
      irregularities: [],
      stored: WHOLE,
    });
  });

  it('fills a document of nothing but an _id with defaults and says what is missing', () => {
    const _id = new ObjectId('65a000000000000000000001');
    const execution = toExecution({ _id });
    expect(execution).toMatchObject({
      taskId: '', executionId: _id.toHexString(), queueName: '', messageVersion: '1.0', status: 'unknown',
      retryCount: 0, maxRetries: 5, metadata: {}, enqueuedAt: _id.getTimestamp(), createdAt: _id.getTimestamp(),
    }); // prettier-ignore
    expect(execution.irregularities).toEqual([
      'enqueuedAt is missing', 'createdAt is missing', 'taskId is missing', 'executionId is missing',
      'queueName is missing', 'status is missing',
    ]); // prettier-ignore
  });

  it('shows an unknown status and category as UNKNOWN and quotes what is stored', () => {
    const execution = toExecution({ ...WHOLE, status: 'paused', errorCategory: 'cosmic' });
    expect(execution.status).toBe('unknown');
    expect(execution.errorCategory).toBe('unknown');
    expect(execution.irregularities).toEqual(['status: "paused" is not a known status', 'errorCategory: "cosmic" is not a known category']);
  });

  it('lets enqueuedAt and createdAt stand in for each other, and createdAt for updatedAt', () => {
    const { createdAt: _, updatedAt: __, ...enqueuedOnly } = WHOLE;
    expect(toExecution(enqueuedOnly)).toMatchObject({ createdAt: WHOLE.enqueuedAt, updatedAt: WHOLE.enqueuedAt });
    const { enqueuedAt: ___, ...createdOnly } = WHOLE;
    expect(toExecution(createdOnly)).toMatchObject({ enqueuedAt: WHOLE.createdAt, updatedAt: WHOLE.updatedAt });
  });

  it.each([
    ['a list', [1, 2]],
    ['a string', 'text'],
    ['a date', new Date(5)],
  ])('shows metadata that are %s under the key "value"', (_name, value) => {
    const execution = toExecution({ ...WHOLE, metadata: value });
    expect(execution.metadata).toEqual({ value });
    expect(execution.irregularities).toHaveLength(1);
  });

  it('shortens what it quotes', () => {
    const execution = toExecution({ ...WHOLE, status: 'x'.repeat(10_000) });
    expect(execution.irregularities.join().length).toBeLessThan(150);
  });
});
