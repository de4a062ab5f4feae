import { createHash } from 'node:crypto';

import { TRACEPARENT_FIELD, traceOf } from '../../../telemetry/trace-context.js';
import { attributesOf, nanoseconds, type OtlpSpan, OtlpSpanKind, OtlpStatusCode, REMOTE_LINK, type TraceRequest } from './otlp.js';

/** An attempt as the API answers it: names of statuses as GraphQL has them, instants as RFC 3339 text. */
export interface TracedAttempt {
  readonly executionId: string;
  readonly queueName: string;
  readonly messageVersion: string;
  readonly status: string;
  readonly enqueuedAt: string | Date;
  readonly processingStartedAt: string | Date | null;
  readonly failedAt: string | Date | null;
  readonly archivedAt: string | Date | null;
  readonly archivedReason: string | null;
  readonly archivedBy: string | null;
  readonly waitMs: number | null;
  readonly runMs: number | null;
  readonly retryCount: number;
  readonly maxRetries: number;
  readonly errorCategory: string | null;
  readonly errorMessage: string | null;
  readonly errorStack: string | null;
  readonly metadata: unknown;
}

const FAILED: ReadonlySet<string> = new Set(['FAILED', 'DLQ', 'ARCHIVED']);
/** Marks what still goes on: its end is when it was exported. */
const UNFINISHED = 'tasktracker.unfinished';
const ACTIVE: ReadonlySet<string> = new Set(['QUEUED', 'PROCESSING']);

/** The trace of a task: the first 16 bytes of a digest of its taskId, the same whoever asks and whenever. */
export function traceIdOf(taskId: string): string {
  return createHash('sha256').update(`task\0${taskId}`).digest('hex').slice(0, 32);
}

/** A span of a task: the first 8 bytes of a digest of what it is about. */
function spanIdOf(kind: string, taskId: string, executionId = ''): string {
  return createHash('sha256').update([kind, taskId, executionId].join('\0')).digest('hex').slice(0, 16);
}

const ms = (instant: string | Date): number => new Date(instant).getTime();

function statusOf({ status, errorMessage }: TracedAttempt): OtlpSpan['status'] {
  if (status === 'COMPLETED') return { code: OtlpStatusCode.OK };
  if (!FAILED.has(status)) return { code: OtlpStatusCode.UNSET };
  return { code: OtlpStatusCode.ERROR, ...(errorMessage === null ? {} : { message: errorMessage }) };
}

function linksOf(attempts: readonly TracedAttempt[]): OtlpSpan['links'] {
  const links = new Map<string, OtlpSpan['links'][number]>();
  for (const { metadata } of attempts) {
    const origin = traceOf(metadata);
    if (origin === null) continue;
    const { traceId, spanId, traceFlags } = origin;
    links.set(`${traceId}-${spanId}`, { traceId, spanId, flags: traceFlags | REMOTE_LINK, attributes: attributesOf({ 'tasktracker.link': TRACEPARENT_FIELD }) });
  }
  return [...links.values()];
}

/** What went wrong, as the semantic conventions have exceptions; none where nothing did. */
function eventsOf({ failedAt, errorCategory, errorMessage, errorStack }: TracedAttempt): OtlpSpan['events'] {
  if (failedAt === null) return [];
  const attributes = attributesOf({ 'exception.type': errorCategory ?? 'UNKNOWN', 'exception.message': errorMessage, 'exception.stacktrace': errorStack });
  return [{ timeUnixNano: nanoseconds(ms(failedAt)), name: 'exception', attributes }];
}

interface Place {
  readonly from: number;
  readonly to: number;
}

/** Where its wait lies in time; null where it left the queue without being started. */
function waitOf({ enqueuedAt, waitMs }: TracedAttempt): Place | null {
  return waitMs === null ? null : { from: ms(enqueuedAt), to: ms(enqueuedAt) + waitMs };
}

/** Where its run lies in time; null where it was not started, or does not say when it ended. */
function runOf({ processingStartedAt, runMs }: TracedAttempt): Place | null {
  return processingStartedAt === null || runMs === null ? null : { from: ms(processingStartedAt), to: ms(processingStartedAt) + runMs };
}

/** All of it. One that failed without a run lasts until then. */
function wholeOf(attempt: TracedAttempt, parts: readonly Place[]): Place {
  const enqueuedAt = ms(attempt.enqueuedAt);
  const ends = parts.map(({ to }) => to);
  if (parts.length === 0 && attempt.failedAt !== null) ends.push(ms(attempt.failedAt));
  return { from: Math.min(enqueuedAt, ...parts.map(({ from }) => from)), to: Math.max(enqueuedAt, ...ends) };
}

