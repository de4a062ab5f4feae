import { GraphQLError } from 'graphql';

import type { TaskTrackerSurface } from '../../graphql/surface.js';
import { Documents } from '../documents.js';
import type { OperationRequest } from '../operations.js';
import { TrustedDocumentsError } from './errors.js';
import { type DocumentTexts, sha256 } from './read-file.js';

/** An operation as a client may send it over WebSocket. */
interface SentOperation extends OperationRequest {
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

/**
 * The only documents that are run: a client sends the SHA-256 of one, as `extensions.persistedQuery.sha256Hash`, or its
 * text as it stands in the file.
 */
export class TrustedDocuments {
  readonly #texts: Map<string, string>;
  readonly #known: Set<string>;

  private constructor(texts: DocumentTexts) {
    this.#texts = new Map(texts);
    this.#known = new Set(texts.values());
  }

  /**
   * @param file how it is called in errors
   * @throws TrustedDocumentsError naming the hash of each document that the API would refuse
   */
  static of(texts: DocumentTexts, surface: TaskTrackerSurface, file: string): TrustedDocuments {
    const documents = new Documents(surface);
    const wrong = [...texts].flatMap(([hash, text]) => {
      const read = documents.read(text);
      return 'kind' in read ? [] : read.map(({ message }) => `${hash}: ${message}`);
    });
    if (wrong.length > 0) throw new TrustedDocumentsError(file, wrong);
    return new TrustedDocuments(texts);
  }

  get size(): number {
    return this.#texts.size;
  }

  /** Trusts these too: those of pages that the server serves itself. */
  add(texts: DocumentTexts): void {
    for (const [hash, text] of texts) this.#texts.set(hash, text);
    for (const text of texts.values()) this.#known.add(text);
  }

  /** The document of a hash; undefined where there is none. */
  text(hash: string): string | undefined {
    return this.#texts.get(hash);
  }

  /** Why this text is not run; null where it is. */
  refusalOf(text: string): GraphQLError | null {
    if (this.#known.has(text)) return null;
    const message = `Only trusted documents are run here, and this is none of them (its SHA-256 is ${sha256(text)}).`;
    return new GraphQLError(message, { extensions: { code: 'UNTRUSTED_DOCUMENT' } });
  }

  /** The same operation with its text; or why it is not run. */
  read(sent: SentOperation): OperationRequest | readonly GraphQLError[] {
    const { query, extensions } = sent;
    const hash = (extensions?.['persistedQuery'] as { readonly sha256Hash?: unknown } | null | undefined)?.sha256Hash;
    if (query === '' && typeof hash === 'string') {
      const text = this.text(hash);
      return text === undefined ? [new GraphQLError('PersistedQueryNotFound', { extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } })] : { ...sent, query: text };
    }
    const refusal = this.refusalOf(query);
    return refusal === null ? sent : [refusal];
  }
}
