import type { SpanContext } from '@opentelemetry/api';

/** Of https://www.w3.org/TR/trace-context/#traceparent-header, with what a later version may add behind. */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);

/** Where metadata of an execution say in which trace it was enqueued. */
export const TRACEPARENT_FIELD = 'traceparent';

/** What a `traceparent` says, of any version; null for anything else. Never throws. */
export function parseTraceparent(value: unknown): SpanContext | null {
  if (typeof value !== 'string') return null;
  const found = TRACEPARENT.exec(value.trim());
  if (found === null) return null;
  const [, version = '', traceId = '', spanId = '', flags = '', more] = found;
  if (version === 'ff' || (version === '00' && more !== undefined) || traceId === NO_TRACE || spanId === NO_SPAN) return null;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 0xff, isRemote: true };
}

/** The trace in which an execution was enqueued, by its metadata; null where they say nothing of it. */
export function traceOf(metadata: unknown): SpanContext | null {
  if (typeof metadata !== 'object' || metadata === null || !Object.hasOwn(metadata, TRACEPARENT_FIELD)) return null;
  return parseTraceparent((metadata as Readonly<Record<string, unknown>>)[TRACEPARENT_FIELD]);
}
