import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';

import { SECURITY_HEADERS } from '../../src/server/security-headers.js';
import { rawAnswer, requestText } from '../support/raw-http.js';
import { type RunningToy, toyServer } from '../support/server.js';

const UPGRADE = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', 'sec-websocket-protocol': 'graphql-transport-ws' };
const HTML = { accept: 'text/html' };

let running: RunningToy;
beforeAll(async () => {
  running = await toyServer();
});
afterAll(() => running.close());

describe('every answer of the server carries the security headers', () => {
  test.each([
    ['a query', 200, requestText('/graphql?query=%7Bhello%7D', { 'apollo-require-preflight': '1' })],
    ['a query that fails', 400, requestText('/graphql?query=%7Bnothing%7D', { 'apollo-require-preflight': '1' })],
    ['a request of another site', 400, requestText('/graphql?query=%7Bhello%7D')],
    ['what is served to programs at the root', 200, requestText('/')],
    ['health', 200, requestText('/health/ready')],
    ['an export for another site', 403, requestText('/export', { origin: 'http://evil.example' })],
    ['a path that is not there', 404, requestText('/nowhere')],
    ['a path that cannot be decoded', 400, requestText('/%')],
    ['a method that is not served', 405, `${requestText('/graphql', { 'content-type': 'application/json', 'content-length': '2' }, 'PUT')}{}`],
    ['a body that is too large', 413, requestText('/graphql', { 'content-type': 'application/json', 'content-length': '999999' }, 'POST')],
    ['a body of an unknown type', 415, `${requestText('/graphql', { 'content-type': 'application/x-nothing', 'content-length': '2' }, 'POST')}{}`],
    ['what is no request', 400, 'HELLO\r\n\r\n'],
    ['headers that are too large', 431, requestText('/', { 'x-large': 'x'.repeat(100_000) })],
    ['an upgrade from another site', 403, requestText('/graphql', { ...UPGRADE, origin: 'http://evil.example' })],
    ['an upgrade elsewhere', 404, requestText('/elsewhere', UPGRADE)],
  ])('%s (%i)', async (_what, status, request) => {
    const { headers, body, ...answer } = await rawAnswer(running.url, request);
    expect(answer.status).toBe(status);
    expect(headers).toMatchObject(SECURITY_HEADERS);
    if (status >= 400) expect(JSON.parse(body)).toMatchObject({ errors: [{}] });
  });

  test.each([
    ['the dashboard', '/', "script-src 'self' 'sha256-"],
    ['a page that is not there', '/nowhere', "script-src 'self' 'sha256-"],
    ['GraphiQL', '/graphiql', "script-src 'sha256-"],
  ])('%s, with a Content-Security-Policy of its own that runs no script but its own', async (_what, path, scripts) => {
    const { headers } = await rawAnswer(running.url, requestText(path, HTML));
    const { 'content-security-policy': _, ...others } = SECURITY_HEADERS;
    expect(headers).toMatchObject(others);
    const policy = headers['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(scripts);
    expect(policy).not.toMatch(/script-src[^;]*(unsafe|https?:|\*)/);
  });
});

describe('every answer of a mount carries the security headers', () => {
  it('below its path, at its path without a slash, and where there is nothing; those of the host are its own', async () => {
    const host = createServer();
    const handle = running.server.handler({ path: '/ops' });
    host.on('request', (request, response) => {
      if (request.url === '/host') response.end('host');
      else handle(request, response);
    });
    const detach = running.server.attachWebSockets(host, { path: '/ops' });
    host.listen(0, '127.0.0.1');
    await once(host, 'listening');
    const url = `http://127.0.0.1:${(host.address() as AddressInfo).port}`;
    const answers = await Promise.all(
      [
        requestText('/ops/graphql?query=%7Bhello%7D', { 'apollo-require-preflight': '1' }),
        requestText('/ops'),
        requestText('/elsewhere'),
        requestText('/ops/nowhere'),
        requestText('/ops/graphql', { ...UPGRADE, origin: 'http://evil.example' }),
      ].map((request) => rawAnswer(url, request)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 308, 404, 404, 403]);
    for (const { headers } of answers) expect(headers).toMatchObject(SECURITY_HEADERS);
    expect((await rawAnswer(url, requestText('/host'))).headers).not.toHaveProperty('content-security-policy');
    detach();
    host.close();
  });
});
