import { context, type ContextManager, type Context, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterEach, describe, expect, it } from 'vitest';

import type { Lifecycle } from '../../../src/lifecycle/types.js';
import { NotFoundError } from '../../../src/lifecycle/errors.js';
import { toExecution } from '../../../src/model/execution.js';
import { createFeed } from '../../../src/feed/feed.js';
import { traceFeed } from '../../../src/telemetry/feed-spans.js';
import { traceLifecycle } from '../../../src/telemetry/lifecycle-spans.js';
import { OperationSpans } from '../../../src/telemetry/operation-spans.js';
import { createTracer } from '../../../src/telemetry/tracer.js';
import { silentLogger } from '../../support/database.js';
import { stored, untilState } from '../../support/feed.js';
import { memorySource } from '../../support/memory-source.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const ORIGIN = `00-${TRACE}-${SPAN}-01`;

function collecting() {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  return { tracer: createTracer('1.2.3', provider), spans: () => exporter.getFinishedSpans(), named: (name: string) => exporter.getFinishedSpans().filter((span) => span.name === name) };
}

const execution = (fields: Record<string, unknown> = {}) => toExecution(stored('e1', fields));

function lifecycleOf(methods: Partial<Lifecycle>): Lifecycle {
  return methods as Lifecycle;
}

describe('spans of moves', () => {
  it('say what was moved, and are linked to the trace that enqueued it', async () => {
    const { tracer, spans } = collecting();
    const moved = execution({ status: 'processing', metadata: { traceparent: ORIGIN } });
    const lifecycle = traceLifecycle(lifecycleOf({ start: () => Promise.resolve({ execution: moved, changed: true }) }), tracer);
    await lifecycle.start('e1');
    const [span] = spans();
    expect(span?.name).toBe('startTask');
    expect(span?.attributes).toMatchObject({ 'tasktracker.execution.id': 'e1', 'tasktracker.status': 'processing', 'tasktracker.changed': true });
    expect(span?.links).toMatchObject([{ context: { traceId: TRACE, spanId: SPAN } }]);
    expect(span?.instrumentationScope).toMatchObject({ name: 'tasktracker', version: '1.2.3' });
  });

  it('do not call a refusal a failure, but an error of the database one', async () => {
    const { tracer, named } = collecting();
    const lifecycle = traceLifecycle(
      lifecycleOf({ complete: () => Promise.reject(new NotFoundError('none')), start: () => Promise.reject(new Error('the database is away')) }),
      tracer,
    );
    await expect(lifecycle.complete('e1')).rejects.toThrow(NotFoundError);
    await expect(lifecycle.start('e1')).rejects.toThrow('away');
    expect(named('completeTask')[0]?.attributes['tasktracker.refused']).toBe('NOT_FOUND');
    expect(named('completeTask')[0]?.status.code).toBe(SpanStatusCode.UNSET);
    expect(named('startTask')[0]?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'the database is away' });
    expect(named('startTask')[0]?.events.map(({ name }) => name)).toEqual(['exception']);
  });

  it('of two applications go each to its own provider, and nothing is registered for the process', async () => {
    const [one, other] = [collecting(), collecting()];
    const enqueue = () => Promise.resolve({ execution: execution(), deduplicated: false });
    await traceLifecycle(lifecycleOf({ enqueue }), one.tracer).enqueue({ taskId: 't', queueName: 'q' });
    await traceLifecycle(lifecycleOf({ enqueue }), createTracer('1')).enqueue({ taskId: 't', queueName: 'q' });
    expect(one.spans()).toHaveLength(1);
    expect(other.spans()).toHaveLength(0);
    expect(trace.getTracer('anything').startSpan('probe').isRecording()).toBe(false);
  });
});

/** The least that keeps a context over synchronous calls. */
class StackContextManager implements ContextManager {
  #active: Context = ROOT_CONTEXT;
  active = () => this.#active;
  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(to: Context, run: F, thisArg?: ThisParameterType<F>, ...args: A): ReturnType<F> {
    const before = this.#active;
    this.#active = to;
    try {
      return run.call(thisArg, ...args);
    } finally {
      this.#active = before;
    }
  }
  bind = <T>(_context: Context, target: T): T => target;
  enable = () => this;
  disable = () => this;
}

