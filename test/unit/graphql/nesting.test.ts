import { parse } from 'graphql';
import { describe, expect, test } from 'vitest';

import { checkNesting, MAX_NESTING } from '../../../src/graphql/limits/nesting.js';

const refused = (text: string): boolean => checkNesting(text).length > 0;

describe('the text of an operation', () => {
  test.each(['{', '(', '['])('may have so many %s open, and no more', (bracket) => {
    expect(refused(bracket.repeat(MAX_NESTING))).toBe(false);
    expect(checkNesting(bracket.repeat(MAX_NESTING + 1))).toMatchObject([{ extensions: { code: 'QUERY_TOO_DEEP', limit: MAX_NESTING } }]);
  });

  test('may have any number of brackets that are closed again', () => {
    expect(refused('{ a(b: [{ c: 1 }]) } '.repeat(MAX_NESTING))).toBe(false);
  });

  const many = '['.repeat(MAX_NESTING + 1);
  test.each([
    ['a string', `{ a(b: "${many}") }`],
    ['a string behind a quote that is escaped', `{ a(b: "\\"${many}") }`],
    ['a block string', `{ a(b: """\n"${many}\n""") }`],
    ['a block string behind three quotes that are escaped', `{ a(b: """\\"""${many}""") }`],
    ['a comment', `{ a } # ${many}`],
  ])('may hold them in %s, where they open nothing', (_what, text) => {
    expect(() => parse(text)).not.toThrow();
    expect(refused(text)).toBe(false);
  });

  test.each([
    ['behind a string', `{ a(b: "\\\\" c: ${many}`],
    ['behind a block string', `{ a(b: """ \\" """ c: ${many}`],
    ['behind an empty string', `{ a(b: "" c: ${many}`],
    ['behind a comment', `# {\n{ a(b: ${many}`],
    ['behind a string that ends with its line', `{ a(b: "x\n ${many}`],
  ])('is refused where they stand %s', (_what, text) => {
    expect(refused(text)).toBe(true);
  });
});
