import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  MAX_NAME_LENGTH, readActor, readArchiveInput, readEnqueueInput, readExecutionId, readFailInput, readRetryInput,
} from '../../../src/lifecycle/validation.js'; // prettier-ignore
import { InvalidInputError } from '../../../src/model/errors.js';

const TASK = { taskId: 'jobs:1', queueName: 'jobs' };

function refusalOf(read: () => unknown): InvalidInputError {
  try {
    read();
  } catch (error) {
    if (error instanceof InvalidInputError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('the input of enqueue', () => {
  it('is completed with the defaults of the original model', () => {
    expect(readEnqueueInput(TASK)).toEqual({ ...TASK, messageVersion: '1.0', maxRetries: 5, metadata: {} });
  });

  it('takes null for every optional field', () => {
    const nulls = { executionId: null, messageVersion: null, maxRetries: null, metadata: null, enqueuedAt: null, dedupWithinMs: null };
    expect(readEnqueueInput({ ...TASK, ...nulls })).toEqual(readEnqueueInput(TASK));
  });

  it('is trimmed as the original model trims', () => {
    expect(readEnqueueInput({ taskId: ' a:b ', queueName: '\tq\n', executionId: ' e ' })).toMatchObject({ taskId: 'a:b', queueName: 'q', executionId: 'e' });
  });

  it.each([
    ['taskId', { ...TASK, taskId: { $gt: '' } }],
    ['taskId', { ...TASK, taskId: ['jobs:1'] }],
    ['taskId', { ...TASK, taskId: '  ' }],
    ['taskId', { queueName: 'jobs' }],
    ['taskId', { ...TASK, taskId: 'x'.repeat(MAX_NAME_LENGTH + 1) }],
    ['queueName', { ...TASK, queueName: 7 }],
    ['executionId', { ...TASK, executionId: { $ne: null } }],
    ['executionId', { ...TASK, executionId: '' }],
    ['messageVersion', { ...TASK, messageVersion: 1 }],
    ['maxRetries', { ...TASK, maxRetries: -1 }],
    ['maxRetries', { ...TASK, maxRetries: 1001 }],
    ['maxRetries', { ...TASK, maxRetries: 1.5 }],
    ['maxRetries', { ...TASK, maxRetries: '5' }],
    ['maxRetries', { ...TASK, maxRetries: Number.NaN }],
    ['enqueuedAt', { ...TASK, enqueuedAt: new Date(Number.NaN) }],
    ['enqueuedAt', { ...TASK, enqueuedAt: '2026-01-01' }],
    ['dedupWithinMs', { ...TASK, dedupWithinMs: -1 }],
    ['dedupWithinMs', { ...TASK, dedupWithinMs: Number.POSITIVE_INFINITY }],
    ['metadata', { ...TASK, metadata: 'text' }],
  ])('is refused naming %s: %j', (field, input) => {
    const error = refusalOf(() => readEnqueueInput(input));
    expect(error.field).toEqual([field]);
    expect(error.message).toMatch(new RegExp(`^${field}: `));
  });

  it('is refused with an InvalidInputError and nothing else, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), fc.anything(), (input, taskId, metadata) => {
        for (const given of [input, { ...TASK, taskId }, { ...TASK, metadata }]) {
          try {
            expect(readEnqueueInput(given).taskId).toBeTypeOf('string');
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidInputError);
          }
        }
      }),
    );
  });
});

describe('the input of the other moves', () => {
  it('names the field that is wrong', () => {
    const failure = { executionId: 'e', errorMessage: 'no' };
    expect(refusalOf(() => readExecutionId({ $gt: '' })).field).toEqual(['executionId']);
    expect(refusalOf(() => readFailInput({ ...failure, errorMessage: 5 })).field).toEqual(['errorMessage']);
    expect(refusalOf(() => readFailInput({ ...failure, errorCategory: 'TRANSIENT' })).field).toEqual(['errorCategory']);
    expect(refusalOf(() => readFailInput({ ...failure, recoverable: 'yes' })).field).toEqual(['recoverable']);
    expect(refusalOf(() => readFailInput({ ...failure, errorStack: {} })).field).toEqual(['errorStack']);
    expect(refusalOf(() => readRetryInput({ executionId: 'e', reason: {} })).field).toEqual(['reason']);
    expect(refusalOf(() => readArchiveInput({ executionId: 'e', reason: ' ' })).field).toEqual(['reason']);
    expect(refusalOf(() => readArchiveInput({ executionId: 'e' })).field).toEqual(['reason']);
    expect(refusalOf(() => readActor({ name: '' })).field).toEqual(['actor', 'name']);
  });

  it('takes a failure without a message, of unknown category, as recoverable', () => {
    expect(readFailInput({ executionId: 'e', errorMessage: '' })).toEqual({
      executionId: 'e', errorMessage: '', errorCategory: 'unknown', recoverable: true,
    }); // prettier-ignore
  });

  it('takes a blank reason for a retry as none', () => {
    expect(readRetryInput({ executionId: 'e', reason: '  ' }).reason).toBeUndefined();
  });

  it('shortens an error message and a stack instead of refusing them', () => {
    const read = readFailInput({ executionId: 'e', errorMessage: 'é'.repeat(20_000), errorStack: 'x'.repeat(100_000) });
    expect(Buffer.byteLength(read.errorMessage)).toBeLessThanOrEqual(16 * 1024);
    expect(read.errorMessage).toMatch(/^é+… \[truncated, 40000 bytes in all\]$/);
    expect(Buffer.byteLength(read.errorStack ?? '')).toBeLessThanOrEqual(64 * 1024);
  });
});
