import type { TrustedDocuments } from './trusted/trusted-documents.js';

/** What Apollo Server asks for texts by their hashes. */
export interface PersistedQueryCache {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string): Promise<void>;
  delete(key: string): Promise<boolean>;
}

const KEPT_TEXTS = 1_000;
const KEPT_CHARACTERS = 1024 * 1024;
/** A longer text is not kept: it would take the place of many. */
const LONGEST_TEXT = 64 * 1024;
/** Before the hash in the keys that Apollo Server uses. */
const PREFIX = 'apq:';

/**
 * Texts that clients have registered under their hashes (automatic persisted queries), which Apollo Server has checked:
 * the least recently used are forgotten, and a client that names one of them sends it again.
 */
export class PersistedQueries implements PersistedQueryCache {
  readonly #texts = new Map<string, string>();
  #characters = 0;

  get size(): number {
    return this.#texts.size;
  }

  get(key: string): Promise<string | undefined> {
    const text = this.#texts.get(key);
    if (text !== undefined) {
      this.#texts.delete(key);
      this.#texts.set(key, text);
    }
    return Promise.resolve(text);
  }

  set(key: string, text: string): Promise<void> {
    if (text.length > LONGEST_TEXT) return Promise.resolve();
    this.#forget(key);
    this.#texts.set(key, text);
    this.#characters += text.length;
    for (const [oldest] of this.#texts) {
      if (this.#texts.size <= KEPT_TEXTS && this.#characters <= KEPT_CHARACTERS) break;
      this.#forget(oldest);
    }
    return Promise.resolve();
  }

  delete(key: string): Promise<boolean> {
    return Promise.resolve(this.#forget(key));
  }

  #forget(key: string): boolean {
    this.#characters -= this.#texts.get(key)?.length ?? 0;
    return this.#texts.delete(key);
  }
}

/** Trusted documents in the same place: nothing can be registered. */
export function trustedQueries(trusted: TrustedDocuments): PersistedQueryCache {
  return {
    get: (key) => Promise.resolve(trusted.text(key.slice(PREFIX.length))),
    set: () => Promise.resolve(),
    delete: () => Promise.resolve(false),
  };
}
