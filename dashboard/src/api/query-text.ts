import { stringifyDocument } from '@urql/core';
import type { TadaDocumentNode } from 'gql.tada';

const texts = new WeakMap<object, string>();

/** The text of a document, made once. */
export function queryText<Result, Variables>(document: TadaDocumentNode<Result, Variables>): string {
  let text = texts.get(document);
  if (text === undefined) {
    text = stringifyDocument(document);
    texts.set(document, text);
  }
  return text;
}
