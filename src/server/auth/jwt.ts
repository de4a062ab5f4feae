import { createLocalJWKSet, createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyResult, jwtVerify } from 'jose';

import { QueueScope } from '../../access/queue-scope.js';
import { isRole } from '../../access/role.js';
import { AuthenticationSettingsError, AuthenticationUnavailableError, UnauthenticatedError } from './errors.js';
import type { Grant } from './grant.js';

/** RFC 7518, 3.2: a key for HS256 has at least as many bytes as its hash. */
export const MIN_SECRET_BYTES = 32;
const MAX_NAME_LENGTH = 512;
const JWKS_TIMEOUT_MS = 5_000;

/** Where the keys of a token's issuer come from: exactly one. */
export type JwtKeys = { readonly secret: string } | { readonly jwksUrl: string } | { readonly jwks: string };

export interface JwtOptions {
  readonly keys: JwtKeys;
  /** `iss` must be it. Absent: any. */
  readonly issuer?: string | undefined;
  /** `aud` must hold it. Absent: any. */
  readonly audience?: string | undefined;
  /** How far the issuer's clock may differ, in ms. */
  readonly clockToleranceMs: number;
  /** Names of the claims; one inside another is named by a path with dots. */
  readonly roleClaim: string;
  readonly queuesClaim: string;
}

/** Reads the key set of a file. @throws AuthenticationSettingsError */
export function readJwks(text: string, source: string): ReturnType<typeof createLocalJWKSet> {
  try {
    return createLocalJWKSet(JSON.parse(text) as Parameters<typeof createLocalJWKSet>[0]);
  } catch (error) {
    throw new AuthenticationSettingsError(`${source}: it must be a JSON Web Key Set (RFC 7517), as in {"keys": [ … ]}.`, { cause: error });
  }
}

function claimOf(payload: JWTPayload, name: string): unknown {
  if (Object.hasOwn(payload, name)) return payload[name];
  return name.split('.').reduce<unknown>((value, part) => {
    return typeof value === 'object' && value !== null && Object.hasOwn(value, part) ? (value as Readonly<Record<string, unknown>>)[part] : undefined;
  }, payload);
}

function refused(why: string, cause?: unknown): UnauthenticatedError {
  return new UnauthenticatedError(`The token is not valid: ${why}.`, true, { cause });
}

/** What of a failed check may be told: which claim was wrong, not what would be right. */
function reasonOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'it has expired';
  if (error instanceof errors.JWTClaimValidationFailed) return `its claim "${error.claim}" is missing or not accepted`;
  if (error instanceof errors.JOSEAlgNotAllowed) return 'its algorithm is not accepted';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'its signature is wrong';
  if (error instanceof errors.JWKSNoMatchingKey) return 'no key of its issuer fits it';
  return 'it has not the form of a signed JWT';
}

/** The keys at a URL: what cannot be had at the moment is no fault of the token. */
function remoteKeys(url: string): JWTVerifyGetKey {
  const remote = createRemoteJWKSet(new URL(url), { timeoutDuration: JWKS_TIMEOUT_MS });
  return async (header, token) => {
    try {
      return await remote(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys || error instanceof errors.JOSENotSupported) throw error;
      throw new AuthenticationUnavailableError('The keys of the token issuer cannot be had at the moment. Try again.', { cause: error });
    }
  };
}

/**
 * Verifies JSON Web Tokens (RFC 7519) signed by HS256 with a shared secret, or by RS256 or ES256 with a key of a set. The
 * configuration decides the algorithm, never the token: `none`, or a public key taken for a secret, is refused (RFC 8725).
 */
export class JwtVerifier {
  readonly #options: JwtOptions;
  readonly #check: (token: string) => Promise<JWTVerifyResult>;
  #jwks: ReturnType<typeof createLocalJWKSet> | null = null;

  /** @throws AuthenticationSettingsError */
  constructor(options: JwtOptions) {
    this.#options = options;
    const { keys, issuer, audience, clockToleranceMs, roleClaim } = options;
    const rules = {
      clockTolerance: clockToleranceMs / 1_000,
      requiredClaims: ['exp', 'sub', ...(roleClaim.includes('.') ? [] : [roleClaim])],
      ...(issuer === undefined ? {} : { issuer }),
      ...(audience === undefined ? {} : { audience }),
    };
    if ('secret' in keys) {
      const secret = new TextEncoder().encode(keys.secret);
      if (secret.length < MIN_SECRET_BYTES) throw new AuthenticationSettingsError(`TASKTRACKER_JWT_SECRET must have at least ${MIN_SECRET_BYTES} bytes.`);
      this.#check = (token) => jwtVerify(token, secret, { ...rules, algorithms: ['HS256'] });
      return;
    }
    if ('jwks' in keys) this.#jwks = readJwks(keys.jwks, 'The key set of tokens');
    const getKey: JWTVerifyGetKey = 'jwksUrl' in keys ? remoteKeys(keys.jwksUrl) : (header, token) => (this.#jwks as ReturnType<typeof createLocalJWKSet>)(header, token);
    this.#check = (token) => jwtVerify(token, getKey, { ...rules, algorithms: ['RS256', 'ES256'] });
  }

  /** Takes another key set in place of the one it was made with. @throws AuthenticationSettingsError */
  replaceJwks(text: string): void {
    this.#jwks = readJwks(text, 'The key set of tokens');
  }

  /** @throws UnauthenticatedError, AuthenticationUnavailableError */
  async verify(token: string): Promise<Grant> {
    let payload: JWTPayload;
    try {
      ({ payload } = await this.#check(token));
    } catch (error) {
      if (error instanceof AuthenticationUnavailableError) throw error;
      if (error instanceof errors.JOSEError || error instanceof TypeError) throw refused(error instanceof errors.JOSEError ? reasonOf(error) : 'it has not the form of a signed JWT', error);
      throw error;
    }
    return { caller: Object.freeze(this.#callerOf(payload)), revoked: null };
  }

  #callerOf(payload: JWTPayload) {
    const { clockToleranceMs, roleClaim, queuesClaim } = this.#options;
    const name = payload.sub?.trim() ?? '';
    if (name === '' || name.length > MAX_NAME_LENGTH) throw refused(`its claim "sub" must have 1 to ${MAX_NAME_LENGTH} characters`);
    const claimed = claimOf(payload, roleClaim);
    const role = typeof claimed === 'string' ? claimed.toUpperCase() : claimed;
    if (!isRole(role)) throw refused(`its claim "${roleClaim}" is no role`);
    // The issuer's clock may be behind: it is accepted for as long after.
    return { name, role, queues: scopeOf(claimOf(payload, queuesClaim), queuesClaim), expiresAt: new Date((payload.exp ?? 0) * 1_000 + clockToleranceMs) };
  }
}

/** The queues of a claim: a list of patterns, or one. All where the token does not have it. */
function scopeOf(claimed: unknown, name: string): QueueScope | null {
  if (claimed === undefined || claimed === null) return null;
  const patterns: readonly unknown[] = Array.isArray(claimed) ? claimed : [claimed];
  if (!patterns.every((pattern) => typeof pattern === 'string')) throw refused(`its claim "${name}" is no list of patterns of queue names`);
  try {
    return new QueueScope(patterns);
  } catch (error) {
    throw refused(`its claim "${name}" is no list of patterns of queue names`, error);
  }
}
