import { describe, expect, it } from 'vitest';

import { canRetry, isStuck, runMs, summariseChain, waitMs } from '../../../src/model/derived.js';
import { toExecution } from '../../../src/model/execution.js';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds));
const now = at(100);
const execution = (fields: Record<string, unknown>) => toExecution({ _id: 1, taskId: 't', executionId: 'e', queueName: 'q', enqueuedAt: at(0), createdAt: at(0), ...fields });

describe('An execution', () => {
  it('can be retried while its retryCount is below maxRetries, 5 where the document has none', () => {
    expect(canRetry(execution({ retryCount: 4 }))).toBe(true);
    expect(canRetry(execution({ retryCount: 5 }))).toBe(false);
    expect(canRetry(execution({ retryCount: 0, maxRetries: 0 }))).toBe(false);
  });

  it('is stuck once it has been processing for longer than the time-out, not at it', () => {
    const processing = execution({ status: 'processing', processingStartedAt: at(40) });
    expect(isStuck(processing, 60_000, now)).toBe(false);
    expect(isStuck(processing, 59_999, now)).toBe(true);
  });

  it('is not stuck in another status, nor where the document does not say since when it is processing', () => {
    expect(isStuck(execution({ status: 'completed', processingStartedAt: at(0) }), 1, now)).toBe(false);
    expect(isStuck(execution({ status: 'processing' }), 1, now)).toBe(false);
    expect(isStuck(execution({ status: 'processing', processingStartedAt: 'yesterday' }), 1, now)).toBe(false);
  });

  it('has waited so far while it is queued, also where an old worker put it back', () => {
    expect(waitMs(execution({ status: 'queued' }), now)).toBe(100_000);
    expect(waitMs(execution({ status: 'queued', processingStartedAt: at(10) }), now)).toBe(100_000);
  });

  it('waited until it was started, or not known how long', () => {
    expect(waitMs(execution({ status: 'completed', processingStartedAt: at(7) }), now)).toBe(7_000);
    expect(waitMs(execution({ status: 'archived' }), now)).toBeNull();
  });

  it('runs so far while it is processing, and ran until it completed or failed', () => {
    expect(runMs(execution({ status: 'processing', processingStartedAt: at(90) }), now)).toBe(10_000);
    expect(runMs(execution({ status: 'completed', processingStartedAt: at(1), completedAt: at(4) }), now)).toBe(3_000);
    expect(runMs(execution({ status: 'dlq', processingStartedAt: at(1), failedAt: at(6), completedAt: at(2) }), now)).toBe(5_000);
    expect(runMs(execution({ status: 'strange', processingStartedAt: at(1), failedAt: at(2) }), now)).toBe(1_000);
  });

  it('has no run before it was started, nor where nothing says when it ended', () => {
    expect(runMs(execution({ status: 'queued', processingStartedAt: at(1) }), now)).toBeNull();
    expect(runMs(execution({ status: 'completed', completedAt: at(1) }), now)).toBeNull();
    expect(runMs(execution({ status: 'failed', processingStartedAt: at(1) }), now)).toBeNull();
  });

  it('has spans of 0, never negative ones, where clocks disagree', () => {
    expect(waitMs(execution({ status: 'processing', processingStartedAt: at(-5) }), now)).toBe(0);
    expect(runMs(execution({ status: 'completed', processingStartedAt: at(9), completedAt: at(8) }), now)).toBe(0);
    expect(waitMs(execution({ status: 'queued', enqueuedAt: at(200) }), now)).toBe(0);
  });
});

describe('A retry chain', () => {
  const failed = execution({ executionId: '1', status: 'failed', processingStartedAt: at(2), failedAt: at(5) });
  const completed = execution({ executionId: '2', status: 'completed', enqueuedAt: at(10), processingStartedAt: at(11), completedAt: at(15) });

  it('is summed up over its attempts, and stands where the latest stands', () => {
    expect(summariseChain([failed, completed], now)).toEqual({
      attemptCount: 2,
      latest: completed,
      status: 'completed',
      startedAt: at(0),
      settledAt: at(15),
      totalWaitMs: 3_000,
      totalRunMs: 7_000,
    });
  });

  it('is not settled while the latest attempt is queued, processing or may be retried', () => {
    expect(summariseChain([completed, failed], now).settledAt).toBeNull();
    expect(summariseChain([execution({ status: 'queued' })], now).settledAt).toBeNull();
  });

  it('settled when the latest was archived, or failed into the dead-letter queue', () => {
    expect(summariseChain([execution({ status: 'archived', failedAt: at(1), archivedAt: at(9) })], now).settledAt).toEqual(at(9));
    expect(summariseChain([execution({ status: 'dlq', failedAt: at(3) })], now).settledAt).toEqual(at(3));
  });

  it('starts with the earliest enqueue, whatever the order of creation', () => {
    expect(summariseChain([execution({ enqueuedAt: at(30) }), execution({ enqueuedAt: at(20) })], now).startedAt).toEqual(at(20));
  });

  it('has at least one attempt', () => {
    expect(() => summariseChain([], now)).toThrow(RangeError);
  });
});
