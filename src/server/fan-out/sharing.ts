import {
  type DocumentNode,
  type ExecutionArgs,
  getOperationAST,
  type GraphQLField,
  Kind,
  type OperationDefinitionNode,
  print,
  valueFromASTUntyped,
  type ValueNode,
  visit,
} from 'graphql';

import type { Sharing } from '../../graphql/subscriptions/sharing.js';

function isSharing(value: unknown): value is Sharing {
  return typeof value === 'object' && value !== null && 'stateOf' in value && 'ownWith' in value;
}

/** JSON with the names of every object in order: equal for equal values. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

export interface SubscriptionShape {
  /** Null where the field's source is not shared. */
  readonly sharing: Sharing | null;
  /** Equal for subscriptions that may share one source. */
  readonly key: string;
  /** Equal for subscriptions that answer an event with the same payload. */
  readonly shape: string;
}

type Variables = Readonly<Record<string, unknown>>;

/** Whether an argument is given and not null; a variable that was not sent has its default. */
function isGiven(value: ValueNode, variables: Variables, operation: OperationDefinitionNode | null | undefined): boolean {
  if (value.kind !== Kind.VARIABLE || variables[value.name.value] !== undefined) {
    return (valueFromASTUntyped(value, variables) ?? null) !== null;
  }
  const definition = operation?.variableDefinitions?.find(({ variable }) => variable.name.value === value.name.value);
  return definition?.defaultValue !== undefined && (valueFromASTUntyped(definition.defaultValue) ?? null) !== null;
}

/** How often a variable is used in a document, its definition left out. */
function usesOf(document: DocumentNode, variable: string): number {
  let uses = 0;
  visit(document, {
    VariableDefinition: () => false,
    Variable: ({ name }) => {
      if (name.value === variable) uses += 1;
    },
  });
  return uses;
}

/**
 * What a subscription shares, and with whom.
 * @param audience equal for callers that may see the same: role and scope
 */
export function shapeOf(args: ExecutionArgs, audience: string): SubscriptionShape {
  const operation = getOperationAST(args.document, args.operationName);
  const node = operation?.selectionSet.selections.find((selection) => selection.kind === Kind.FIELD);
  const field: GraphQLField<unknown, unknown> | undefined =
    node?.kind === Kind.FIELD ? args.schema.getSubscriptionType()?.getFields()[node.name.value] : undefined;
  const declared: unknown = field?.extensions['sharing'];
  const sharing = isSharing(declared) ? declared : null;
  const variables = { ...(args.variableValues ?? {}) };
  const base = [args.document.loc?.source.body ?? print(args.document), args.operationName ?? null, audience];
  const key = canonicalJson([...base, variables]);
  if (sharing === null || node?.kind !== Kind.FIELD) return { sharing: null, key, shape: key };

  const own = (node.arguments ?? []).filter(({ name }) => sharing.ownWith.includes(name.value));
  const given = own.some(({ value }) => isGiven(value, variables, operation));
  for (const { value } of own) {
    // Elsewhere in the document it may decide what a payload holds.
    if (value.kind === Kind.VARIABLE && usesOf(args.document, value.name.value) === 1) delete variables[value.name.value];
  }
  return { sharing: given ? null : sharing, key, shape: canonicalJson([...base, variables]) };
}
