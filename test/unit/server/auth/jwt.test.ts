import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';

import { AuthenticationUnavailableError, UnauthenticatedError } from '../../../../src/server/auth/errors.js';
import { type JwtOptions, JwtVerifier } from '../../../../src/server/auth/jwt.js';

const SECRET = 'a secret of more than thirty-two bytes';
const RULES = { issuer: 'https://issuer.example', audience: 'tasktracker', clockToleranceMs: 5_000, roleClaim: 'role', queuesClaim: 'queues' };
const encoded = (text: string) => new TextEncoder().encode(text);

function tokenOf(claims: Record<string, unknown> = {}, header: { alg: string; kid?: string } = { alg: 'HS256' }): SignJWT {
  return new SignJWT({ role: 'VIEWER', ...claims }).setProtectedHeader(header).setIssuer(RULES.issuer).setAudience(RULES.audience).setSubject('ann').setExpirationTime('5m');
}

function verifier(options: Partial<JwtOptions> = {}): JwtVerifier {
  return new JwtVerifier({ ...RULES, keys: { secret: SECRET }, ...options });
}

async function refusal(verify: Promise<unknown>): Promise<string> {
  const error: unknown = await verify.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof UnauthenticatedError)) throw new Error('it was not refused', { cause: error });
  return error.message;
}

describe('a token signed with a shared secret', () => {
  test('says who its bearer is', async () => {
    const exp = Math.floor(Date.now() / 1_000) + 60;
    const token = await tokenOf({ role: 'operator', queues: ['b', 'a-*'] }).setExpirationTime(exp).sign(encoded(SECRET));
    const { caller, revoked } = await verifier().verify(token);
    expect(caller).toMatchObject({ name: 'ann', role: 'OPERATOR', queues: { patterns: ['a-*', 'b'] }, expiresAt: new Date(exp * 1_000 + 5_000) });
    expect(revoked).toBeNull();
  });

  test('finds claims inside others by a path', async () => {
    const token = await tokenOf({ role: undefined, access: { level: 'WORKER', only: 'q' } }).sign(encoded(SECRET));
    const { caller } = await verifier({ roleClaim: 'access.level', queuesClaim: 'access.only' }).verify(token);
    expect(caller).toMatchObject({ role: 'WORKER', queues: { patterns: ['q'] } });
  });

  test.each([
    ['another secret', () => tokenOf().sign(encoded('another secret of thirty-two bytes...')), 'its signature is wrong'],
    ['one that has expired', () => tokenOf().setExpirationTime(Math.floor(Date.now() / 1_000) - 60).sign(encoded(SECRET)), 'it has expired'],
    ['one without an end', () => new SignJWT({ role: 'ADMIN' }).setProtectedHeader({ alg: 'HS256' }).setIssuer(RULES.issuer).setAudience(RULES.audience).setSubject('ann').sign(encoded(SECRET)), 'its claim "exp" is missing or not accepted'],
    ['one that is not valid yet', () => tokenOf().setNotBefore('1h').sign(encoded(SECRET)), 'its claim "nbf" is missing or not accepted'],
    ['another issuer', () => tokenOf().setIssuer('https://evil.example').sign(encoded(SECRET)), 'its claim "iss" is missing or not accepted'],
    ['another audience', () => tokenOf().setAudience('else').sign(encoded(SECRET)), 'its claim "aud" is missing or not accepted'],
    ['no role', () => tokenOf({ role: undefined }).sign(encoded(SECRET)), 'its claim "role" is missing or not accepted'],
    ['a role that is none', () => tokenOf({ role: 'ROOT' }).sign(encoded(SECRET)), 'its claim "role" is no role'],
    ['queues that are none', () => tokenOf({ queues: [1] }).sign(encoded(SECRET)), 'its claim "queues" is no list of patterns of queue names'],
    ['an empty list of queues', () => tokenOf({ queues: [] }).sign(encoded(SECRET)), 'its claim "queues" is no list of patterns of queue names'],
    ['an empty subject', () => tokenOf().setSubject(' ').sign(encoded(SECRET)), 'its claim "sub" must have 1 to 512 characters'],
    ['no signature at all', () => Promise.resolve(new UnsecuredJWT({ role: 'ADMIN' }).setSubject('ann').setExpirationTime('5m').encode()), 'its algorithm is not accepted'],
    ['another algorithm', () => tokenOf({}, { alg: 'HS512' }).sign(encoded(`${SECRET}${SECRET}`)), 'its algorithm is not accepted'],
    ['no token', () => Promise.resolve('nonsense'), 'it has not the form of a signed JWT'],
    ['three empty parts', () => Promise.resolve('..'), 'it has not the form of a signed JWT'],
  ])('is refused: %s', async (_what, make, reason) => {
    expect(await refusal(verifier().verify(await make()))).toBe(`The token is not valid: ${reason}.`);
  });

  test('may have expired by as much as clocks may differ', async () => {
    const token = await tokenOf().setExpirationTime(Math.floor(Date.now() / 1_000) - 2).sign(encoded(SECRET));
    await expect(verifier().verify(token)).resolves.toBeDefined();
  });

  test('needs a secret of 32 bytes', () => {
    expect(() => verifier({ keys: { secret: 'too short' } })).toThrow('at least 32 bytes');
  });
});

