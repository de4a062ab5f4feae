import { readFileSync } from 'node:fs';
import path from 'node:path';

import { buildSchema, coerceInputValue, getOperationAST, type GraphQLInputType, type GraphQLSchema, Kind, parse, typeFromAST, validate, valueFromAST } from 'graphql';
import { describe, expect, test } from 'vitest';

import { ANONYMOUS } from '../../../src/access/caller.js';
import { createLimits } from '../../../src/graphql/limits/index.js';
import { EXAMPLE_OPERATIONS } from '../../../src/server/playground-examples.js';

const schema: GraphQLSchema = buildSchema(readFileSync(path.resolve(import.meta.dirname, '../../../schema.graphql'), 'utf8'));

describe('the operations that are ready in GraphiQL', () => {
  test.each(EXAMPLE_OPERATIONS.map((example) => [example.name, example] as const))('%s is valid, within the limits, and its variables fit', (_name, example) => {
    const { query } = example;
    const variables = example.variables?.(new Date()) ?? {};
    const document = parse(query);
    expect(validate(schema, document)).toEqual([]);
    const limits = createLimits(schema);
    expect(validate(schema, document, limits.validationRules)).toEqual([]);
    for (const definition of document.definitions) {
      if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
      const name = definition.name?.value;
      expect(getOperationAST(document, name)).not.toBeNull();
      expect(limits.checkOperation({ document, operationName: name, variables, caller: ANONYMOUS })).toEqual([]);
      for (const { variable, type, defaultValue } of definition.variableDefinitions ?? []) {
        const declared = typeFromAST(schema, type as never) as GraphQLInputType;
        const given = variables[variable.name.value];
        if (given === undefined) expect(defaultValue ? valueFromAST(defaultValue, declared) : type.kind).not.toBe(Kind.NON_NULL_TYPE);
        else expect(() => coerceInputValue(given, declared)).not.toThrow();
      }
    }
  });

  test('have names of their own: a tab is found by its first, and a menu lists the others', () => {
    const names = EXAMPLE_OPERATIONS.flatMap(({ query }) => parse(query).definitions.map((definition) => (definition.kind === Kind.OPERATION_DEFINITION ? definition.name?.value : undefined)));
    expect(names).not.toContain(undefined);
    expect(new Set(names).size).toBe(names.length);
  });

  test('cover queries, mutations and subscriptions', () => {
    const kinds = new Set(
      EXAMPLE_OPERATIONS.flatMap(({ query }) => parse(query).definitions.map((definition) => (definition.kind === Kind.OPERATION_DEFINITION ? definition.operation : ''))),
    );
    expect([...kinds].sort()).toEqual(['mutation', 'query', 'subscription']);
  });
});
