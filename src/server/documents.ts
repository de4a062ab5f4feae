import { type DocumentNode, GraphQLError, parse, specifiedRules, validate } from 'graphql';

import type { TaskTrackerSurface } from '../graphql/surface.js';
import { withCode } from './coded-error.js';
import { RecentTexts } from './recent-texts.js';

/** Texts that are kept, at most; and their characters together (a document takes about fifty times its text in memory). */
const KEPT_TEXTS = 1_000;
const KEPT_CHARACTERS = 256 * 1024;

/**
 * Documents by their text. Clients send few texts, each of them often: thousands that watch hold one document between
 * them, and only the first of them has it parsed and validated. The least recently sent are forgotten.
 */
export class Documents {
  readonly #surface: TaskTrackerSurface;
  readonly #known = new RecentTexts<DocumentNode>({ texts: KEPT_TEXTS, characters: KEPT_CHARACTERS });

  constructor(surface: TaskTrackerSurface) {
    this.#surface = surface;
  }

  /** The document, which must not be changed; or what is wrong with it. */
  read(text: string): DocumentNode | readonly GraphQLError[] {
    const known = this.known(text);
    if (known !== undefined) return known;
    const read = this.#parse(text);
    if ('kind' in read) this.keep(text, read);
    return read;
  }

  /** The document of this text, which must not be changed; undefined where it has not been read yet, or was forgotten. */
  known(text: string): DocumentNode | undefined {
    return this.#known.get(text);
  }

  /** @param document of this text; it has passed validation */
  keep(text: string, document: DocumentNode): void {
    if (!this.#known.has(text)) this.#known.set(text, document, text.length);
  }

  #parse(text: string): DocumentNode | readonly GraphQLError[] {
    const { schema, maxTokens, checkText, validationRules } = this.#surface;
    const excess = checkText(text);
    if (excess.length > 0) return excess;
    let document;
    try {
      document = parse(text, { maxTokens });
    } catch (error) {
      if (error instanceof GraphQLError) return [withCode(error, 'GRAPHQL_PARSE_FAILED')];
      throw error;
    }
    const invalid = validate(schema, document, [...specifiedRules, ...validationRules]);
    return invalid.length > 0 ? invalid.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED')) : document;
  }
}
