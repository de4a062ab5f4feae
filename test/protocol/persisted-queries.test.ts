import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { loadDashboard } from '../../src/server/dashboard-files.js';
import { sha256 } from '../../src/server/trusted/read-file.js';
import { type RunningApp, runningApp } from '../support/app.js';
import { overWebSocket, post, RawSocket, webSocketClient } from '../support/clients.js';

const FEED = 'query Feed { feed { state } }';
const CHANGES = 'subscription Changes { taskChanged { kind } }';
const TASK = 'query Task($id: ID!) { task(executionId: $id) { taskId } }';
const LIVE = { data: { feed: { state: 'LIVE' } } };
const NOT_FOUND = { errors: [{ message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }] };

const byHash = (hash: string) => ({ persistedQuery: { version: 1, sha256Hash: hash } });

interface Sent {
  readonly query?: unknown;
  readonly extensions?: unknown;
  readonly variables?: unknown;
}

/** What a client that knows no more than the protocol sends. */
async function send(url: string, body: Sent): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

async function get(url: string, parameters: Record<string, string>): Promise<{ status: number; body: unknown }> {
  const asked = new URL(url);
  asked.search = String(new URLSearchParams(parameters));
  const response = await fetch(asked, { headers: { 'apollo-require-preflight': '1' } });
  return { status: response.status, body: await response.json() };
}

describe('automatic persisted queries over HTTP', () => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await runningApp();
  });
  afterAll(() => running[Symbol.asyncDispose]());

  test('a hash that is not known is asked for with its text once, and then is enough, by POST and by GET', async () => {
    const { url } = running;
    const extensions = byHash(sha256(FEED));
    expect((await send(url, { extensions })).body).toMatchObject(NOT_FOUND);
    expect((await send(url, { extensions, query: FEED })).body).toEqual(LIVE);
    expect((await send(url, { extensions })).body).toEqual(LIVE);
    expect((await get(url, { extensions: JSON.stringify(extensions) })).body).toEqual(LIVE);
  });

  test('a text is not registered under the hash of another, nor where it is refused', async () => {
    const { url } = running;
    const extensions = byHash(sha256(TASK));
    expect(await send(url, { extensions, query: FEED })).toMatchObject({ status: 400 });
    expect((await send(url, { extensions })).body).toMatchObject(NOT_FOUND);
    const wrong = 'query Wrong { nothing }';
    expect(await send(url, { extensions: byHash(sha256(wrong)), query: wrong })).toMatchObject({ status: 400 });
    expect((await send(url, { extensions: byHash(sha256(wrong)) })).body).toMatchObject(NOT_FOUND);
  });
});

