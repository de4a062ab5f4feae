import type { DocumentNode, GraphQLError, GraphQLFormattedError, GraphQLSchema, ValidationRule } from 'graphql';

import type { OperationContext } from '../graphql/context.js';

/** The GraphQL side as the transports see it. HTTP and WebSocket are given the same one, so neither is laxer than the other. */
export interface GraphqlSurface {
  readonly schema: GraphQLSchema;
  /** Rules beyond the specified ones: depth, aliases, introspection. */
  readonly validationRules: readonly ValidationRule[];
  /** Longest operation text, in tokens. */
  readonly maxTokens: number;
  /** Limits that depend on the variables (cost). Returns what is wrong; nothing is wrong: an empty list. */
  checkOperation(document: DocumentNode, operationName: string | null | undefined, variables: Readonly<Record<string, unknown>>): readonly GraphQLError[];
  /** What a client may see of an error. Internal errors are masked and logged. */
  formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError;
  /** A context with loaders of its own: for one HTTP request, one WebSocket operation, or one event of a subscription. */
  createContext(): OperationContext;
}
