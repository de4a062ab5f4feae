import { hash } from 'node:crypto';

import { type Grant, isValid } from './grant.js';

/** How long what was verified need not be verified again, in ms: so long a key that its issuer has withdrawn is still taken. */
const FRESH_MS = 60_000;
const MAX_TOKENS = 10_000;

interface Entry {
  readonly grant: Grant;
  readonly at: number;
}

/** Credentials that were accepted lately, by their digests: the least recently accepted are forgotten. */
export class Accepted {
  readonly #entries = new Map<string, Entry>();

  static digestOf(token: string): string {
    return hash('sha256', token, 'base64');
  }

  add(digest: string, grant: Grant, now = Date.now()): void {
    this.#entries.delete(digest);
    this.#entries.set(digest, { grant, at: now });
    for (const [oldest] of this.#entries) {
      if (this.#entries.size <= MAX_TOKENS) break;
      this.#entries.delete(oldest);
    }
  }

  /** What they amount to, where that need not be looked at again; null where it must. */
  fresh(digest: string, now = Date.now()): Grant | null {
    const entry = this.#entries.get(digest);
    return entry !== undefined && now - entry.at < FRESH_MS && isValid(entry.grant, now) ? entry.grant : null;
  }

  /** Whether they have been accepted before, and may be still. */
  has(digest: string): boolean {
    return this.#entries.has(digest);
  }

  forget(digest: string): void {
    this.#entries.delete(digest);
  }
}
