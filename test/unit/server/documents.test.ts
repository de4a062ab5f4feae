import { buildSchema, type GraphQLError, parse } from 'graphql';
import { describe, expect, it } from 'vitest';

import type { TaskTrackerSurface } from '../../../src/graphql/surface.js';
import { Documents } from '../../../src/server/documents.js';

let validations = 0;
const surface = {
  schema: buildSchema('type Query { a: Int }'),
  maxTokens: 1_000_000, checkText: () => [],
  validationRules: [
    () => {
      validations += 1;
      return {};
    },
  ],
} as unknown as TaskTrackerSurface;

const codesOf = (read: unknown) => (read as readonly GraphQLError[]).map(({ extensions }) => extensions['code']);

describe('documents', () => {
  it('are parsed and validated once for each text', () => {
    const documents = new Documents(surface);
    validations = 0;
    const first = documents.read('{ a }');
    expect(first).toHaveProperty('kind', 'Document');
    expect(documents.read('{ a }')).toBe(first);
    expect(documents.read('{ a  }')).not.toBe(first);
    expect(validations).toBe(2);
  });

  it('that another transport has validated are known to all', () => {
    const documents = new Documents(surface);
    expect(documents.known('{ a }')).toBeUndefined();
    const document = parse('{ a }');
    documents.keep('{ a }', document);
    documents.keep('{ a }', parse('{ a }'));
    expect(documents.known('{ a }')).toBe(document);
    expect(documents.read('{ a }')).toBe(document);
  });

  it('that are wrong are wrong each time', () => {
    const documents = new Documents(surface);
    for (let times = 0; times < 2; times += 1) {
      expect(codesOf(documents.read('{ a'))).toEqual(['GRAPHQL_PARSE_FAILED']);
      expect(codesOf(documents.read('{ b }'))).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    }
  });

  it('are forgotten, the least recently sent first, where there are too many', () => {
    const documents = new Documents(surface);
    const [kept, forgotten] = ['{ kept: a }', '{ forgotten: a }'];
    const before = [kept, forgotten].map((text) => documents.read(text));
    for (let n = 0; n < 1_000; n += 1) {
      documents.read(`{ n${n}: a }`);
      documents.read(kept);
    }
    expect(documents.read(kept)).toBe(before[0]);
    expect(documents.read(forgotten)).not.toBe(before[1]);
  });

  it('are forgotten where their texts are too long together, and one that is too long alone is not kept', () => {
    const documents = new Documents(surface);
    const long = (name: string, length: number) => `{ ${name}: a }${' '.repeat(length)}`;
    const before = documents.read(long('first', 100_000));
    expect(documents.read(long('first', 100_000))).toBe(before);
    documents.read(long('second', 100_000));
    documents.read(long('third', 100_000));
    expect(documents.read(long('first', 100_000))).not.toBe(before);
    const huge = long('huge', 300_000);
    expect(documents.read(huge)).not.toBe(documents.read(huge));
  });
});
