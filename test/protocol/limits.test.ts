import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { LIMITS } from '../../src/config/limits-table.js';
import { type RunningApp, runningApp } from '../support/app.js';
import { overWebSocket, post, webSocketClient } from '../support/clients.js';

let running: RunningApp;
beforeAll(async () => {
  running = await runningApp({ introspection: false, maxDepth: 6, maxAliases: 3, maxRootFields: 5, maxCost: 500, maxTokens: 300, maxVariablesBytes: 2_000, maxVariablesDepth: 5 });
});
afterAll(() => running[Symbol.asyncDispose]());

const deep = `{ task(executionId: "x") { ${'retryChain { latest { '.repeat(3)} id ${'} } '.repeat(3)} } }`;

/** What the documentation says that the error says. */
function isDocumented(code: string, message: string): boolean {
  const patterns = LIMITS.filter((each) => each.code === code).map(({ says }) => says.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.+'));
  return patterns.some((pattern) => new RegExp(`^${pattern}$`).test(message));
}

/** A list in a list in a list. */
function nest(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
}

describe('every limit holds over HTTP and over WebSocket, with the same message and code', () => {
  test.each([
    ['QUERY_TOO_DEEP', deep, {}],
    ['QUERY_TOO_DEEP', `{ task(executionId: ${'['.repeat(600)}`, {}],
    ['BAD_USER_INPUT', 'query ($filter: TaskFilter) { tasks(filter: $filter) { totalCount } }', { filter: { executionId: new Array(51).fill({}) } }],
    ['TOO_MANY_ALIASES', `{ ${[1, 2, 3, 4].map((n) => `a${n}: __typename`).join(' ')} }`, {}],
    ['TOO_MANY_ROOT_FIELDS', `{ ${'__typename '.repeat(6)} }`, {}],
    ['QUERY_TOO_COSTLY', 'query ($first: Int) { tasks(first: $first) { nodes { retryChain { attempts { id } } } } }', { first: 200 }],
    ['VARIABLES_TOO_LARGE', 'query ($taskId: String!) { retryChain(taskId: $taskId) { status } }', { taskId: 'x'.repeat(2_000) }],
    ['VARIABLES_TOO_LARGE', '{ __typename }', { unused: Array.from({ length: 1_000 }, () => 0) }],
    ['VARIABLES_TOO_DEEP', '{ __typename }', { unused: nest(5) }],
    ['VARIABLES_TOO_DEEP', '{ __typename }', { unused: nest(2_000) }],
    ['INTROSPECTION_DISABLED', '{ __schema { queryType { name } } }', {}],
    ['GRAPHQL_PARSE_FAILED', `{ ${'__typename '.repeat(400)} }`, {}],
  ])('%s', async (code, query, variables) => {
    const { status, body } = await post(running.url, query, variables);
    expect(status).toBe(400);
    const overHttp = body.errors?.map((error) => [error.message, error.extensions?.['code']]);
    expect(overHttp?.map(([, each]) => each)).toContain(code);
    const client = webSocketClient(running.url);
    const refused = await overWebSocket(client, { query, variables }).then(
      (result) => result.errors,
      (errors: unknown) => errors as { message: string; extensions?: Record<string, unknown> }[],
    );
    await client.dispose();
    expect(refused?.map((error) => [error.message, error.extensions?.['code']])).toEqual(overHttp);
    expect(overHttp?.some(([message]) => isDocumented(code, String(message)))).toBe(true);
  });

  test('a schema that may not be asked about is not given away by suggestions either', async () => {
    const query = '{ task(executionId: "x") { taskIdd } }';
    const { body } = await post(running.url, query);
    expect(body.errors).toMatchObject([{ message: 'Cannot query field "taskIdd" on type "TaskTracker".' }]);
    const client = webSocketClient(running.url);
    await expect(overWebSocket(client, { query })).rejects.toMatchObject([{ message: body.errors?.[0]?.message }]);
    await client.dispose();
  });

  test('a subscription that asks for too much is refused before it starts', async () => {
    const client = webSocketClient(running.url);
    const query = `subscription { taskChanged { task { ${'retryChain { attempts { '.repeat(3)} id ${'} } '.repeat(3)} } } }`;
    await expect(overWebSocket(client, { query })).rejects.toMatchObject([{ extensions: { code: 'QUERY_TOO_DEEP' } }]);
    expect(running.app.feed.status().subscribers).toBe(0);
    await client.dispose();
  });

  test('what is within the limits is answered', async () => {
    const { body } = await post(running.url, '{ tasks(first: 10) { nodes { taskId } } }');
    expect(body).toEqual({ data: { tasks: { nodes: [] } } });
  });
});

test.each([
  ['a hash that is not that of its text', { version: 1, sha256Hash: 'x' }],
  ['an unknown version of such hashes', { version: 2, sha256Hash: 'x' }],
])('an operation with %s is the fault of who sent it', async (_what, persistedQuery) => {
  const response = await fetch(running.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query: '{ __typename }', extensions: { persistedQuery } }) });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
});
