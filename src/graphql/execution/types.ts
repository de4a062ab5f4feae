import type {
  FieldNode,
  FragmentDefinitionNode,
  GraphQLError,
  GraphQLField,
  GraphQLFieldResolver,
  GraphQLObjectType,
  GraphQLResolveInfo,
  GraphQLSchema,
  OperationDefinitionNode,
} from 'graphql';

/** Where a value stands in a response; its last part first. */
export type Path = GraphQLResolveInfo['path'];

/** A scalar or enum as a response shows it. Throws where it cannot be shown. */
export type CompleteLeaf = (value: unknown) => unknown;

/** What a resolver gave, as the specification completes it (CompleteValue): the value in the response, or a promise of it. Throws. */
export type Complete = (run: Run, plan: FieldPlan, info: GraphQLResolveInfo, path: Path, value: unknown) => unknown;

/** One field of a selection, with all that is the same whenever it is executed. */
export interface FieldPlan {
  /** Its name in the response. */
  readonly key: string;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly nodes: readonly FieldNode[];
  readonly parentType: GraphQLObjectType;
  /** Null: it is the property of its name. */
  readonly resolve: GraphQLFieldResolver<unknown, unknown> | null;
  readonly isNonNull: boolean;
  /** Null where its value is no scalar and no enum. */
  readonly leaf: CompleteLeaf | null;
  readonly complete: Complete;
  /** What is selected in it, by the type of its value, as far as it was needed. */
  readonly inner: Map<GraphQLObjectType, Selection>;
}

/** What is selected of one object, in the order of the response. */
export interface Selection {
  readonly plans: readonly FieldPlan[];
  /** Whether one of them is called `__proto__`: names come from clients, and it is one like any other. */
  readonly hasProto: boolean;
}

/**
 * An operation, and the plans of its selections. Which selections `@skip` and `@include` leave is part of it, so it is for
 * one set of values of the variables in them.
 */
export interface Program {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Record<string, FragmentDefinitionNode>;
  readonly root: Selection;
  /** What is selected in a field whose value is of this type. */
  inner(plan: FieldPlan, type: GraphQLObjectType): Selection;
}

/** One execution of an operation. */
export interface Run {
  readonly program: Program;
  readonly contextValue: unknown;
  readonly variableValues: Record<string, unknown>;
  /** Notes an error, unless what it happened in has been replaced by null for another. */
  note(error: GraphQLError, path: Path | undefined): void;
}
