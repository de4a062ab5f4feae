import { type Span, SpanStatusCode, trace, type Tracer, type TracerProvider } from '@opentelemetry/api';

/**
 * What makes the spans of one application: of the provider given, else of the one that the process has registered, now or
 * later. Where there is none, every span is one that does nothing.
 */
export function createTracer(version: string, provider: TracerProvider = trace.getTracerProvider()): Tracer {
  return provider.getTracer('tasktracker', version);
}

/** Says that what the span is about has failed. */
export function failSpan(span: Span, error: unknown): void {
  const cause = error instanceof Error ? error : new Error(String(error));
  span.recordException(cause);
  span.setStatus({ code: SpanStatusCode.ERROR, message: cause.message });
}
