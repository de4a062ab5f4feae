import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createApiKey } from '../../src/server/auth/api-key.js';
import { type RunningApp, runningApp } from '../support/app.js';
import { post, RawSocket } from '../support/clients.js';
import { temporaryFolder } from '../support/embedded.js';
import { forgedByHmac, forgedByRsa, hs256, rsaIssuer } from './support/forged-tokens.js';

const SECRET = randomBytes(32).toString('hex');
const now = Math.floor(Date.now() / 1_000);
const good = { sub: 'viewer', role: 'VIEWER', iss: 'issuer', aud: 'tasktracker', iat: now, exp: now + 3_600 };
const issuer = rsaIssuer('key-1');
const key = createApiKey({ name: 'viewer', role: 'VIEWER' });
const expired = createApiKey({ name: 'late', role: 'ADMIN', expiresAt: new Date(Date.now() - 1_000).toISOString() });
const keyParts = key.key.split('_');

const FORGED_KEYS: readonly (readonly [string, string])[] = [
  ['a key that has expired', expired.key],
  ['a key with another secret', `${keyParts[0]}_${keyParts[1]}_${randomBytes(32).toString('base64url')}`],
  ['the id of a key', `${keyParts[0]}_${keyParts[1]}`],
  ['the hash of a key', key.entry.hash],
  ['a key and its hash', `tt_${keyParts[1]}_${key.entry.hash.slice(0, 43)}`],
  ['a key of an id that every object has', `tt_constructor_${keyParts.slice(2).join('_')}`],
  ['a key and more', `${key.key}A`],
  ['nothing but the beginning of a key', 'tt_'],
];

const folder = await temporaryFolder();
const jwksFile = path.join(folder.folder, 'jwks.json');
writeFileSync(jwksFile, issuer.jwks);
afterAll(() => folder[Symbol.asyncDispose]());

const common = { maxFailedAuthentications: 0, jwtIssuer: 'issuer', jwtAudience: 'tasktracker', jwtClockToleranceMs: 0, apiKeys: JSON.stringify([key.entry, expired.entry]) };

describe.each([
  ['a secret', { ...common, jwtSecret: SECRET }, hs256(SECRET, good), [...forgedByHmac(SECRET, { good, now }), ...FORGED_KEYS]],
  ['a key set', { ...common, jwtJwksFile: jwksFile }, issuer.token(good), forgedByRsa(issuer, { good, now })],
] as const)('where tokens are checked by %s', (_how, options, right, forged) => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await runningApp(options);
  });
  afterAll(() => running[Symbol.asyncDispose]());

  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const rightIsTaken = async (): Promise<void> => {
    expect((await post(running.url, '{ caller { role } }', {}, bearer(right))).body).toEqual({ data: { caller: { role: 'VIEWER' } } });
  };

  test.each(forged)('one %s opens nothing', async (_what, token) => {
    const graphql = await post(running.url, '{ caller { name } }', {}, bearer(token));
    expect(graphql).toMatchObject({ status: 401, body: { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] } });
    expect(graphql.headers.get('www-authenticate')).toBe('Bearer realm="TaskTracker", error="invalid_token"');
    for (const route of ['/export', '/export/trace?taskId=a', '/metrics']) {
      const response = await fetch(new URL(route, running.url), { headers: bearer(token) });
      expect([route, response.status]).toEqual([route, 401]);
      expect(await response.text()).toContain('"UNAUTHENTICATED"');
    }
    const inPayload = await RawSocket.open(running.url);
    inPayload.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
    const inHeader = await RawSocket.open(running.url, { headers: bearer(token) });
    inHeader.send({ type: 'connection_init' });
    for (const raw of [inPayload, inHeader]) expect(await raw.closed).toMatchObject({ code: 4403 });
    await rightIsTaken();
  });

  test.each([
    ['another scheme', { authorization: `Basic ${Buffer.from(`a:${right}`).toString('base64')}` }],
    ['two tokens', { authorization: `Bearer ${right} ${right}` }],
    ['a header of 9,000 characters', { authorization: `Bearer ${'a'.repeat(9_000)}` }],
    ['a cookie', { cookie: `authorization=Bearer ${right}` }],
    ['a header of its own', { 'x-authorization': `Bearer ${right}`, 'x-user': 'admin', 'x-forwarded-user': 'admin' }],
  ])('nor does the right one in %s', async (_what, headers) => {
    expect((await post(running.url, '{ caller { name } }', {}, headers)).status).toBe(401);
    expect((await fetch(new URL(`/export?authorization=${right}&access_token=${right}`, running.url))).status).toBe(401);
  });
});
