import http from 'node:http';

import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { overWebSocket, post, webSocketClient } from '../support/clients.js';
import { type RunningToy, toyServer } from '../support/server.js';
import { readyStatus } from '../support/statistics-status.js';
import { toySurface } from '../support/toy-surface.js';

let running: RunningToy;
beforeAll(async () => {
  running = await toyServer();
});
afterAll(() => running.close());

/** What Apollo Server answers with 400 where the specification would rather have 200. */
const ACCEPTED_WARNINGS = new Set(['572B', 'FDE2', '7B9B']);

describe('GraphQL over HTTP, by the audits of graphql-http', () => {
  const audits = serverAudits({
    url: () => running.url,
    fetchFn: (url: string, init?: RequestInit) => fetch(url, { ...init, headers: { ...init?.headers, 'apollo-require-preflight': '1' } }),
  });
  test.each(audits.map((audit) => [audit.id, audit.name, audit] as const))('%s %s', async (id, _name, audit) => {
    const result = await audit.fn();
    const seen = result.status === 'ok' ? 'ok' : `${result.status}: ${result.reason}`;
    if (result.status === 'warn' && ACCEPTED_WARNINGS.has(id)) return;
    expect(seen).toBe('ok');
  });
});

describe('what a browser could send from another site', () => {
  test.each([
    ['a simple GET', { method: 'GET' }, '?query=%7Bhello%7D'],
    ['a POST of plain text', { method: 'POST', body: '{"query":"{hello}"}', headers: { 'content-type': 'text/plain' } }, ''],
    ['a form', { method: 'POST', body: 'query=%7Bhello%7D', headers: { 'content-type': 'application/x-www-form-urlencoded' } }, ''],
  ] as const)('%s is refused', async (_what, init, search) => {
    const response = await fetch(running.url + search, init);
    expect([400, 415]).toContain(response.status);
    expect(await response.json()).toMatchObject({ errors: [{}] });
  });

  test('no other site is allowed to read answers', async () => {
    const response = await fetch(running.url, {
      method: 'POST',
      body: '{"query":"{hello}"}',
      headers: { 'content-type': 'application/json', origin: 'http://evil.example' },
    });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('a request that cannot be served', () => {
  const errorOf = async (path: string, init: RequestInit) => {
    const response = await fetch(running.at(path), init);
    const body = (await response.json()) as { errors: { message: string; extensions: Record<string, unknown> }[] };
    expect(JSON.stringify(body)).not.toMatch(/\bat .*\(|node_modules|\.ts:/);
    return { status: response.status, ...body.errors[0] };
  };
  const json = { 'content-type': 'application/json' };

  test('to an unknown route is 404 in JSON', async () => {
    expect(await errorOf('/nowhere?token=secret', {})).toEqual({ status: 404, message: 'There is nothing at GET /nowhere.', extensions: { code: 'NOT_FOUND' } });
  });

  test('with a broken body is 400', async () => {
    expect(await errorOf('/graphql', { method: 'POST', headers: json, body: '{' })).toMatchObject({ status: 400, extensions: { code: 'BAD_REQUEST' } });
  });

  test('with a body larger than the limit is 413', async () => {
    expect(await errorOf('/graphql', { method: 'POST', headers: json, body: JSON.stringify({ query: `{hello}${' '.repeat(5_000)}` }) })).toMatchObject({
      status: 413,
      extensions: { code: 'PAYLOAD_TOO_LARGE' },
    });
  });

  test('by another method than GET and POST is 405', async () => {
    const response = await fetch(running.url, { method: 'PUT', headers: json, body: '{"query":"{hello}"}' });
    expect(response.status).toBe(405);
  });

  test('as a mutation by GET is 405', async () => {
    const response = await fetch(`${running.url}?query=${encodeURIComponent('mutation { shout }')}`, { headers: { 'apollo-require-preflight': '1' } });
    expect(response.status).toBe(405);
  });
});

describe('the same operation fails with the same code over HTTP and over WebSocket', () => {
  test.each([
    ['syntax', '{ hello', {}],
    ['too many tokens', `{ ${'hello '.repeat(200)} }`, {}],
    ['an unknown field', '{ nothing }', {}],
    ['an operation that is not there', 'query A { hello } query B { hello }', {}],
    ['a limit that depends on variables', '{ hello }', { expensive: true }],
    ['a variable of the wrong type', 'query ($n: Int!) { number(n: $n) }', { n: 'x' }],
    ['an internal error', '{ broken }', {}],
  ])('%s', async (_what, query, variables) => {
    const overHttp = (await post(running.url, query, variables)).body.errors?.map((error) => [error.message, error.extensions?.['code']]);
    const client = webSocketClient(running.url);
    const failure = await overWebSocket(client, { query, variables }).then(
      (result) => result.errors,
      (errors: unknown) => errors as { message: string; extensions?: Record<string, unknown> }[],
    );
    await client.dispose();
    expect(overHttp?.length).toBeGreaterThan(0);
    expect(failure?.map((error) => [error.message, error.extensions?.['code']])).toEqual(overHttp);
  });
});

describe('introspection', () => {
  const query = '{ __schema { queryType { name } } }';

  test('is answered by default', async () => {
    expect((await post(running.url, query)).body).toEqual({ data: { __schema: { queryType: { name: 'Query' } } } });
  });

  test('is refused where it is switched off', async () => {
    const toy = await toyServer({ toy: toySurface({ introspection: false }) });
    expect((await post(toy.url, query)).body.errors?.[0]?.extensions).toMatchObject({ code: 'GRAPHQL_VALIDATION_FAILED' });
    await toy.close();
  });
});

describe('health', () => {
  const feed = { cursor: 'c', lagMs: 4, lastEventAt: new Date(0), subscribers: 2, ringSize: 0, resyncs: 1 };
  const health = {
    ping: () => Promise.resolve(),
    feedStatus: () => ({ ...feed, state: 'LIVE' as const, reason: null }),
    statisticsStatus: () => readyStatus(),
    deduplication: { mode: 'check' as const, reason: 'there are duplicates' },
  };
  const readiness = async (options: Partial<typeof health> | { feedStatus: () => unknown }) => {
    const toy = await toyServer({ health: { ...health, ...options } as typeof health });
    const response = await fetch(toy.at('/health/ready'));
    const body: unknown = await response.json();
    await toy.close();
    return { status: response.status, body };
  };

  test('the process is live as long as it answers', async () => {
    const response = await fetch(running.at('/health/live'));
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({ live: true });
  });

  test('it is ready when the database answers and the feed is live, and says how duplicates are kept out', async () => {
    expect(await readiness({})).toEqual({
      status: 200,
      body: {
        ready: true,
        reasons: [],
        database: { reachable: true },
        feed: { state: 'LIVE', lagMs: 4, lastEventAt: '1970-01-01T00:00:00.000Z', subscribers: 2, resyncs: 1 },
        statistics: {
          state: 'READY',
          progress: 1,
          scanned: null,
          expected: null,
          lastCheckpointAt: '1970-01-01T00:00:00.000Z',
          lastReconciliationAt: null,
          lastDrift: 0,
          reason: null,
        },
        deduplication: { mode: 'check', reason: 'there are duplicates' },
      },
    });
  });

  test('it is ready while figures are still being read, and says how far that has come', async () => {
    const statisticsStatus = () => readyStatus({ state: 'BOOTSTRAPPING', progress: 0.25, scanned: 10, expected: 40, reason: 'The collection is being read.' });
    expect(await readiness({ statisticsStatus })).toMatchObject({
      status: 200,
      body: { ready: true, statistics: { state: 'BOOTSTRAPPING', progress: 0.25, scanned: 10, expected: 40, reason: 'The collection is being read.' } },
    });
  });

  test('it is not ready while the feed is not live, and says why', async () => {
    expect(await readiness({ feedStatus: () => ({ ...feed, state: 'RECONNECTING', reason: 'the database is away' }) })).toMatchObject({
      status: 503,
      body: { ready: false, reasons: ['The feed is RECONNECTING: the database is away'] },
    });
  });

  test.each([
    ['fails', () => Promise.reject(new Error('mongodb://user:hunter2@host'))],
    ['hangs', () => new Promise<void>(() => undefined)],
  ])('it is not ready when the database %s', async (_how, ping) => {
    const answer = await readiness({ ping });
    expect(answer).toMatchObject({ status: 503, body: { ready: false, reasons: ['The database does not answer.'], database: { reachable: false } } });
    expect(JSON.stringify(answer)).not.toContain('hunter2');
  });
});

describe('GraphiQL', () => {
  test('is one page that asks no other host for anything', async () => {
    const response = await fetch(running.at('/graphiql'));
    expect(response.status).toBe(200);
    const html = await response.text();
    const script = html.slice(html.indexOf('<script>'), html.lastIndexOf('</script>'));
    const markup = html.replace(script, '');
    expect(markup.match(/(?:src|href|action)="(?!data:)[^"]*"/g)).toBeNull();
    expect(markup).not.toMatch(/@import|url\((?!['"]?data:)/);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).not.toMatch(/https?:|\*|script-src[^;]*'unsafe/);
  });

  test('talks to /graphql, over WebSocket for subscriptions, with the examples in tabs', async () => {
    const html = await (await fetch(running.at('/graphiql'))).text();
    const options = /renderYogaGraphiQL\(\s*window\.document\.querySelector\('#root'\),\s*(\{.*\}),\s*\);/.exec(html)?.[1] ?? '{}';
    const parsed = JSON.parse(options) as { defaultTabs: { query: string }[] };
    expect(parsed).toMatchObject({ endpoint: 'graphql', subscriptionsProtocol: 'WS' });
    expect(parsed.defaultTabs[0]?.query).toContain('query Overview');
  });

  test('is sent compressed, and not again to who has it', async () => {
    const { headers, length } = await new Promise<{ headers: http.IncomingHttpHeaders; length: number }>((resolve, reject) => {
      http
        .get(running.at('/graphiql'), { headers: { 'accept-encoding': 'gzip' } }, (response) => {
          let length = 0;
          response.on('data', (chunk: Buffer) => (length += chunk.length));
          response.on('end', () => resolve({ headers: response.headers, length }));
        })
        .on('error', reject);
    });
    expect(headers['content-encoding']).toBe('gzip');
    expect(length).toBeLessThan(4_000_000);
    const again = await fetch(running.at('/graphiql'), { headers: { 'if-none-match': headers.etag ?? '' } });
    expect(again.status).toBe(304);
  });

  test('is not there where it is switched off', async () => {
    const toy = await toyServer({ playground: false });
    expect((await fetch(toy.at('/graphiql'))).status).toBe(404);
    expect(await (await fetch(toy.at('/'))).json()).not.toHaveProperty('graphiql');
    await toy.close();
  });
});

describe('the home page', () => {
  test('is the dashboard for people and tells programs what there is', async () => {
    const forPeople = await fetch(running.at('/'), { headers: { accept: 'text/html' } });
    expect([forPeople.status, forPeople.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await forPeople.text()).toContain('<title>TaskTracker</title>');
    const forPrograms = await fetch(running.at('/'), { headers: { accept: 'application/json' } });
    expect(await forPrograms.json()).toMatchObject({ graphql: './graphql', graphiql: './graphiql' });
  });
});