describe('a token signed with a key of a set', () => {
  let rsa: Awaited<ReturnType<typeof generateKeyPair>>;
  let ec: Awaited<ReturnType<typeof generateKeyPair>>;
  let jwks: string;
  beforeAll(async () => {
    [rsa, ec] = await Promise.all([generateKeyPair('RS256', { extractable: true }), generateKeyPair('ES256', { extractable: true })]);
    const keys = [
      { ...(await exportJWK(rsa.publicKey)), kid: 'rsa', alg: 'RS256', use: 'sig' },
      { ...(await exportJWK(ec.publicKey)), kid: 'ec', alg: 'ES256', use: 'sig' },
    ];
    jwks = JSON.stringify({ keys });
  });

  test('is taken with RS256 and ES256', async () => {
    const subject = verifier({ keys: { jwks } });
    for (const [alg, kid, { privateKey }] of [['RS256', 'rsa', rsa], ['ES256', 'ec', ec]] as const) {
      await expect(subject.verify(await tokenOf({}, { alg, kid }).sign(privateKey))).resolves.toMatchObject({ caller: { name: 'ann' } });
    }
  });

  test('is refused where the public key was taken for a secret', async () => {
    const forged = await tokenOf({ role: 'ADMIN' }, { alg: 'HS256', kid: 'rsa' }).sign(encoded(jwks));
    expect(await refusal(verifier({ keys: { jwks } }).verify(forged))).toContain('its algorithm is not accepted');
  });

  test('is refused with a key that is not in the set, and taken once the set was replaced', async () => {
    const other = await generateKeyPair('ES256', { extractable: true });
    const subject = verifier({ keys: { jwks } });
    const token = await tokenOf({}, { alg: 'ES256', kid: 'new' }).sign(other.privateKey);
    expect(await refusal(subject.verify(token))).toContain('no key of its issuer fits it');
    subject.replaceJwks(JSON.stringify({ keys: [{ ...(await exportJWK(other.publicKey)), kid: 'new' }] }));
    await expect(subject.verify(token)).resolves.toBeDefined();
  });

  test('a set that is none is refused when it is set', () => {
    for (const text of ['', '[]', '{"keys": 1}']) expect(() => verifier({ keys: { jwks: text } })).toThrow('JSON Web Key Set');
  });

  test('at a URL: fetched once, and unavailable, not wrong, while it cannot be had', async () => {
    let asked = 0;
    let broken = true;
    const server = createServer((_request, response) => {
      asked += 1;
      response.writeHead(broken ? 500 : 200, { 'content-type': 'application/json' }).end(jwks);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const subject = verifier({ keys: { jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks` } });
    const token = await tokenOf({}, { alg: 'RS256', kid: 'rsa' }).sign(rsa.privateKey);
    await expect(subject.verify(token)).rejects.toBeInstanceOf(AuthenticationUnavailableError);
    broken = false;
    await expect(subject.verify(token)).resolves.toMatchObject({ caller: { name: 'ann' } });
    await subject.verify(token);
    expect(asked).toBe(2);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect(verifier({ keys: { jwksUrl: 'http://127.0.0.1:1/jwks' } }).verify(token)).rejects.toMatchObject({ code: 'AUTHENTICATION_UNAVAILABLE', status: 503 });
  });
});
