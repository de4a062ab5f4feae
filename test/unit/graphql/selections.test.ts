import { buildSchema, execute, type GraphQLResolveInfo, parse } from 'graphql';
import { expect, it } from 'vitest';

import { isSelected } from '../../../src/graphql/selections.js';

const schema = buildSchema('type Query { group: Group } type Group { count: Int sample: Task other: Other } type Task { id: ID } type Other { sample: Int }');

async function selects(selection: string, fragments = ''): Promise<boolean> {
  let found: boolean | undefined;
  const group = (_args: unknown, _context: unknown, info: GraphQLResolveInfo): null => {
    found = isSelected(info, 'sample');
    return null;
  };
  const { errors } = await execute({ schema, document: parse(`{ ${selection} } ${fragments}`), rootValue: { group } });
  expect(errors).toBeUndefined();
  return found === true;
}

it.each([
  ['by itself', 'group { count sample { id } }', ''],
  ['under an alias', 'group { newest: sample { id } }', ''],
  ['in an inline fragment', 'group { ... { ... on Group { sample { id } } } }', ''],
  ['in a named fragment within another', 'group { ...A }', 'fragment A on Group { count ...B } fragment B on Group { sample { id } }'],
  ['where the field is selected twice', 'group { count } group { sample { id } }', ''],
])('a field is found %s', async (_, selection, fragments) => {
  expect(await selects(selection, fragments)).toBe(true);
});

it.each([
  ['is not there', 'group { count }', ''],
  ['is one of an object below', 'group { other { sample } }', ''],
  ['only gave its name to another', 'group { sample: count }', ''],
  ['is in no fragment', 'group { ...A ...A }', 'fragment A on Group { count }'],
])('a field is not found that %s', async (_, selection, fragments) => {
  expect(await selects(selection, fragments)).toBe(false);
});
