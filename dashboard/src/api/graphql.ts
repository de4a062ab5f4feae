import { initGraphQLTada } from 'gql.tada';

import type { introspection } from './schema-types.js';

/** Makes a document whose result and variables are typed by schema.graphql. Instants are RFC 3339 text. */
export const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: { DateTime: string; JSON: unknown; JSONObject: Record<string, unknown> };
}>();

export { readFragment, type FragmentOf, type ResultOf, type VariablesOf } from 'gql.tada';
export type TaskStatus = ReturnType<typeof graphql.scalar<'TaskStatus'>>;
export type ErrorCategory = ReturnType<typeof graphql.scalar<'ErrorCategory'>>;
export type FeedState = ReturnType<typeof graphql.scalar<'FeedState'>>;
export type Interval = ReturnType<typeof graphql.scalar<'Interval'>>;