describe('spans of operations', () => {
  afterEach(() => context.disable());
  const facts = { name: 'Overview', type: 'query', outcome: 'ok' };
  const response = () => {
    const listeners: (() => void)[] = [];
    return { once: (_event: 'close', listener: () => void) => listeners.push(listener), close: () => listeners.forEach((listener) => listener()) };
  };

  it('are named after the operation, below the caller that the request names', () => {
    const { tracer, spans } = collecting();
    const operations = new OperationSpans(tracer);
    const request = { headers: { traceparent: ORIGIN } };
    const answer = response();
    expect(operations.serve(request, answer, () => 'answer')).toBe('answer');
    const alias = {};
    operations.alias(request, alias);
    operations.end(alias, facts);
    answer.close();
    const [span] = spans();
    expect(spans()).toHaveLength(1);
    expect(span).toMatchObject({ name: 'query Overview', parentSpanContext: { traceId: TRACE, spanId: SPAN } });
    expect(span?.spanContext().traceId).toBe(TRACE);
    expect(span?.attributes).toEqual({ 'graphql.operation.type': 'query', 'graphql.operation.name': 'Overview', 'tasktracker.outcome': 'ok' });
  });

  it('are active while the operation runs, so that what it does is below them', () => {
    context.setGlobalContextManager(new StackContextManager());
    const { tracer, named } = collecting();
    const operations = new OperationSpans(tracer);
    const key = {};
    operations.run(key, () => tracer.startSpan('startTask').end());
    operations.end(key, { ...facts, outcome: 'failed' });
    const [outer] = named('query Overview');
    expect(named('startTask')[0]?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId);
    expect(outer?.status.code).toBe(SpanStatusCode.ERROR);
  });

  it('end where the request never came to an operation', () => {
    const { tracer, spans } = collecting();
    const answer = response();
    new OperationSpans(tracer).serve({ headers: {} }, answer, () => null);
    answer.close();
    expect(spans()).toMatchObject([{ name: 'GraphQL', attributes: { 'tasktracker.outcome': 'refused' } }]);
  });

  it('are made of an event only where its execution was enqueued in a trace, linked to it', async () => {
    const { tracer, spans } = collecting();
    const operations = new OperationSpans(tracer);
    const event = (metadata: unknown) => ({ kind: 'UPDATED', task: { taskId: 't', executionId: 'e', metadata } });
    const render = () => 'payload';
    expect(operations.event(() => 'Live', event({}), render)).toBe('payload');
    expect(operations.event(() => 'Live', 17, render)).toBe('payload');
    expect(operations.event(() => 'Live', null, render)).toBe('payload');
    expect(spans()).toEqual([]);
    expect(await operations.event(() => 'Live', event({ traceparent: ORIGIN }), () => Promise.resolve('later'))).toBe('later');
    expect(spans()).toMatchObject([{ name: 'event Live', links: [{ context: { traceId: TRACE, spanId: SPAN } }], attributes: { 'tasktracker.change.kind': 'UPDATED' } }]);
  });
});

describe('spans of the feed', () => {
  it('cover the time in which it was not live, with why', async () => {
    const { tracer, named } = collecting();
    const source = memorySource();
    const feed = createFeed({ source, namespace: 'memory.task_trackers', log: silentLogger() });
    const traced = traceFeed(feed, tracer);
    await feed.start();
    await untilState(feed, 'LIVE');
    await expect.poll(() => named('feed reconnect').length).toBe(1);
    const away = untilState(feed, 'RECONNECTING');
    source.break(Object.assign(new Error('connection closed'), { name: 'MongoNetworkError' }));
    await away;
    await untilState(feed, 'LIVE');
    await feed.close();
    await traced;
    const [start, reconnect] = named('feed reconnect');
    expect(start?.events.map(({ name }) => name)).toEqual(['STARTING']);
    expect(reconnect?.events.map(({ name }) => name)).toContain('RECONNECTING');
    expect(reconnect?.events[0]?.attributes?.['tasktracker.feed.reason']).toContain('connection closed');
  });
});
