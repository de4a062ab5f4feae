import { RecentTexts } from './recent-texts.js';
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
  readonly #texts = new RecentTexts<string>({ texts: KEPT_TEXTS, characters: KEPT_CHARACTERS });

  get size(): number {
    return this.#texts.size;
  }

  get(key: string): Promise<string | undefined> {
    return Promise.resolve(this.#texts.get(key));
  }

  set(key: string, text: string): Promise<void> {
    if (text.length <= LONGEST_TEXT) this.#texts.set(key, text, text.length);
    return Promise.resolve();
  }

  delete(key: string): Promise<boolean> {
    return Promise.resolve(this.#texts.delete(key));
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
