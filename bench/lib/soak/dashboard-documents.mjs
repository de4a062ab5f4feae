/** The queries that the dashboard's own source holds, with variables for each. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { Kind, parse, print, visit } from 'graphql';

const SOURCE = fileURLToPath(new URL('../../../dashboard/src', import.meta.url));
const TEMPLATE = /graphql\(\s*`([^`]*)`/g;
const HOUR_MS = 60 * 60_000;

/** What variables of these names are given, at an instant. */
const valuesAt = (now, queueName) => ({
  from: new Date(now - 6 * HOUR_MS).toISOString(),
  to: new Date(now).toISOString(),
  interval: 'MINUTE',
  name: queueName,
  queueName,
  queue: queueName,
  first: 50,
  limit: 20,
  after: null,
  filter: { queueName: [queueName] },
  orderBy: { field: 'ENQUEUED_AT', direction: 'DESC' },
  executionId: 'soak:1',
  taskId: 'soak:1',
  text: 'soak',
  search: 'soak',
  fingerprint: 'none',
  id: 'none',
});

function definitions() {
  const files = readdirSync(SOURCE, { recursive: true }).filter((file) => /\.tsx?$/.test(file));
  return files.flatMap((file) => {
    const source = readFileSync(path.join(SOURCE, file), 'utf8');
    return [...source.matchAll(TEMPLATE)].flatMap(([, text]) => parse(text).definitions);
  });
}

/** A definition as any GraphQL server takes it: `@_unmask` is for the dashboard's types. */
const plain = (definition) => visit(definition, { Directive: (node) => (node.name.value === '_unmask' ? null : undefined) });

/** @returns each query: { name, text, variables(now, queueName) }; those that need what has no value here are left out */
export function dashboardQueries() {
  const all = definitions();
  const fragments = new Map(all.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION).map((fragment) => [fragment.name.value, fragment]));
  const known = Object.keys(valuesAt(0, ''));
  return all
    .filter(({ kind, operation }) => kind === Kind.OPERATION_DEFINITION && operation === 'query')
    .filter(({ variableDefinitions }) => variableDefinitions.every(({ variable, type }) => type.kind !== Kind.NON_NULL_TYPE || known.includes(variable.name.value)))
    .map((query) => {
      const needed = new Map();
      const collect = (definition) =>
        visit(definition, {
          FragmentSpread({ name: { value } }) {
            if (needed.has(value)) return;
            needed.set(value, fragments.get(value));
            collect(fragments.get(value));
          },
        });
      collect(query);
      const names = query.variableDefinitions.map(({ variable }) => variable.name.value);
      return {
        name: query.name.value,
        text: [query, ...needed.values()].map((definition) => print(plain(definition))).join('\n'),
        variables: (now, queueName) => {
          const values = valuesAt(now, queueName);
          return Object.fromEntries(names.filter((name) => name in values).map((name) => [name, values[name]]));
        },
      };
    });
}
