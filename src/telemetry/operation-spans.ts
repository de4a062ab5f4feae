import { context, type Context, propagation, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api';

import { parseTraceparent, traceOf, TRACEPARENT_FIELD } from './trace-context.js';

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface OperationFacts {
  readonly name: string | null | undefined;
  readonly type: string | null;
  /** ok, refused or failed. */
  readonly outcome: string;
}

/** The span of a subscription's event, as far as it needs to be known. */
interface TracedEvent {
  readonly kind?: unknown;
  readonly task?: { readonly taskId?: unknown; readonly executionId?: unknown; readonly metadata?: unknown } | null;
}

/** What called us: the span that is active here (of an instrumented HTTP server), else what the request says. */
function callerOf(headers: Headers): Context {
  const here = context.active();
  if (trace.getSpan(here) !== undefined) return here;
  const extracted = propagation.extract(ROOT_CONTEXT, headers);
  if (trace.getSpan(extracted) !== undefined) return extracted;
  const caller = parseTraceparent(headers[TRACEPARENT_FIELD]);
  return caller === null ? here : trace.setSpanContext(here, caller);
}

/** Says of a span what was asked, and how it ended. Neither documents nor variables: they may hold what nobody should keep. */
function describe(span: Span, { name, type, outcome }: OperationFacts): void {
  if (!span.isRecording()) return;
  const shown = type ?? 'GraphQL';
  span.updateName(name ? `${shown} ${name}` : shown);
  span.setAttribute('tasktracker.outcome', outcome);
  if (type !== null) span.setAttribute('graphql.operation.type', type);
  if (name) span.setAttribute('graphql.operation.name', name);
  if (outcome === 'failed') span.setStatus({ code: SpanStatusCode.ERROR });
}

/** A span until it is ended; several keys may hold it. */
interface Held {
  span: Span | null;
}

/** A response that tells when it is over, however it ended. */
interface Closable {
  once(event: 'close', listener: () => void): unknown;
}

/**
 * Spans about operations, of one server. An operation is active while it runs, where the process has a context manager, so
 * that spans of the lifecycle and of the driver are below it.
 */
export class OperationSpans {
  readonly #tracer: Tracer;
  readonly #held = new WeakMap<object, Held>();

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  /** Serves a request with a span that is its caller's child. `end` finds it by the request, or an alias of it. */
  serve<R>(request: { readonly headers: Headers }, response: Closable, run: () => R): R {
    const held = this.#start(request, SpanKind.SERVER, callerOf(request.headers));
    if (held === null) return run();
    // What never came to an operation (a body that is none) has been refused.
    response.once('close', () => this.end(request, { name: null, type: null, outcome: 'refused' }));
    return held(run);
  }

  /** Runs an operation with a span of its own. */
  run<R>(key: object, run: () => R): R {
    const held = this.#start(key, SpanKind.SERVER, context.active());
    return held === null ? run() : held(run);
  }

  #start(key: object, kind: SpanKind, parent: Context): (<R>(run: () => R) => R) | null {
    const span = this.#tracer.startSpan('GraphQL', { kind }, parent);
    if (!span.isRecording()) return null;
    this.#held.set(key, { span });
    return (run) => context.with(trace.setSpan(parent, span), run);
  }

  /** Lets another key find the same span. */
  alias(key: object, other: object): void {
    const held = this.#held.get(key);
    if (held !== undefined) this.#held.set(other, held);
  }

  /** Ends the span. Does nothing where there is none, or where it has ended. */
  end(key: object, facts: OperationFacts): void {
    const held = this.#held.get(key);
    const span = held?.span;
    if (!held || !span) return;
    held.span = null;
    describe(span, facts);
    span.end();
  }

  /**
   * A change is handed to subscribers: a span, linked to the trace in which the execution was enqueued, where its metadata
   * name one; none of all other events. What many are sent is made once, and has one span.
   */
  event<R>(nameOf: () => string | undefined, event: unknown, run: () => R | Promise<R>): R | Promise<R> {
    const { kind, task } = (event ?? {}) as TracedEvent;
    const origin = task ? traceOf(task.metadata) : null;
    if (!task || origin === null) return run();
    const span = this.#tracer.startSpan('event', { kind: SpanKind.PRODUCER, links: [{ context: origin }], root: true });
    if (!span.isRecording()) return run();
    const name = nameOf();
    if (name !== undefined) span.updateName(`event ${name}`).setAttribute('graphql.operation.name', name);
    span.setAttributes({ 'tasktracker.change.kind': String(kind), 'tasktracker.task.id': String(task.taskId), 'tasktracker.execution.id': String(task.executionId) });
    const result = run();
    if (!(result instanceof Promise)) {
      span.end();
      return result;
    }
    return result.finally(() => span.end());
  }
}
