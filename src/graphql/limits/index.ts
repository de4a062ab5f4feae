import type { DocumentNode, GraphQLError, GraphQLSchema, ValidationRule } from 'graphql';

import { checkCost } from './cost.js';
import { DEFAULT_LIMITS, type LimitOptions } from './options.js';
import { noIntrospectionRule, shapeRule } from './shape.js';

export { DEFAULT_LIMITS, type LimitOptions } from './options.js';

/** The limits on operations, from which every transport takes its checks. */
export interface Limits {
  /** Longest operation text, in tokens: `maxTokens` of graphql-js' `parse`. */
  readonly maxTokens: number;
  /** Rules to apply besides graphql-js' specified ones. */
  readonly validationRules: readonly ValidationRule[];
  /** What depends on the variables. Empty where nothing is wrong. The document must have passed validation. */
  checkOperation(document: DocumentNode, operationName: string | null | undefined, variables: Readonly<Record<string, unknown>>): readonly GraphQLError[];
}

export function createLimits(schema: GraphQLSchema, options: Partial<LimitOptions> = {}): Limits {
  const limits: LimitOptions = { ...DEFAULT_LIMITS, ...options };
  return {
    maxTokens: limits.maxTokens,
    validationRules: limits.introspection ? [shapeRule(limits)] : [shapeRule(limits), noIntrospectionRule],
    checkOperation: (document, operationName, variables) => checkCost({ schema, document, operationName, variables }, limits.maxCost),
  };
}
