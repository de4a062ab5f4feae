import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createApiKey } from '../../src/server/auth/api-key.js';
import { type RunningApp, runningApp } from '../support/app.js';
import { dataOf, overWebSocket, post, RawSocket, webSocketClient } from '../support/clients.js';
import { stored } from '../support/feed.js';
import { attributeOf, spansOf } from '../support/otlp.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const ORIGIN = `00-${TRACE}-${SPAN}-01`;

const exporter = new InMemorySpanExporter();
const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const named = (name: string) => exporter.getFinishedSpans().filter((span) => span.name === name);

let running: RunningApp;
let other: RunningApp;
beforeAll(async () => {
  running = await runningApp({ tracerProvider });
  other = await runningApp();
});
afterAll(async () => {
  await running[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

function ask(search: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(new URL(`/export/trace${search}`, running.url), { headers });
}

async function refusal(search: string, headers: Record<string, string> = {}) {
  const response = await ask(search, headers);
  const { errors } = (await response.json()) as { errors: [{ message: string; extensions: { code: string } }] };
  return { status: response.status, code: errors[0].extensions.code, message: errors[0].message };
}

const MOVE = (field: string, argument: string) => `mutation Move { ${field}(${argument}) { task { executionId status } userErrors { code message } } }`;

describe('GET /export/trace', () => {
  it('gives a retry chain, made by the API itself, as OTLP/JSON', async () => {
    const taskId = 'trace:é&=?';
    const enqueued = await dataOf<{ enqueueTask: { task: { executionId: string } } }>(
      running.url,
      'mutation Enqueue($input: EnqueueTaskInput!) { enqueueTask(input: $input) { task { executionId } } }',
      { input: { taskId, queueName: 'traced', metadata: { traceparent: ORIGIN } } },
    );
    const { executionId } = enqueued.enqueueTask.task;
    await post(running.url, MOVE('startTask', `executionId: "${executionId}"`));
    await post(running.url, MOVE('failTask', `input: { executionId: "${executionId}", errorMessage: "no route", errorCategory: TRANSIENT }`));
    await post(running.url, MOVE('retryTask', `input: { executionId: "${executionId}" }`));
    const response = await ask(`?taskId=${encodeURIComponent(taskId)}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="trace-[0-9a-f]{32}\.json"$/);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const spans = spansOf(await response.json());
    expect(spans.map(({ name }) => name)).toEqual(['task traced', 'attempt 1', 'wait', 'run', 'attempt 2', 'wait']);
    expect(spans[0]?.links).toMatchObject([{ traceId: TRACE, spanId: SPAN }]);
    expect(spans[3]?.status).toEqual({ code: 2, message: 'no route' });
    expect(attributeOf(spans[5], 'tasktracker.unfinished')).toBe(true);
    const again = spansOf(await (await ask(`?taskId=${encodeURIComponent(taskId)}`)).json());
    expect(again.map(({ spanId }) => spanId)).toEqual(spans.map(({ spanId }) => spanId));
  });

  it('shows strange documents too', async () => {
    await running.app.model.collection.insertOne({ taskId: 'strange', status: 17, enqueuedAt: 'yesterday', metadata: ['x'], failedAt: 5 });
    const response = await ask('?taskId=strange');
    expect(spansOf(await response.json()).map(({ name }) => name)).toEqual(['task ', 'attempt 1']);
  });

  it.each([
    ['a task without executions', '?taskId=nobody', 404, 'NOT_FOUND', /taskId: "nobody" has no executions/],
    ['no task', '', 400, 'INVALID_INPUT', /taskId: name the task/],
    ['two tasks', '?taskId=a&taskId=b', 400, 'INVALID_INPUT', /more than once/],
    ['an operator in place of a text', '?taskId[$ne]=a', 400, 'INVALID_INPUT', /is no parameter; there is taskId/],
    ['a taskId that is too long', `?taskId=${'x'.repeat(5_000)}`, 400, 'INVALID_INPUT', /taskId/],
  ] as const)('refuses %s', async (_what, search, status, code, message) => {
    expect(await refusal(search)).toMatchObject({ status, code, message: expect.stringMatching(message) as unknown });
  });

  it('shows a caller no more than the API does: nothing of other queues, and no stack trace to who may not see it', async () => {
    const keys = { viewer: createApiKey({ name: 'v', role: 'VIEWER', queues: ['mine'] }), operator: createApiKey({ name: 'o', role: 'OPERATOR' }), worker: createApiKey({ name: 'w', role: 'WORKER' }) };
    await using closed = await runningApp({ apiKeys: JSON.stringify(Object.values(keys).map(({ entry }) => entry)) });
    const failure = { status: 'failed', failedAt: new Date(), errorMessage: 'no', errorStack: 'SECRET STACK' };
    await closed.app.model.collection.insertMany([
      stored('s1', { taskId: 'shared', queueName: 'mine', ...failure }),
      stored('s2', { taskId: 'shared', queueName: 'theirs', ...failure, createdAt: new Date(Date.now() + 1_000) }),
      stored('s3', { taskId: 'theirs', queueName: 'theirs', ...failure }),
    ]);
    const asked = (taskId: string, key?: string) => fetch(new URL(`/export/trace?taskId=${taskId}`, closed.url), { headers: key === undefined ? {} : { authorization: `Bearer ${key}` } });
    expect((await asked('shared')).status).toBe(401);
    expect((await asked('shared', keys.worker.key)).status).toBe(403);
    expect((await asked('theirs', keys.viewer.key)).status).toBe(404);
    const seen = await (await asked('shared', keys.viewer.key)).text();
    expect(spansOf(JSON.parse(seen)).filter(({ name }) => name.startsWith('attempt'))).toHaveLength(1);
    expect(seen).not.toContain('SECRET');
    expect(seen).not.toContain('theirs');
    expect(await (await asked('shared', keys.operator.key)).text()).toContain('SECRET STACK');
  });

  it('is not for pages of another site, nor for a HEAD', async () => {
    expect(await refusal('?taskId=a', { 'sec-fetch-site': 'cross-site' })).toMatchObject({ status: 403, code: 'ORIGIN_REFUSED' });
    expect((await fetch(new URL('/export/trace?taskId=a', running.url), { method: 'HEAD' })).status).toBe(404);
  });
});

describe('spans of an application with a tracer provider', () => {
  it('are about its operations over both transports, and about nothing of another application', async () => {
    exporter.reset();
    await post(running.url, 'query Traced { feed { state } }', undefined, { traceparent: ORIGIN });
    await post(running.url, 'query Wrong { nothing }');
    await post(other.url, 'query Other { feed { state } }');
    const client = webSocketClient(running.url);
    await overWebSocket(client, { query: 'query Socket { feed { state } }' });
    await client.dispose();
    expect(named('query Traced')).toMatchObject([{ parentSpanContext: { traceId: TRACE, spanId: SPAN }, attributes: { 'tasktracker.outcome': 'ok' } }]);
    expect(named('query Socket')).toHaveLength(1);
    expect(named('GraphQL')).toMatchObject([{ attributes: { 'tasktracker.outcome': 'refused' } }]);
    expect(exporter.getFinishedSpans()).toHaveLength(3);
    expect(JSON.stringify(exporter.getFinishedSpans().map(({ attributes }) => attributes))).not.toContain('state');
  });

  it('are made once of an event that many are sent, linked to the trace that enqueued its execution', async () => {
    exporter.reset();
    const socket = await RawSocket.acknowledged(running.url);
    for (const id of ['1', '2', '3']) socket.send({ id, type: 'subscribe', payload: { query: 'subscription Live { taskChanged { executionId } }' } });
    await expect.poll(() => named('subscription Live').length).toBe(3);
    await running.app.model.collection.insertMany([stored('plain'), stored('linked', { metadata: { traceparent: ORIGIN } })]);
    for (const id of ['1', '2', '3']) await socket.until((message) => message.id === id && JSON.stringify(message.payload).includes('linked'));
    expect(named('event Live')).toMatchObject([{ links: [{ context: { traceId: TRACE, spanId: SPAN } }], attributes: { 'tasktracker.execution.id': 'linked' } }]);
    socket.socket.terminate();
    await socket.closed;
  });

  it('are linked to the trace that enqueued an execution, for each of its moves', async () => {
    exporter.reset();
    await running.app.services.lifecycle.enqueue({ taskId: 'moves', queueName: 'traced', executionId: 'm1', metadata: { traceparent: ORIGIN } });
    await running.app.services.lifecycle.start('m1');
    await expect(running.app.services.lifecycle.start('m1')).rejects.toThrow();
    for (const span of [...named('enqueueTask'), named('startTask')[0]]) expect(span?.links[0]?.context.traceId).toBe(TRACE);
    expect(named('startTask')[1]?.attributes['tasktracker.refused']).toBe('ALREADY_STARTED');
  });
});
