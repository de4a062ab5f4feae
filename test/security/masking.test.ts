import { createClient } from 'graphql-ws';
import { getNamedType, type GraphQLInputType, isInputObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';

import { buildTaskTrackerSchema } from '../../src/graphql/schema.js';
import { createApiKey } from '../../src/server/auth/api-key.js';
import { type RunningApp, runningApp } from '../support/app.js';
import { post, webSocketUrl } from '../support/clients.js';
import { stored } from '../support/feed.js';

const HIDDEN = 'HIDDEN-XQZ';
const keys = { VIEWER: createApiKey({ name: 'viewer', role: 'VIEWER' }), OPERATOR: createApiKey({ name: 'operator', role: 'OPERATOR' }), WORKER: createApiKey({ name: 'worker', role: 'WORKER' }) };
const bearer = (role: keyof typeof keys) => ({ authorization: `Bearer ${keys[role].key}` });
const FIELDS = 'executionId errorStack metadata irregularities';

describe('what is sensitive', () => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await runningApp({ apiKeys: JSON.stringify(Object.values(keys).map(({ entry }) => entry)), sensitiveMetadata: ['customer.email', 'card.*'] });
    const secret = { status: 'failed', failedAt: new Date(), errorMessage: 'boom', errorCategory: 'transient', errorStack: `at ${HIDDEN}`, metadata: { customer: { email: HIDDEN, name: 'open' }, card: { number: HIDDEN } } };
    await running.app.model.collection.insertOne(stored('e1', secret) as never);
    await running.app.model.collection.insertOne(stored('e2', { ...secret, taskId: 't:2', errorMessage: 'bang', errorStack: { text: HIDDEN }, metadata: [HIDDEN] }) as never);
  });
  afterAll(() => running[Symbol.asyncDispose]());

  const QUERIES = [
    `{ tasks { nodes { ${FIELDS} } } }`,
    `{ task(executionId: "e1") { ${FIELDS} retryChain { latest { ${FIELDS} } attempts { ${FIELDS} } } } }`,
    `{ errorGroups { sample { ${FIELDS} } } }`,
  ];

  test.each(QUERIES)('is masked for a VIEWER and shown to an OPERATOR: %s', async (query) => {
    const [viewer, operator] = await Promise.all((['VIEWER', 'OPERATOR'] as const).map(async (role) => JSON.stringify((await post(running.url, query, {}, bearer(role))).body)));
    expect(viewer).not.toContain(HIDDEN);
    expect(viewer).toContain('[masked]');
    expect(viewer).toContain('"name":"open"');
    expect(operator).toContain(HIDDEN);
    expect(operator).not.toContain('[masked]');
  });

  test('is masked in exports, as rows and as spans', async () => {
    for (const path of ['/export?format=ndjson&columns=metadata,errorStack', '/export?columns=metadata,errorStack,metadata.customer.email', '/export/trace?taskId=t%3A2']) {
      const texts = await Promise.all((['VIEWER', 'OPERATOR'] as const).map(async (role) => (await fetch(new URL(path, running.url), { headers: bearer(role) })).text()));
      expect(texts[0], path).not.toContain(HIDDEN);
    }
  });

  test('is masked for one and shown to the other where both watch the same', async () => {
    const received = { VIEWER: '', OPERATOR: '' };
    const clients = (['VIEWER', 'OPERATOR'] as const).map((role) => {
      const client = createClient({ url: webSocketUrl(running.url), webSocketImpl: WebSocket, retryAttempts: 0, connectionParams: bearer(role) });
      for (const query of [`subscription { taskChanged { task { ${FIELDS} } } }`, `subscription { liveTasks { tasks { ${FIELDS} } task { ${FIELDS} } } }`]) {
        client.subscribe({ query }, { next: (result) => (received[role] += JSON.stringify(result)), error: (error) => (received[role] += JSON.stringify(error)), complete: () => undefined });
      }
      return client;
    });
    const until = async (holds: () => boolean): Promise<void> => {
      while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    await until(() => received.VIEWER.includes('e2') && received.OPERATOR.includes('e2'));
    await running.app.model.collection.insertOne(stored('e3', { taskId: 't:3', errorStack: HIDDEN, metadata: { card: { number: HIDDEN } } }) as never);
    await until(() => Object.values(received).every((text) => text.split('"e3"').length > 2));
    expect(received.VIEWER).not.toContain(HIDDEN);
    expect(received.OPERATOR.split(HIDDEN).length).toBeGreaterThan(4);
    for (const client of clients) await client.dispose();
  });

  test('is masked in what a move answers a WORKER', async () => {
    await running.app.model.collection.insertOne(stored('e4', { taskId: 't:4', status: 'processing', metadata: { card: { number: HIDDEN } } }) as never);
    const { body } = await post(running.url, `mutation { failTask(input: { executionId: "e4", errorMessage: "m", errorStack: "${HIDDEN}" }) { task { ${FIELDS} } } }`, {}, bearer('WORKER'));
    expect(body.data).toMatchObject({ failTask: { task: { errorStack: '[masked]', metadata: { card: { number: '[masked]' } } } } });
  });

  test('cannot be searched by, in any field of the schema that takes a filter', async () => {
    const schema = await buildTaskTrackerSchema();
    const leads = (type: GraphQLInputType): boolean => {
      const named = getNamedType(type);
      return isInputObjectType(named) && (named.name === 'TaskFilter' || Object.values(named.getFields()).some((field) => leads(field.type)));
    };
    const fields = Object.values(schema.getQueryType()?.getFields() ?? {}).filter(({ args }) => args.some(({ name, type }) => name === 'filter' && leads(type)));
    expect(fields.map(({ name }) => name)).toContain('tasks');
    for (const { name } of fields) {
      for (const path of ['customer.email', 'customer', 'card.number', 'card.0.number']) {
        const query = `{ ${name}(filter: { metadata: [{ path: "open", exists: true }, { path: "${path}", exists: true }] }) { __typename } }`;
        const { body } = await post(running.url, query, {}, bearer('VIEWER'));
        expect(body.errors?.[0]?.extensions, `${name} by ${path}`).toMatchObject({ code: 'FORBIDDEN', field: ['filter', 'metadata', '1', 'path'] });
        expect((await post(running.url, query, {}, bearer('OPERATOR'))).body.errors).toBeUndefined();
      }
    }
    const client = createClient({ url: webSocketUrl(running.url), webSocketImpl: WebSocket, retryAttempts: 0, connectionParams: bearer('VIEWER') });
    for (const field of ['taskChanged', 'liveTasks']) {
      const results = client.iterate({ query: `subscription { ${field}(filter: { metadata: { path: "card.number", eq: "1" } }) { kind } }` });
      const outcome = await results.next().then(({ value }) => JSON.stringify(value), (error: unknown) => JSON.stringify(error));
      expect(outcome).toContain('FORBIDDEN');
    }
    await client.dispose();
    const file = await fetch(new URL(`/export?filter=${encodeURIComponent('{"metadata":[{"path":"card.number","eq":"1"}]}')}`, running.url), { headers: bearer('VIEWER') });
    expect(file.status).toBe(403);
  });
});
