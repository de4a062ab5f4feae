import { buildSchema, GraphQLError, type GraphQLSchema, NoSchemaIntrospectionCustomRule } from 'graphql';

import { ANONYMOUS } from '../../src/access/caller.js';
import { CoercedVariables } from '../../src/graphql/coerced-variables.js';
import type { OperationContext } from '../../src/graphql/context.js';
import type { TaskTrackerSurface } from '../../src/graphql/surface.js';

/** A schema whose resolvers the test controls, for what the transports do whatever the schema is. */
export interface Toy {
  readonly surface: TaskTrackerSurface;
  /** Lets every running `slow` finish. */
  release(): void;
  /** Resolves when a `slow` has begun. */
  readonly begun: Promise<void>;
  /** How many event sources of `counted` were ended by `return()`. */
  readonly returned: () => number;
}

const SDL = `
  type Query { hello(name: String = "you"): String!  number(n: Int!): Int!  slow: String!  broken: String  refused: Int!  contextId: Int! }
  type Mutation { shout: String! }
  type Subscription { counted(to: Int!): Int!  contextIds: Int!  failing: Int!  silent: Int! }
`;

class ToyError extends Error {}

export function toySurface(options: { introspection?: boolean } = {}): Toy {
  let contexts = 0;
  let returned = 0;
  let tellBegun: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    tellBegun = resolve;
  });
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const schema = buildSchema(SDL);
  const numbers = (to: number, end?: Error): AsyncIterableIterator<number> => {
    let at = 0;
    const iterator: AsyncIterableIterator<number> = {
      next: () => {
        at += 1;
        if (at <= to) return Promise.resolve({ done: false, value: at });
        return end ? Promise.reject(end) : Promise.resolve({ done: true, value: undefined });
      },
      return: () => {
        returned += 1;
        return Promise.resolve({ done: true, value: undefined });
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  };
  const silent = (): AsyncIterableIterator<number> => {
    const iterator = { ...numbers(0), next: () => new Promise<never>(() => undefined), [Symbol.asyncIterator]: () => iterator };
    return iterator;
  };
  const idOf = (_parent: unknown, _args: unknown, context: unknown) => (context as { id: number }).id;
  resolve(schema, 'Query', {
    hello: (_parent, { name }) => `Hello, ${String(name)}`,
    number: (_parent, { n }) => n,
    slow: async () => {
      tellBegun();
      await released;
      return 'done';
    },
    broken: () => {
      throw new ToyError('the password is secret');
    },
    refused: () => {
      throw new GraphQLError('Not now', { extensions: { code: 'NOT_NOW', field: ['refused'] } });
    },
    contextId: idOf,
  });
  resolve(schema, 'Mutation', { shout: () => 'Hey' });
  resolve(schema, 'Subscription', { counted: (n) => n, contextIds: idOf, failing: (n) => n, silent: (n) => n });
  subscribeTo(schema, {
    counted: ({ to }) => numbers(Number(to)),
    contextIds: () => numbers(3),
    failing: () => numbers(1, new ToyError('the password is secret')),
    silent,
  });

  const surface: TaskTrackerSurface = {
    schema,
    variables: new CoercedVariables(schema),
    validationRules: options.introspection === false ? [NoSchemaIntrospectionCustomRule] : [],
    maxTokens: 100,
    checkText: () => [],
    checkOperation: ({ variables }) =>
      variables['expensive'] === undefined ? [] : [new GraphQLError('Too expensive', { extensions: { code: 'TOO_EXPENSIVE' } })],
    formatError: (formatted, error) => {
      let cause = error;
      while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError;
      return cause instanceof GraphQLError ? formatted : { message: 'Masked', extensions: { code: 'INTERNAL_SERVER_ERROR' } };
    },
    queryTimeoutMs: 10_000,
    createContext: (_caller, deadline) => {
      contexts += 1;
      return { id: contexts, caller: ANONYMOUS, deadline: deadline ?? null } as unknown as OperationContext;
    },
  };
  return { surface, release: () => release(), begun, returned: () => returned };
}

type Resolver = (parent: unknown, args: Record<string, unknown>, context: unknown) => unknown;

function resolve(schema: GraphQLSchema, type: string, resolvers: Record<string, Resolver>): void {
  const fields = schema.getType(type) as { getFields?: () => Record<string, { resolve?: Resolver }> };
  for (const [name, resolver] of Object.entries(resolvers)) {
    const field = fields.getFields?.()[name];
    if (field) field.resolve = resolver;
  }
}

function subscribeTo(schema: GraphQLSchema, sources: Record<string, (args: Record<string, unknown>) => AsyncIterable<number>>): void {
  const fields = schema.getSubscriptionType()?.getFields() ?? {};
  for (const [name, source] of Object.entries(sources)) {
    const field = fields[name];
    if (field) field.subscribe = (_parent: unknown, args: Record<string, unknown>) => source(args);
  }
}
