import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, afterEach, beforeAll, describe, expect, it, test } from 'vitest';

import { createApiKey } from '../../src/server/auth/api-key.js';
import { createAuthentication } from '../../src/server/auth/authentication.js';
import { RawSocket, upgradeStatus } from '../support/clients.js';
import { silentLogger } from '../support/database.js';
import { logLines } from '../support/log-lines.js';
import { rawAnswer, requestText } from '../support/raw-http.js';
import { type RunningToy, toyServer } from '../support/server.js';

const UPGRADE = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', 'sec-websocket-protocol': 'graphql-transport-ws' };
const PAGE = 'https://ops.example';
const CODE = (code: string) => ({ errors: [{ extensions: { code } }] });

const started: RunningToy[] = [];
async function server(options: Parameters<typeof toyServer>[0]): Promise<RunningToy> {
  const toy = await toyServer(options);
  started.push(toy);
  return toy;
}
afterEach(async () => {
  for (const toy of started.splice(0)) await toy.close();
});

describe('a page of another site, by default', () => {
  it('is answered no preflight, may read nothing, and opens no WebSocket', async () => {
    const { url, at } = await server({});
    const preflight = await fetch(url, { method: 'OPTIONS', headers: { origin: PAGE, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' } });
    const read = await fetch(at('/health/ready'), { headers: { origin: PAGE } });
    for (const { headers } of [preflight, read]) expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    expect(await upgradeStatus(url, { origin: PAGE })).toBe(403);
    expect(await upgradeStatus(url, { origin: 'null' })).toBe(403);
    expect(await upgradeStatus(url, { origin: new URL(url).origin })).toBe(101);
    expect(await upgradeStatus(url)).toBe(101);
  });
});

describe('a page of a listed site', () => {
  let toy: RunningToy;
  beforeAll(async () => {
    toy = await toyServer({ allowedOrigins: [PAGE, 'http://localhost:5173'] });
  });
  afterAll(() => toy.close());

  test('may ask, with a key, and read the answer; the browser is not to add what it knows of the caller', async () => {
    const asks = { origin: PAGE, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type' };
    const preflight = await fetch(toy.url, { method: 'OPTIONS', headers: asks });
    expect(preflight.status).toBe(204);
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      'access-control-allow-origin': PAGE,
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': expect.stringContaining('Authorization') as string,
      'access-control-max-age': '600',
      vary: expect.stringContaining('Origin') as string,
    });
    const answer = await fetch(toy.url, { method: 'POST', headers: { origin: PAGE, 'content-type': 'application/json' }, body: '{"query":"{ hello }"}' });
    expect(answer.headers.get('access-control-allow-origin')).toBe(PAGE);
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    expect(await answer.json()).toEqual({ data: { hello: 'Hello, you' } });
  });

  test('can read why it was refused', async () => {
    const { entry } = createApiKey({ name: 'a', role: 'VIEWER' });
    const log = silentLogger();
    const authentication = await createAuthentication({ apiKeys: JSON.stringify([entry]), maxFailedAttempts: 0, log });
    const { url, at } = await server({ allowedOrigins: [PAGE], authentication });
    for (const where of [url, at('/nowhere'), at('/export')]) {
      const refused = await fetch(where, { headers: { origin: PAGE } });
      expect(refused.status).toBeGreaterThanOrEqual(400);
      expect(refused.headers.get('access-control-allow-origin'), where).toBe(PAGE);
    }
  });

  test('may open a WebSocket and export; a page of any other site may not, nor a site that only looks like it', async () => {
    expect(await upgradeStatus(toy.url, { origin: PAGE })).toBe(101);
    const exportStatus = async (headers: Record<string, string>) => (await rawAnswer(toy.url, requestText('/export', headers))).status;
    expect(await exportStatus({ origin: PAGE, 'sec-fetch-site': 'cross-site' })).not.toBe(403);
    expect(await exportStatus({ 'sec-fetch-site': 'cross-site' })).toBe(403);
    for (const origin of ['https://evil.example', `${PAGE}.evil.example`, 'http://ops.example', `${PAGE}:444`, 'null']) {
      expect(await upgradeStatus(toy.url, { origin }), origin).toBe(403);
      expect(await exportStatus({ origin }), origin).toBe(403);
      const answer = await fetch(toy.url, { method: 'POST', headers: { origin, 'content-type': 'application/json' }, body: '{"query":"{ hello }"}' });
      expect(answer.headers.get('access-control-allow-origin'), origin).not.toBe(origin);
    }
  });

  test('may not send what needs no preflight', async () => {
    const answer = await fetch(toy.url, { method: 'POST', headers: { origin: PAGE, 'content-type': 'text/plain' }, body: '{"query":"{ hello }"}' });
    expect([400, 415]).toContain(answer.status);
  });
});

describe('a name that points here by DNS rebinding', () => {
  const rebound = (url: string) => ({ host: `evil.example:${new URL(url).port}`, origin: `http://evil.example:${new URL(url).port}` });

  it('is refused with 421 on loopback, over HTTP and WebSocket, on every path, with a message that says what to do', async () => {
    const { url } = await server({});
    for (const path of ['/', '/graphql?query=%7Bhello%7D', '/health/live', '/export', '/nowhere']) {
      const { status, body } = await rawAnswer(url, requestText(path, rebound(url)));
      expect(status, path).toBe(421);
      expect(JSON.parse(body)).toMatchObject(CODE('HOST_REFUSED'));
      expect(body).toContain('TASKTRACKER_ALLOWED_HOSTS');
    }
    const upgrade = await rawAnswer(url, requestText('/graphql', { ...UPGRADE, ...rebound(url) }));
    expect(upgrade.status).toBe(421);
    expect(JSON.parse(upgrade.body)).toMatchObject(CODE('HOST_REFUSED'));
  });

  it('is not what a listed name or an address is', async () => {
    const { url } = await server({ allowedHosts: ['tasks.example'] });
    for (const [host, status] of [['tasks.example', 200], ['tasks.example:443', 200], ['localhost:1', 200], ['[::1]:4000', 200], ['192.0.2.1', 200], ['other.example', 421]] as const) {
      expect((await rawAnswer(url, requestText('/health/live', { host }))).status, host).toBe(status);
    }
  });

  it('is the business of the server that a mount is in, unless names are listed', async () => {
    for (const [allowedHosts, status] of [[[], 200], [['tasks.example'], 421]] as const) {
      const { server: mounted } = await server({ allowedHosts });
      const host = createServer(mounted.handler({ path: '/ops' }));
      const detach = mounted.attachWebSockets(host, { path: '/ops' });
      host.listen(0, '127.0.0.1');
      await once(host, 'listening');
      const url = `http://127.0.0.1:${(host.address() as AddressInfo).port}`;
      expect((await rawAnswer(url, requestText('/ops/health/live', { host: 'app.example' }))).status).toBe(status);
      if (status !== 200) expect((await rawAnswer(url, requestText('/ops/graphql', { ...UPGRADE, host: 'app.example' }))).status).toBe(status);
      detach();
      host.close();
    }
  });
});

describe('the address of a client behind a proxy', () => {
  const wrong = { authorization: 'Bearer wrong', 'apollo-require-preflight': '1' };
  const statusFor = async (url: string, forwarded: string) => (await rawAnswer(url, requestText('/graphql?query=%7Bhello%7D', { ...wrong, 'x-forwarded-for': forwarded }))).status;

  async function asking(trustedProxies: string[]): Promise<{ url: string; lines: ReturnType<typeof logLines>['lines'] }> {
    const { log, lines } = logLines();
    const { entry } = createApiKey({ name: 'a', role: 'VIEWER' });
    const authentication = await createAuthentication({ apiKeys: JSON.stringify([entry]), maxFailedAttempts: 1, log });
    const { url } = await server({ authentication, trustedProxies, maxConnectionsPerAddress: 1, log });
    return { url, lines };
  }

  it('is what counts, and what is logged, where the proxy is trusted', async () => {
    const { url, lines } = await asking(['127.0.0.0/8']);
    expect(await statusFor(url, '203.0.113.1')).toBe(401);
    expect(await statusFor(url, '203.0.113.1')).toBe(429);
    expect(await statusFor(url, '203.0.113.2')).toBe(401);
    expect(await statusFor(url, '203.0.113.3, 203.0.113.2')).toBe(429);
    expect(lines.filter(({ msg }) => msg === 'a caller was refused').map(({ address }) => address)).toEqual(['203.0.113.1', '203.0.113.2']);
    const first = await RawSocket.open(url, { headers: { 'x-forwarded-for': '203.0.113.1' } });
    await expect(RawSocket.open(url, { headers: { 'x-forwarded-for': '203.0.113.1' } })).rejects.toThrow('429');
    const second = await RawSocket.open(url, { headers: { 'x-forwarded-for': '203.0.113.2' } });
    for (const { socket } of [first, second]) socket.terminate();
  });

  it('is that of the connection where it is not: nobody gets round a limit by a header', async () => {
    const { url, lines } = await asking(['192.0.2.0/24']);
    expect(await statusFor(url, '203.0.113.1')).toBe(401);
    expect(await statusFor(url, '203.0.113.2')).toBe(429);
    expect(lines.find(({ msg }) => msg === 'a caller was refused')).toMatchObject({ address: '127.0.0.1' });
    const first = await RawSocket.open(url, { headers: { 'x-forwarded-for': '203.0.113.1' } });
    await expect(RawSocket.open(url, { headers: { 'x-forwarded-for': '203.0.113.2' } })).rejects.toThrow('429');
    first.socket.terminate();
  });
});
