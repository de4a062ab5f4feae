import { getVariableValues, type GraphQLError, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';

/** As many mistakes as the execution tells of. */
export const MAX_MISTAKES = 50;

type Variables = Readonly<Record<string, unknown>>;

/** What the variables of an operation come to by their types, defaults among them. */
export type Coerced = Record<string, unknown>;

interface Known {
  readonly operation: OperationDefinitionNode;
  readonly coerced: Coerced;
}

/**
 * The variables of operations by their types. Limits ask before the execution does: it is worked out for the first of them, and
 * remembered as long as the variables themselves, which must not change.
 */
export class CoercedVariables {
  readonly #schema: GraphQLSchema;
  readonly #known = new WeakMap<Variables, Known>();

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  /** Null where they do not fit. */
  of(operation: OperationDefinitionNode, given: Variables): Coerced | null {
    const known = this.#known.get(given);
    if (known?.operation === operation) return known.coerced;
    const { coerced } = this.#coerce(operation, given, 1);
    if (coerced === undefined) return null;
    this.#known.set(given, { operation, coerced });
    return coerced;
  }

  /** What does not fit, up to so many mistakes, and one error more where there are others. */
  mistakes(operation: OperationDefinitionNode, given: Variables, most = MAX_MISTAKES): readonly GraphQLError[] {
    return this.#coerce(operation, given, most).errors ?? [];
  }

  #coerce(operation: OperationDefinitionNode, given: Variables, maxErrors: number): ReturnType<typeof getVariableValues> {
    return getVariableValues(this.#schema, operation.variableDefinitions ?? [], given, { maxErrors });
  }
}
