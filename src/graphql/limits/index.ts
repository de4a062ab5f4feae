import type { DocumentNode, GraphQLError, GraphQLSchema, ValidationRule } from 'graphql';

import type { Caller } from '../../access/caller.js';
import { createPermissionCheck } from '../access/check.js';
import { CoercedVariables } from '../coerced-variables.js';
import { CheapOperations } from './cheap-operations.js';
import { checkCoercion } from './coercion.js';
import { checkCost } from './cost.js';
import { checkNesting } from './nesting.js';
import { DEFAULT_LIMITS, type LimitOptions } from './options.js';
import { noIntrospectionRule, shapeRule } from './shape.js';
import { unconditionalSubscriptionsRule } from './unconditional-subscriptions.js';
import { checkVariables } from './variables.js';

export { DEFAULT_LIMITS, type LimitOptions } from './options.js';

/** An operation that a caller wants executed. The document must have passed validation. */
export interface OperationToCheck {
  readonly document: DocumentNode;
  readonly operationName: string | null | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly caller: Caller;
}

/** The limits on operations, from which every transport takes its checks. */
export interface Limits {
  /** What variables come to, for the limits and for the execution. */
  readonly variables: CoercedVariables;
  /** Longest operation text, in tokens: `maxTokens` of graphql-js' `parse`. */
  readonly maxTokens: number;
  /** What can be told from the text of an operation, before it is parsed. Empty where nothing is wrong. */
  checkText(text: string): readonly GraphQLError[];
  /** Rules to apply besides graphql-js' specified ones. */
  readonly validationRules: readonly ValidationRule[];
  /** What depends on the caller and the variables. Empty where nothing is wrong. */
  checkOperation(operation: OperationToCheck): readonly GraphQLError[];
}

export function createLimits(schema: GraphQLSchema, options: Partial<LimitOptions> = {}): Limits {
  const limits: LimitOptions = { ...DEFAULT_LIMITS, ...options };
  const checkPermissions = createPermissionCheck(schema);
  const cheap = new CheapOperations();
  const coerced = new CoercedVariables(schema);
  return {
    variables: coerced,
    maxTokens: limits.maxTokens,
    checkText: checkNesting,
    // The last one may change what the visitors see: those behind it would not be called for the document.
    validationRules: [shapeRule(limits), ...(limits.introspection ? [] : [noIntrospectionRule]), unconditionalSubscriptionsRule],
    checkOperation: ({ document, operationName, variables, caller }) => {
      const excess = checkVariables(variables, limits);
      if (excess.length > 0) return excess;
      const forbidden = checkPermissions(document, operationName, caller);
      if (forbidden.length > 0) return forbidden;
      const coercion = checkCoercion(coerced, document, operationName, variables);
      // Variables that do not fit are reported by the execution, with all of them; the cost cannot be told.
      return coercion === 'FITS' ? checkCost({ schema, document, operationName, variables }, limits.maxCost, cheap) : coercion === 'FITS_NOT' ? [] : coercion;
    },
  };
}
