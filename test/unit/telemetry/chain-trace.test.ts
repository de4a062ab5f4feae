import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { chainTrace, type TracedAttempt, traceIdOf } from '../../../src/server/export/trace/chain-trace.js';
import { attributeOf, spansOf } from '../../support/otlp.js';

const AT = '2026-11-24T10:00:00.000Z';
const ORIGIN = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const later = (ms: number): string => new Date(Date.parse(AT) + ms).toISOString();
const nano = (ms: number): string => String(BigInt(Date.parse(AT) + ms) * 1_000_000n);

function attempt(fields: Partial<TracedAttempt> = {}): TracedAttempt {
  return {
    executionId: 'e1',
    queueName: 'jobs',
    messageVersion: '1.0',
    status: 'COMPLETED',
    enqueuedAt: AT,
    processingStartedAt: later(100),
    failedAt: null,
    archivedAt: null,
    archivedReason: null,
    archivedBy: null,
    waitMs: 100,
    runMs: 400,
    retryCount: 0,
    maxRetries: 5,
    errorCategory: null,
    errorMessage: null,
    errorStack: null,
    metadata: {},
    ...fields,
  };
}

const failed = attempt({ status: 'FAILED', failedAt: later(500), errorCategory: 'TRANSIENT', errorMessage: 'no route', errorStack: 'Error: no route\n  at x' });
const read = (attempts: readonly TracedAttempt[], taskId = 'task:1') => spansOf(chainTrace(taskId, attempts, '1.2.3'));

describe('a retry chain as a trace', () => {
  it('has a span of the task, one for each attempt, and its wait and run below', () => {
    const second = attempt({ executionId: 'e2', retryCount: 1, enqueuedAt: later(1_000), processingStartedAt: later(1_010), waitMs: 10, runMs: 90 });
    const spans = read([failed, second]);
    const [root, ...below] = spans;
    expect(spans.map(({ name }) => name)).toEqual(['task jobs', 'attempt 1', 'wait', 'run', 'attempt 2', 'wait', 'run']);
    expect(root).toMatchObject({ startTimeUnixNano: nano(0), endTimeUnixNano: nano(1_100), status: { code: 1 } });
    expect(root?.parentSpanId).toBeUndefined();
    expect(below.filter(({ parentSpanId }) => parentSpanId === root?.spanId).map(({ name }) => name)).toEqual(['attempt 1', 'attempt 2']);
    expect(below[1]).toMatchObject({ parentSpanId: below[0]?.spanId, startTimeUnixNano: nano(0), endTimeUnixNano: nano(100) });
    expect(below[2]).toMatchObject({ parentSpanId: below[0]?.spanId, startTimeUnixNano: nano(100), endTimeUnixNano: nano(500), status: { code: 2, message: 'no route' } });
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([traceIdOf('task:1')]));
    expect(attributeOf(below[0], 'tasktracker.execution.id')).toBe('e1');
    expect(attributeOf(root, 'tasktracker.attempts')).toBe('2');
  });

  it('says what failed, as an exception at its instant', () => {
    const [, , , run] = read([failed]);
    expect(run?.events).toHaveLength(1);
    expect(run?.events?.[0]).toMatchObject({ name: 'exception', timeUnixNano: nano(500) });
    expect(attributeOf(run?.events?.[0], 'exception.type')).toBe('TRANSIENT');
    expect(attributeOf(run?.events?.[0], 'exception.message')).toBe('no route');
    expect(attributeOf(run?.events?.[0], 'exception.stacktrace')).toContain('at x');
  });

  it('links each attempt, and the task once, to the trace that enqueued it', () => {
    const linked = attempt({ metadata: { traceparent: ORIGIN } });
    const [root, first] = read([linked, attempt({ executionId: 'e2', metadata: { traceparent: ORIGIN } }), attempt({ executionId: 'e3', metadata: { traceparent: 'none' } })]);
    expect(root?.links).toHaveLength(1);
    expect(first?.links).toMatchObject([{ traceId: ORIGIN.slice(3, 35), spanId: ORIGIN.slice(36, 52), flags: 0x301 }]);
  });

  it('is the same trace whenever it is exported, and another for another task', () => {
    expect(chainTrace('a', [failed], '1')).toEqual(chainTrace('a', [failed], '1'));
    const idsOf = (taskId: string) => read([failed], taskId).map(({ spanId }) => spanId);
    expect(idsOf('a').filter((id) => idsOf('b').includes(id))).toEqual([]);
  });

  it('marks what still goes on', () => {
    const queued = read([attempt({ status: 'QUEUED', processingStartedAt: null, waitMs: 5_000, runMs: null })]);
    expect(queued.map((span) => [span.name, attributeOf(span, 'tasktracker.unfinished')])).toEqual([
      ['task jobs', true],
      ['attempt 1', true],
      ['wait', true],
    ]);
    const processing = read([attempt({ status: 'PROCESSING' })]);
    expect(processing.map((span) => [span.name, attributeOf(span, 'tasktracker.unfinished')])).toEqual([
      ['task jobs', true],
      ['attempt 1', true],
      ['wait', undefined],
      ['run', true],
    ]);
    expect(processing[0]?.status?.code).toBe(0);
  });

  it('shows an attempt that failed without a run, with what failed on the attempt itself', () => {
    const [, first, ...rest] = read([attempt({ status: 'DLQ', processingStartedAt: null, waitMs: null, runMs: null, failedAt: later(700), errorMessage: 'lost' })]);
    expect(first).toMatchObject({ startTimeUnixNano: nano(0), endTimeUnixNano: nano(700), status: { code: 2, message: 'lost' } });
    expect(first?.events).toHaveLength(1);
    expect(rest).toEqual([]);
  });

  it('keeps to the protocol whatever documents hold', () => {
    const instant = fc.date({ noInvalidDate: true, min: new Date(-1e12), max: new Date(4e12) });
    const orNull = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null });
    const anyAttempt = fc.record({
      executionId: fc.string(),
      queueName: fc.string(),
      messageVersion: fc.string(),
      status: fc.constantFrom('QUEUED', 'PROCESSING', 'COMPLETED', 'FAILED', 'DLQ', 'ARCHIVED', 'UNKNOWN'),
      enqueuedAt: instant,
      processingStartedAt: orNull(instant),
      failedAt: orNull(instant),
      archivedAt: orNull(instant),
      archivedReason: orNull(fc.string()),
      archivedBy: orNull(fc.string()),
      waitMs: orNull(fc.nat(1e9)),
      runMs: orNull(fc.nat(1e9)),
      retryCount: fc.integer(),
      maxRetries: fc.integer(),
      errorCategory: orNull(fc.constantFrom('TRANSIENT', 'UNKNOWN')),
      errorMessage: orNull(fc.string()),
      errorStack: orNull(fc.string()),
      metadata: fc.oneof(fc.anything(), fc.constant({ traceparent: ORIGIN })),
    });
    const chains = fc.uniqueArray(anyAttempt, { minLength: 1, maxLength: 6, selector: ({ executionId }) => executionId });
    fc.assert(fc.property(fc.string(), chains, (taskId, attempts) => void read(attempts as TracedAttempt[], taskId)), { numRuns: 300 });
  });
});
