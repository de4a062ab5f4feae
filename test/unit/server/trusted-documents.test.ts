import { beforeAll, describe, expect, test } from 'vitest';

import type { Services } from '../../../src/graphql/context.js';
import { createSurface, type TaskTrackerSurface } from '../../../src/graphql/surface.js';
import { TrustedDocumentsError } from '../../../src/server/trusted/errors.js';
import { documentsIn, readTrustedDocuments, sha256 } from '../../../src/server/trusted/read-file.js';
import { TrustedDocuments } from '../../../src/server/trusted/trusted-documents.js';

const FEED = 'query Feed { feed { state } }';
const WRONG = 'query Wrong { nothing }';

const fileOf = (...texts: string[]): string => JSON.stringify(Object.fromEntries(texts.map((text) => [sha256(text), text])));

let surface: TaskTrackerSurface;
beforeAll(async () => {
  surface = await createSurface({} as Services);
});

describe('a file of trusted documents', () => {
  test('is an object of documents by their SHA-256, or an Apollo manifest', () => {
    const wanted = new Map([[sha256(FEED), FEED]]);
    expect(documentsIn(fileOf(FEED), 'f')).toEqual(wanted);
    const manifest = { format: 'apollo-persisted-query-manifest', version: 1, operations: [{ id: sha256(FEED).toUpperCase(), name: 'Feed', type: 'query', body: FEED }] };
    expect(documentsIn(JSON.stringify(manifest), 'f')).toEqual(wanted);
  });

  test.each(['{', '[]', '{"a": 1}', '{"format": "apollo-persisted-query-manifest", "operations": [{}]}', 'null'])('is refused as a whole where it is something else: %s', (text) => {
    expect(() => documentsIn(text, 'trusted.json')).toThrow(TrustedDocumentsError);
    expect(() => documentsIn(text, 'trusted.json')).toThrow(/^trusted\.json: it is (no JSON|neither)/);
  });

  test('names each hash that is not that of its document, and what it would be', () => {
    const text = JSON.stringify({ abc: FEED, def: WRONG, [sha256(FEED)]: FEED });
    expect(() => documentsIn(text, 'f')).toThrow(`f: abc: the SHA-256 of its document is ${sha256(FEED)}.\nf: def: the SHA-256 of its document is ${sha256(WRONG)}.`);
  });

  test('that cannot be read says so by its name', async () => {
    await expect(readTrustedDocuments('/none/trusted.json')).rejects.toThrow('/none/trusted.json: it cannot be read (ENOENT).');
  });

  test('names the hash of each document that the API would refuse: by syntax, schema or limits', () => {
    const deep = `{ task(executionId: "x") { ${'retryChain { latest { '.repeat(7)} id ${'} } '.repeat(7)} } }`;
    const texts = documentsIn(fileOf(FEED, WRONG, '{', deep), 'f');
    const of = () => TrustedDocuments.of(texts, surface, 'f');
    expect(of).toThrow(`${sha256(WRONG)}: Cannot query field "nothing" on type "Query".`);
    expect(of).toThrow(`${sha256('{')}: Syntax Error`);
    expect(of).toThrow(`${sha256(deep)}: The operation nests fields`);
    expect(of).not.toThrow(sha256(FEED));
  });
});

describe('an operation', () => {
  const trusted = () => TrustedDocuments.of(documentsIn(fileOf(FEED), 'f'), surface, 'f');
  const hashOf = (sha256Hash: unknown) => ({ query: '', extensions: { persistedQuery: { version: 1, sha256Hash } } });
  const codeOf = (read: unknown) => (read as { extensions: { code: unknown } }[])[0]?.extensions.code;

  test('is run by the hash of its document, or by the very text', () => {
    expect(trusted().read(hashOf(sha256(FEED)))).toMatchObject({ query: FEED });
    expect(trusted().read({ query: FEED })).toMatchObject({ query: FEED });
  });

  test('is refused with another text, also beside a hash that is known', () => {
    expect(codeOf(trusted().read({ query: `${FEED} ` }))).toBe('UNTRUSTED_DOCUMENT');
    expect(codeOf(trusted().read({ ...hashOf(sha256(FEED)), query: '{ __typename }' }))).toBe('UNTRUSTED_DOCUMENT');
    expect(codeOf(trusted().read({ query: '' }))).toBe('UNTRUSTED_DOCUMENT');
  });

  test.each(['0'.repeat(64), '__proto__', 'constructor', ''])('is not found by a hash that is none: %s', (hash) => {
    expect(codeOf(trusted().read(hashOf(hash)))).toBe('PERSISTED_QUERY_NOT_FOUND');
  });

  test('is refused where its hash is no text', () => {
    for (const hash of [1, null, {}, []]) expect(codeOf(trusted().read(hashOf(hash)))).toBe('UNTRUSTED_DOCUMENT');
  });
});
