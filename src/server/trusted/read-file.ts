import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { z } from 'zod';

import { TrustedDocumentsError } from './errors.js';

/** Texts of documents by their SHA-256, in lower-case hex. */
export type DocumentTexts = ReadonlyMap<string, string>;

/** What GraphQL Code Generator writes as persisted documents. */
const byHash = z.record(z.string(), z.string());
/** What Apollo's tools write. */
const manifest = z.object({ format: z.literal('apollo-persisted-query-manifest'), operations: z.array(z.object({ id: z.string(), body: z.string() })) });

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function entriesOf(json: unknown): readonly (readonly [hash: string, text: string])[] | null {
  const apollo = manifest.safeParse(json);
  if (apollo.success) return apollo.data.operations.map(({ id, body }) => [id, body]);
  const plain = byHash.safeParse(json);
  return plain.success ? Object.entries(plain.data) : null;
}

/**
 * The documents of a text in JSON: `{sha256: document}`, or an Apollo persisted query manifest.
 * @param file how it is called in errors
 * @throws TrustedDocumentsError that names every hash that is not that of its document
 */
export function documentsIn(text: string, file: string): DocumentTexts {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new TrustedDocumentsError(file, ['it is no JSON.'], { cause: error });
  }
  const entries = entriesOf(json);
  if (entries === null) throw new TrustedDocumentsError(file, ['it is neither {"SHA-256": "document", …} nor an Apollo persisted query manifest.']);
  const texts = new Map(entries.map(([hash, document]) => [hash.toLowerCase(), document]));
  const wrong = [...texts].flatMap(([hash, document]) => (hash === sha256(document) ? [] : [`${hash}: the SHA-256 of its document is ${sha256(document)}.`]));
  if (wrong.length > 0) throw new TrustedDocumentsError(file, wrong);
  return texts;
}

/** @throws TrustedDocumentsError also where the file cannot be read */
export async function readTrustedDocuments(file: string): Promise<DocumentTexts> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new TrustedDocumentsError(file, [`it cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)}).`], { cause: error });
  }
  return documentsIn(text, file);
}