describe('a server of trusted documents', () => {
  let folder: string;
  let running: RunningApp;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'trusted-'));
    const file = path.join(folder, 'trusted.json');
    await writeFile(file, JSON.stringify(Object.fromEntries([FEED, CHANGES, TASK].map((text) => [sha256(text), text]))));
    running = await runningApp({ trustedDocuments: file });
  });
  afterAll(async () => {
    await running[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  test('runs them by hash and by text, with variables, over HTTP and WebSocket', async () => {
    const { url } = running;
    const sent = { extensions: byHash(sha256(TASK)), variables: { id: 'x' } };
    expect((await send(url, sent)).body).toEqual({ data: { task: null } });
    expect((await post(url, FEED)).body).toEqual(LIVE);
    expect((await get(url, { extensions: JSON.stringify(byHash(sha256(FEED))) })).body).toEqual(LIVE);
    const client = webSocketClient(url);
    expect(await overWebSocket(client, { query: '', ...sent })).toEqual({ data: { task: null } });
    expect(await overWebSocket(client, { query: FEED })).toEqual(LIVE);
    await client.dispose();
    const raw = await RawSocket.acknowledged(url);
    raw.send({ id: '1', type: 'subscribe', payload: { query: '', extensions: byHash(sha256(CHANGES)) } });
    await expect.poll(() => running.app.feed.status().subscribers).toBe(1);
    raw.socket.terminate();
  });

  test.each([
    ['another text', '{ feed { state } }'],
    ['introspection', '{ __schema { queryType { name } } }'],
    ['what cannot be read', '{'],
    ['a field that there is none of', '{ nothing }'],
  ])('refuses %s without reading it, over HTTP and WebSocket alike', async (_what, query) => {
    const { url } = running;
    const message = `Only trusted documents are run here, and this is none of them (its SHA-256 is ${sha256(query)}).`;
    const refused = { errors: [{ message, extensions: { code: 'UNTRUSTED_DOCUMENT' } }] };
    expect(await send(url, { query })).toEqual({ status: 400, body: refused });
    expect(await get(url, { query })).toEqual({ status: 400, body: refused });
    const client = webSocketClient(url);
    await expect(overWebSocket(client, { query })).rejects.toEqual(refused.errors);
    await client.dispose();
  });

  test('knows no other hash, and none can be registered', async () => {
    const { url } = running;
    const query = '{ __typename }';
    const extensions = byHash(sha256(query));
    expect(await send(url, { query, extensions })).toMatchObject({ status: 400, body: { errors: [{ extensions: { code: 'UNTRUSTED_DOCUMENT' } }] } });
    expect((await send(url, { extensions })).body).toMatchObject(NOT_FOUND);
    const client = webSocketClient(url);
    await expect(overWebSocket(client, { query: '', extensions })).rejects.toMatchObject(NOT_FOUND.errors);
    await client.dispose();
  });

  test.each([[{ query: ['{ __typename }'] }], [{ query: { text: '{ __typename }' } }], [{ query: 1 }], [[{ query: '{ __typename }' }]], ['{ __typename }'], [{}], [null]])('answers what is no operation with a refusal: %j', async (body) => {
    const { status, body: answer } = await send(running.url, body as Sent);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(answer).not.toHaveProperty('data');
  });

  test('a query is not smuggled in by giving it twice', async () => {
    const url = `${running.url}?${String(new URLSearchParams([['query', FEED], ['query', '{ __typename }']]))}`;
    const response = await fetch(url, { headers: { 'apollo-require-preflight': '1' } });
    expect(response.status).toBe(400);
    expect(await (await fetch(`${running.url}?query=${encodeURIComponent('{ __typename }')}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query: FEED }) })).json()).toEqual(LIVE);
  });

  test('runs what its own dashboard asks', async () => {
    const dashboard = await loadDashboard();
    const documents = [...(dashboard?.documents ?? [])];
    expect(documents.length).toBeGreaterThan(20);
    for (const [hash] of documents) {
      const { body } = await send(running.url, { extensions: byHash(hash) });
      const codes = ((body as { errors?: { extensions: { code: string } }[] }).errors ?? []).map(({ extensions }) => extensions.code);
      expect(codes).not.toContain('PERSISTED_QUERY_NOT_FOUND');
      expect(codes).not.toContain('GRAPHQL_VALIDATION_FAILED');
    }
  });

  test('has no GraphiQL, and exports as ever', async () => {
    expect((await fetch(new URL('/graphiql', running.url))).status).toBe(404);
    expect(await (await fetch(new URL('/', running.url))).json()).not.toHaveProperty('graphiql');
    expect((await fetch(new URL('/export', running.url))).status).toBe(200);
  });

  test('does not start with a document that it would refuse, and says which', async () => {
    const file = path.join(folder, 'wrong.json');
    const wrong = 'query Wrong { nothing }';
    await writeFile(file, JSON.stringify({ [sha256(wrong)]: wrong }));
    await expect(runningApp({ trustedDocuments: file })).rejects.toThrow(`${file}: ${sha256(wrong)}: Cannot query field "nothing" on type "Query".`);
  });
});
