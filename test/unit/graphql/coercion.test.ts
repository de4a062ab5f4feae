import { buildSchema, parse } from 'graphql';
import { describe, expect, test } from 'vitest';

import { CoercedVariables } from '../../../src/graphql/coerced-variables.js';
import { checkCoercion } from '../../../src/graphql/limits/coercion.js';

const schema = buildSchema('input Filter { name: String, other: [Int!] } type Query { tasks(filter: Filter): Int }');
const document = parse('query A ($filter: Filter) { tasks(filter: $filter) } query B { tasks }');
const check = (filter: unknown, operationName = 'A') => checkCoercion(new CoercedVariables(schema), document, operationName, { filter });

describe('variables', () => {
  test('that fit are taken', () => {
    expect(check({ name: 'a', other: [1] })).toBe('FITS');
    expect(check(undefined)).toBe('FITS');
  });

  test('that the operation does not declare are not looked at', () => {
    expect(check({ wrong: 1 }, 'B')).toBe('FITS');
  });

  test('with few mistakes are left to the execution, which tells them all', () => {
    expect(check({ wrong: 1, name: 2 })).toBe('FITS_NOT');
    expect(check({ other: new Array(50).fill('x') })).toBe('FITS_NOT');
  });

  test('with many mistakes are refused with the first', () => {
    expect(check({ other: new Array(51).fill('x') })).toMatchObject([{ message: expect.stringMatching(/The first mistake: Variable "\$filter" got invalid value "x" at "filter.other\[0\]"/), extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  test('that are large are refused with the first mistake, cut', () => {
    const refusal = check(Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`name${index}`, index])));
    expect(refusal).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect((refusal as readonly { message: string }[])[0]?.message.length).toBeLessThan(700);
  });
});