function attributesOfAttempt(taskId: string, attempt: TracedAttempt): OtlpSpan['attributes'] {
  return attributesOf({
    'tasktracker.task.id': taskId,
    'tasktracker.execution.id': attempt.executionId,
    'tasktracker.queue': attempt.queueName,
    'tasktracker.status': attempt.status,
    'tasktracker.message_version': attempt.messageVersion,
    'tasktracker.retry_count': attempt.retryCount,
    'tasktracker.max_retries': attempt.maxRetries,
    'tasktracker.archived_at': attempt.archivedAt === null ? null : new Date(attempt.archivedAt).toISOString(),
    'tasktracker.archived_by': attempt.archivedBy,
    'tasktracker.archived_reason': attempt.archivedReason,
    [UNFINISHED]: ACTIVE.has(attempt.status) ? true : null,
  });
}

/** Spans of one attempt: of the whole of it, of its wait, and of its run. */
function spansOf(taskId: string, attempt: TracedAttempt, number: number): readonly OtlpSpan[] {
  const { executionId, status } = attempt;
  const spanId = spanIdOf('attempt', taskId, executionId);
  const [wait, run] = [waitOf(attempt), runOf(attempt)];
  const span = ({ from, to }: Place, rest: Pick<OtlpSpan, 'name' | 'kind' | 'spanId' | 'parentSpanId'> & Partial<OtlpSpan>): OtlpSpan => ({
    traceId: traceIdOf(taskId),
    startTimeUnixNano: nanoseconds(from),
    endTimeUnixNano: nanoseconds(to),
    attributes: [],
    events: [],
    links: [],
    status: { code: OtlpStatusCode.UNSET },
    ...rest,
  });
  const unfinished = (holds: boolean) => attributesOf({ [UNFINISHED]: holds ? true : null });
  const [outcome, events] = [statusOf(attempt), eventsOf(attempt)];
  const parts = [wait, run].filter((part) => part !== null);
  const spans = [
    span(wholeOf(attempt, parts), {
      name: `attempt ${number}`,
      kind: OtlpSpanKind.INTERNAL,
      spanId,
      parentSpanId: spanIdOf('task', taskId),
      attributes: attributesOfAttempt(taskId, attempt),
      links: linksOf([attempt]),
      status: outcome,
      events: run === null ? events : [],
    }),
  ];
  if (wait !== null) spans.push(span(wait, { name: 'wait', kind: OtlpSpanKind.INTERNAL, spanId: spanIdOf('wait', taskId, executionId), parentSpanId: spanId, attributes: unfinished(status === 'QUEUED') }));
  if (run !== null) spans.push(span(run, { name: 'run', kind: OtlpSpanKind.CONSUMER, spanId: spanIdOf('run', taskId, executionId), parentSpanId: spanId, attributes: unfinished(status === 'PROCESSING'), status: outcome, events }));
  return spans;
}

/**
 * A retry chain as one trace: a root span of the task; below it a span for each attempt; below that its wait and its run,
 * with what failed as an event. Ids follow from taskId and executionId: exported again, it is the same trace. What still goes on
 * ends now, and says so (`tasktracker.unfinished`).
 *
 * @param attempts oldest first, at least one
 */
export function chainTrace(taskId: string, attempts: readonly TracedAttempt[], version: string): TraceRequest {
  const latest = attempts.at(-1);
  if (latest === undefined) throw new RangeError('A retry chain has at least one attempt.');
  const below = attempts.flatMap((attempt, index) => spansOf(taskId, attempt, index + 1));
  const bound = (values: readonly bigint[], wanted: (a: bigint, b: bigint) => boolean): string => String(values.reduce((found, value) => (wanted(value, found) ? value : found)));
  const root: OtlpSpan = {
    traceId: traceIdOf(taskId),
    spanId: spanIdOf('task', taskId),
    name: `task ${latest.queueName}`,
    kind: OtlpSpanKind.PRODUCER,
    startTimeUnixNano: bound(below.map((span) => BigInt(span.startTimeUnixNano)), (a, b) => a < b),
    endTimeUnixNano: bound(below.map((span) => BigInt(span.endTimeUnixNano)), (a, b) => a > b),
    attributes: attributesOf({
      'tasktracker.task.id': taskId,
      'tasktracker.queue': latest.queueName,
      'tasktracker.status': latest.status,
      'tasktracker.attempts': attempts.length,
      [UNFINISHED]: ACTIVE.has(latest.status) ? true : null,
    }),
    events: [],
    links: linksOf(attempts),
    status: statusOf(latest),
  };
  return {
    resourceSpans: [
      {
        resource: { attributes: attributesOf({ 'service.name': 'tasktracker' }) },
        scopeSpans: [{ scope: { name: 'tasktracker', version }, spans: [root, ...below] }],
      },
    ],
  };
}
