import { type FieldNode, type FragmentDefinitionNode, type GraphQLField, type GraphQLObjectType, type GraphQLSchema, isLeafType, isNonNullType, type OperationDefinitionNode } from 'graphql';
import { collectFields, collectSubfields } from 'graphql/execution/collectFields.js';
import { getFieldDef } from 'graphql/execution/execute.js';

import { completionOf } from './complete.js';
import { leafCompletionOf } from './leaf.js';
import type { FieldPlan, Program, Selection } from './types.js';

export interface ProgramOptions {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Record<string, FragmentDefinitionNode>;
  readonly rootType: GraphQLObjectType;
  /** Values of the variables that `@skip` and `@include` name: true or false. */
  readonly conditions: Record<string, boolean>;
}

/** Plans are made as they are needed: of the types that an interface may be, few ever occur. */
class LazyProgram implements Program {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Record<string, FragmentDefinitionNode>;
  readonly root: Selection;
  readonly #conditions: Record<string, boolean>;

  constructor({ schema, operation, fragments, rootType, conditions }: ProgramOptions) {
    this.schema = schema;
    this.operation = operation;
    this.fragments = fragments;
    this.#conditions = conditions;
    this.root = this.#select(rootType, collectFields(schema, fragments, conditions, rootType, operation.selectionSet));
  }

  inner(plan: FieldPlan, type: GraphQLObjectType): Selection {
    const known = plan.inner.get(type);
    if (known !== undefined) return known;
    const selection = this.#select(type, collectSubfields(this.schema, this.fragments, this.#conditions, type, plan.nodes));
    plan.inner.set(type, selection);
    return selection;
  }

  #select(type: GraphQLObjectType, fields: Map<string, readonly FieldNode[]>): Selection {
    const plans = [...fields].flatMap(([key, nodes]) => {
      const [first] = nodes;
      const definition = first && (getFieldDef(this.schema, type, first) as GraphQLField<unknown, unknown> | null | undefined);
      return definition ? [planOf(key, definition, nodes, type)] : [];
    });
    return { plans, hasProto: fields.has('__proto__') };
  }
}

function planOf(key: string, definition: GraphQLField<unknown, unknown>, nodes: readonly FieldNode[], parentType: GraphQLObjectType): FieldPlan {
  const isNonNull = isNonNullType(definition.type);
  const isLeaf = isLeafType(isNonNullType(definition.type) ? definition.type.ofType : definition.type);
  return {
    key,
    definition,
    nodes,
    parentType,
    resolve: definition.resolve ?? null,
    isNonNull,
    leaf: isLeaf ? leafCompletionOf(definition.type, `${parentType.name}.${definition.name}`) : null,
    complete: completionOf(definition.type),
    inner: new Map(),
  };
}

export function createProgram(options: ProgramOptions): Program {
  return new LazyProgram(options);
}
