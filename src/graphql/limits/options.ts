import { GraphQLError, type ASTNode } from 'graphql';

/** What one operation may ask for. Every transport applies the same limits. */
export interface LimitOptions {
  /** Longest operation text, in tokens; a longer one fails to parse (GRAPHQL_PARSE_FAILED). Default 2,000. */
  readonly maxTokens: number;
  /** Deepest nesting of fields; those of introspection do not count. Default 12. */
  readonly maxDepth: number;
  /** Aliases in the document. Default 30. */
  readonly maxAliases: number;
  /** Fields at the root of an operation. Default 20. */
  readonly maxRootFields: number;
  /** Directives in the document. Default 50. */
  readonly maxDirectives: number;
  /** Cost of an operation: about the number of objects that it may read. Default 10,000. */
  readonly maxCost: number;
  /** Size of the variables of an operation, in bytes of JSON. Default 512 KiB. */
  readonly maxVariablesBytes: number;
  /** Deepest nesting of objects and lists in the variables; `{}` has depth 1. Default 40. */
  readonly maxVariablesDepth: number;
  /** Whether the schema may be asked about itself. Default true. */
  readonly introspection: boolean;
}

export const DEFAULT_LIMITS: LimitOptions = Object.freeze({
  maxTokens: 2_000,
  maxDepth: 12,
  maxAliases: 30,
  maxRootFields: 20,
  maxDirectives: 50,
  maxCost: 10_000,
  maxVariablesBytes: 512 * 1024,
  maxVariablesDepth: 40,
  introspection: true,
});

/** Stable values of `extensions.code` of an operation that asks for too much. */
export type LimitCode =
  | 'QUERY_TOO_DEEP'
  | 'QUERY_TOO_COSTLY'
  | 'TOO_MANY_ALIASES'
  | 'TOO_MANY_ROOT_FIELDS'
  | 'TOO_MANY_DIRECTIVES'
  | 'VARIABLES_TOO_LARGE'
  | 'VARIABLES_TOO_DEEP'
  | 'INTROSPECTION_DISABLED';

export interface LimitFigures {
  readonly limit: number;
  /** Absent where it is beyond measuring. */
  readonly actual?: number;
}

/** The error for a limit that was passed: the message has both figures, and so have `extensions.limit` and `.actual`. */
export function limitError(code: LimitCode, message: string, figures: LimitFigures, nodes?: readonly ASTNode[]): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...figures }, ...(nodes ? { nodes } : {}) });
}
