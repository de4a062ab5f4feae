import { readFile } from 'node:fs/promises';

import type { Logger } from 'pino';

import { Accepted } from './accepted.js';
import { isApiKey } from './api-key.js';
import { ApiKeys, readApiKeys } from './api-keys.js';
import { AuthenticationSettingsError, TooManyFailedAttemptsError, UnauthenticatedError } from './errors.js';
import { FailedAttempts } from './failed-attempts.js';
import { ANONYMOUS_GRANT, type Grant } from './grant.js';
import { JwtVerifier, type JwtOptions } from './jwt.js';
import { WatchedFile } from './watched-file.js';

export interface AuthenticationOptions {
  /** Entries of API keys as JSON. */
  readonly apiKeys?: string | undefined;
  /** A file with such entries; it is read again when it changes. */
  readonly apiKeysFile?: string | undefined;
  readonly jwt?: (Omit<JwtOptions, 'keys'> & { readonly secret?: string | undefined; readonly jwksUrl?: string | undefined; readonly jwksFile?: string | undefined }) | undefined;
  /** Failed attempts of one client address in a minute; 0: any number. */
  readonly maxFailedAttempts: number;
  readonly log: Logger;
}

/** Who callers are, by what they show. */
export interface Authentication {
  /** False: nothing is configured, and everybody is ANONYMOUS. */
  readonly required: boolean;
  /**
   * @param token an API key or a JWT; null where nothing was shown
   * @param address of the client
   * @throws UnauthenticatedError, AuthenticationUnavailableError, TooManyFailedAttemptsError
   */
  authenticate(token: string | null, address: string): Promise<Grant>;
  /** Watches no file any more. */
  close(): void;
}

/** Everybody is ANONYMOUS: for servers on loopback only. */
export const NO_AUTHENTICATION: Authentication = {
  required: false,
  authenticate: () => Promise.resolve(ANONYMOUS_GRANT),
  close: () => undefined,
};

async function textOf(path: string, setting: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new AuthenticationSettingsError(`${setting}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)}).`, { cause: error });
  }
}

class Configured implements Authentication {
  readonly required = true;
  readonly #keys: ApiKeys | null;
  readonly #jwt: JwtVerifier | null;
  readonly #failed: FailedAttempts;
  readonly #accepted = new Accepted();
  readonly #files: readonly WatchedFile[];
  readonly #log: Logger;

  constructor(parts: { keys: ApiKeys | null; jwt: JwtVerifier | null; files: readonly WatchedFile[]; maxFailedAttempts: number; log: Logger }) {
    this.#keys = parts.keys;
    this.#jwt = parts.jwt;
    this.#files = parts.files;
    this.#log = parts.log;
    this.#failed = new FailedAttempts(parts.maxFailedAttempts);
  }

  async authenticate(token: string | null, address: string): Promise<Grant> {
    if (token === null) throw new UnauthenticatedError('Show who you are: the header "Authorization: Bearer" with an API key or token (over WebSocket, also `authorization` in the payload of connection_init).', false);
    const digest = Accepted.digestOf(token);
    const known = this.#accepted.fresh(digest);
    if (known !== null) return known;
    // Whoever was let in before is not kept out by others behind the same address.
    const letInBefore = this.#accepted.has(digest);
    if (!letInBefore) this.#refuseBlocked(address);
    const grant = await this.#verified(token, digest, address);
    // Others of the address may have failed meanwhile: who tries many at once has no more attempts than who tries one by one.
    if (!letInBefore) this.#refuseBlocked(address);
    this.#accepted.add(digest, grant);
    return grant;
  }

  #refuseBlocked(address: string): void {
    const blockedFor = this.#failed.blockedFor(address);
    if (blockedFor > 0) throw new TooManyFailedAttemptsError('This address has shown wrong keys or tokens too often: try again later.', blockedFor);
  }

  async #verified(token: string, digest: string, address: string): Promise<Grant> {
    try {
      return await this.#verify(token);
    } catch (error) {
      if (error instanceof UnauthenticatedError) {
        this.#accepted.forget(digest);
        this.#failed.count(address);
        this.#log.info({ address, reason: error.message }, 'a caller was refused');
      } else {
        this.#log.warn({ err: error }, 'a caller could not be authenticated');
      }
      throw error;
    }
  }

  async #verify(token: string): Promise<Grant> {
    if (isApiKey(token)) {
      if (this.#keys !== null) return this.#keys.verify(token);
      throw new UnauthenticatedError('API keys are not taken here.', true);
    }
    if (this.#jwt !== null) return this.#jwt.verify(token);
    throw new UnauthenticatedError('The API key is not valid.', true);
  }

  close(): void {
    for (const file of this.#files) file.close();
  }
}

/**
 * What the options ask for; NO_AUTHENTICATION where they ask for none. Files are watched until it is closed: one that
 * cannot be used any more is reported, and what it said before stays in force.
 *
 * @throws AuthenticationSettingsError naming the setting
 */
export async function createAuthentication(options: AuthenticationOptions): Promise<Authentication> {
  const { apiKeys, apiKeysFile, jwt, log } = options;
  const files: WatchedFile[] = [];
  const watch = (path: string, what: string, take: (text: string) => void): void => {
    files.push(
      new WatchedFile({
        path,
        onChange: (text) => {
          take(text);
          log.info({ path }, `${what} were read again`);
        },
        onError: (error) => log.error({ err: error, path }, `${what} cannot be read: those from before stay in force`),
      }),
    );
  };

  if (apiKeys !== undefined && apiKeysFile !== undefined) throw new AuthenticationSettingsError('Set TASKTRACKER_API_KEYS or TASKTRACKER_API_KEYS_FILE, not both.');
  let keys: ApiKeys | null = null;
  if (apiKeys !== undefined) keys = new ApiKeys(readApiKeys(apiKeys, 'TASKTRACKER_API_KEYS'));
  if (apiKeysFile !== undefined) {
    const taken = new ApiKeys(readApiKeys(await textOf(apiKeysFile, 'TASKTRACKER_API_KEYS_FILE'), apiKeysFile));
    keys = taken;
    watch(apiKeysFile, 'API keys', (text) => taken.replace(readApiKeys(text, apiKeysFile)));
  }

  let verifier: JwtVerifier | null = null;
  if (jwt !== undefined) {
    const { secret, jwksUrl, jwksFile, ...rules } = jwt;
    const given = [secret, jwksUrl, jwksFile].filter((each) => each !== undefined);
    if (given.length > 1) throw new AuthenticationSettingsError('Set one of TASKTRACKER_JWT_SECRET, TASKTRACKER_JWT_JWKS_URL and TASKTRACKER_JWT_JWKS_FILE, not several.');
    if (secret !== undefined) verifier = new JwtVerifier({ ...rules, keys: { secret } });
    if (jwksUrl !== undefined) verifier = new JwtVerifier({ ...rules, keys: { jwksUrl } });
    if (jwksFile !== undefined) {
      const taken = new JwtVerifier({ ...rules, keys: { jwks: await textOf(jwksFile, 'TASKTRACKER_JWT_JWKS_FILE') } });
      verifier = taken;
      watch(jwksFile, 'keys of tokens', (text) => taken.replaceJwks(text));
    }
  }

  if (keys === null && verifier === null) return NO_AUTHENTICATION;
  return new Configured({ keys, jwt: verifier, files, maxFailedAttempts: options.maxFailedAttempts, log });
}
