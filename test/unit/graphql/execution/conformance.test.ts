import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';

import fc from 'fast-check';
import { execute, type ExecutionResult, type GraphQLError, type GraphQLSchema, parse, validate } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { CompiledOperations } from '../../../../src/graphql/execution/compiled-operations.js';
import { randomNumbers, randomOperation } from '../../../support/random-operations.js';
import { whimsicalSchema } from '../../../support/whimsical-schema.js';

const RUNS = 200;
const sdl = readFileSync(path.resolve(import.meta.dirname, '../../../../schema.graphql'), 'utf8');

/** Whatever of an error any part of the server looks at. */
function errorShown(error: GraphQLError) {
  const { message, locations, path: place, extensions, nodes, originalError } = error;
  return { message, locations, path: place, extensions, nodes: nodes?.map(({ kind, loc }) => [kind, loc?.start]), original: originalError && [originalError.constructor.name, originalError.message], json: error.toJSON() };
}

function shown(result: ExecutionResult): string {
  return JSON.stringify({ keys: Object.keys(result), text: JSON.stringify(result), errors: result.errors?.map(errorShown) }, null, 1);
}

/** graphql-js leaves promises of a list behind that fail after the list has; Node reports them, and so would the runner. */
const unhandled: unknown[] = [];
const count = (reason: unknown) => void unhandled.push(reason);
const listeners = process.listeners('unhandledRejection');
beforeAll(() => {
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', count);
});
afterAll(() => {
  process.off('unhandledRejection', count);
  for (const listener of listeners) process.on('unhandledRejection', listener);
});

async function both(schema: GraphQLSchema, compiled: CompiledOperations, text: string, variables: Readonly<Record<string, unknown>>, seed = 1, operationName?: string) {
  const document = parse(text);
  const args = { document, operationName, variableValues: variables, contextValue: { seed } };
  const expected = shown(await execute({ ...args, schema }));
  await nextTurn();
  unhandled.length = 0;
  // The second time everything has been worked out.
  const first = shown(await compiled.execute(args));
  const second = shown(await compiled.execute(args));
  await nextTurn();
  expect(unhandled.splice(0), 'promises whose failure nobody is told of').toEqual([]);
  return { expected, first, second };
}

describe.each([
  ['where all goes well', 0],
  ['where little goes wrong', 0.01],
  ['where much goes wrong', 0.15],
] as const)('operations made at random, %s', (_what, bad) => {
  const schema = whimsicalSchema(sdl, { bad });
  const compiled = new CompiledOperations(schema);

  test.each(['query', 'mutation'] as const)('a %s has the result of graphql-js: data, errors, their places and their order', async (kind) => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const { text, variables } = randomOperation(schema, kind, randomNumbers(seed));
        fc.pre(validate(schema, parse(text)).length === 0);
        const { expected, first, second } = await both(schema, compiled, text, variables, seed);
        expect(first, text).toBe(expected);
        expect(second, text).toBe(expected);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('an operation', () => {
  const schema = whimsicalSchema(sdl, { bad: 0 });
  const compiled = new CompiledOperations(schema);
  const MANY = Array.from({ length: 8 }, (_, index) => `$c${index}: Boolean!`).join(' ');

  test.each([
    ['with conditions of many variables', `query (${MANY}) { feed { ${Array.from({ length: 8 }, (_, index) => `f${index}: state @skip(if: $c${index})`).join(' ')} } }`, Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`c${index}`, index % 2 === 0]))],
    ['with a condition that is left to its default', 'query ($c: Boolean = false) { feed { state lagMs @include(if: $c) } }', {}],
    ['with a condition that is null', 'query ($c: Boolean = false) { feed { state lagMs @include(if: $c) } }', { c: null }],
    ['with a field under the name of the prototype', '{ __proto__: feed { __proto__: state constructor: state } }', {}],
    ['about the schema', '{ __schema { queryType { name fields { name args { name defaultValue } } } } __type(name: "Node") { possibleTypes { name } } __typename }', {}],
    ['that skips all it selects', '{ feed @skip(if: true) { state } }', {}],
    ['with variables that do not fit', 'query ($first: Int, $filter: TaskFilter) { tasks(first: $first, filter: $filter) { nodes { taskId } } }', { first: 'ten', filter: { nothing: 1, status: ['x', 'y'] } }],
    ['without a variable that it needs', 'query ($id: ID!) { task(executionId: $id) { taskId } }', {}],
    ['with more variables than it takes', '{ feed { state } }', { surplus: 1 }],
  ] as const)('%s has the result of graphql-js', async (_what, text, variables) => {
    const { expected, first, second } = await both(schema, compiled, text, variables);
    expect(first).toBe(expected);
    expect(second).toBe(expected);
  });

  const SEVERAL = 'query A($a: Boolean!) { feed { state @skip(if: $a) } } query B($b: Boolean!) { feed { lagMs @skip(if: $b) } } query C { feed { state lagMs } }';
  test.each([['A', { a: true }], ['B', { b: false }], ['C', {}], ['D', {}], [undefined, {}], ['', {}]] as const)('of several, %s, has the result of graphql-js', async (name, variables) => {
    const { expected, first, second } = await both(schema, compiled, SEVERAL, variables, 1, name);
    expect(first).toBe(expected);
    expect(second).toBe(expected);
  });
});
