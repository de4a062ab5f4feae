import { createHmac, generateKeyPairSync, type KeyObject, sign as signBytes } from 'node:crypto';

type Json = Readonly<Record<string, unknown>>;

const base64url = (value: Json | string): string => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

function signed(header: Json, payload: Json, signature: (text: string) => Buffer): string {
  const text = `${base64url(header)}.${base64url(payload)}`;
  return `${text}.${signature(text).toString('base64url')}`;
}

const hmac = (secret: string | Buffer, hash = 'sha256') => (text: string) => createHmac(hash, secret).update(text).digest();
const rsa = (key: KeyObject) => (text: string) => signBytes('sha256', Buffer.from(text), key);

export interface Issuer {
  readonly publicPem: string;
  readonly jwks: string;
  token(payload: Json, header?: Json): string;
}

/** An issuer that signs by RS256, with a key set of one key. */
export function rsaIssuer(kid: string): Issuer & { readonly jwk: Json } {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = { ...(publicKey.export({ format: 'jwk' }) as Json), kid, alg: 'RS256', use: 'sig' };
  return {
    publicPem: String(publicKey.export({ type: 'spki', format: 'pem' })),
    jwk,
    jwks: JSON.stringify({ keys: [jwk] }),
    token: (payload, header = {}) => signed({ alg: 'RS256', kid, typ: 'JWT', ...header }, payload, rsa(privateKey)),
  };
}

export const hs256 = (secret: string, payload: Json, header: Json = {}): string => signed({ alg: 'HS256', typ: 'JWT', ...header }, payload, hmac(secret));

export interface Claims {
  /** Those of a token that is good, of a VIEWER. */
  readonly good: Json;
  readonly now: number;
}

/** Tokens that are not signed by who they say, whatever the issuer; `good` is one of its own, of a VIEWER. */
function alteredOf(good: string, payload: Json): readonly (readonly [string, string])[] {
  const [header = '', , signature = ''] = good.split('.');
  const admin = base64url({ ...payload, role: 'ADMIN' });
  return [
    ['of no algorithm', `${base64url({ alg: 'none', typ: 'JWT' })}.${admin}.`],
    ['of no algorithm, in other letters', `${base64url({ alg: 'nOnE' })}.${admin}.`],
    ['of no algorithm, with the signature of another', `${base64url({ alg: 'none' })}.${admin}.${signature}`],
    ['with another payload', `${header}.${admin}.${signature}`],
    ['without its signature', good.slice(0, good.lastIndexOf('.') + 1)],
    ['with part of its signature', good.slice(0, -8)],
    ['with a signature of zeros', `${header}.${admin}.${Buffer.alloc(256).toString('base64url')}`],
    ['of one part', header],
    ['of four parts', `${good}.${signature}`],
    ['of five parts, as of one that is encrypted', `${base64url({ alg: 'dir', enc: 'A128GCM' })}..AAAA.${admin}.AAAA`],
    ['whose header is no JSON', `${base64url('{"alg":"HS256"')}.${admin}.${signature}`],
    ['whose header is null', `${base64url('null')}.${admin}.${signature}`],
    ['of 7,000 characters', `${header}.${base64url({ ...payload, x: 'a'.repeat(5_000) })}.${signature}`],
  ];
}

function claimsThatFail({ good, now }: Claims, sign: (payload: Json) => string): readonly (readonly [string, string])[] {
  const without = (name: string): Json => Object.fromEntries(Object.entries(good).filter(([claim]) => claim !== name));
  return [
    ['that has expired', sign({ ...good, exp: now - 60 })],
    ['that expired when time began', sign({ ...good, exp: 0 })],
    ['that is not valid yet', sign({ ...good, nbf: now + 600 })],
    ['that never expires', sign(without('exp'))],
    ['whose expiry is a text', sign({ ...good, exp: String(now + 600) })],
    ['of another issuer', sign({ ...good, iss: 'somebody' })],
    ['of no issuer', sign(without('iss'))],
    ['for another audience', sign({ ...good, aud: 'another' })],
    ['of nobody', sign(without('sub'))],
    ['of no role', sign(without('role'))],
    ['of an unknown role', sign({ ...good, role: 'ROOT' })],
    ['of a role that every object has', sign({ ...good, role: 'constructor' })],
    ['of a list of roles', sign({ ...good, role: ['ADMIN'] })],
    ['whose queues are no patterns', sign({ ...good, queues: [{ $ne: 'a' }] })],
  ];
}

export function forgedByHmac(secret: string, claims: Claims): readonly (readonly [string, string])[] {
  const good = hs256(secret, claims.good);
  const admin = { ...claims.good, role: 'ADMIN' };
  return [
    ...alteredOf(good, claims.good),
    ...claimsThatFail(claims, (payload) => hs256(secret, payload)),
    ['signed with another secret', hs256(`${secret}!`, admin)],
    ['signed with an empty secret', hs256('', admin)],
    ['signed by HS512', signed({ alg: 'HS512' }, admin, hmac(secret, 'sha512'))],
    ['that must be understood in a way that it is not', hs256(secret, admin, { crit: ['x'], x: 1 })],
  ];
}

export function forgedByRsa(issuer: ReturnType<typeof rsaIssuer>, claims: Claims): readonly (readonly [string, string])[] {
  const admin = { ...claims.good, role: 'ADMIN' };
  const stranger = rsaIssuer('stranger');
  return [
    ...alteredOf(issuer.token(claims.good), claims.good),
    ...claimsThatFail(claims, (payload) => issuer.token(payload)),
    ['signed by a stranger, under the name of the key', stranger.token(admin, { kid: issuer.jwk['kid'] })],
    ['signed by a stranger, under a name that there is not', stranger.token(admin)],
    ['under a name that there is not', issuer.token(admin, { kid: 'nobody' })],
    ['that brings its own key', stranger.token(admin, { jwk: stranger.jwk, kid: undefined })],
    ['that says where its key is', stranger.token(admin, { jku: 'http://127.0.0.1:1/jwks', x5u: 'http://127.0.0.1:1/x5u' })],
    ['signed by HS256 with the public key as the secret', signed({ alg: 'HS256', kid: issuer.jwk['kid'] }, admin, hmac(issuer.publicPem))],
    ['signed by HS256 with the key set as the secret', signed({ alg: 'HS256' }, admin, hmac(issuer.jwks))],
    ['signed by RS512', issuer.token(admin, { alg: 'RS512' })],
    ['whose key is named by a path', stranger.token(admin, { kid: '../../../../dev/null' })],
    ['that must be understood in a way that it is not', issuer.token(admin, { crit: ['x'], x: 1 })],
  ];
}
