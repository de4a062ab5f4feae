import {
  type ArgumentNode,
  type DocumentNode,
  type ExecutionArgs,
  type FieldNode,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
  type GraphQLField,
  Kind,
  type OperationDefinitionNode,
  print,
  valueFromASTUntyped,
  type ValueNode,
  visit,
} from 'graphql';

import type { OperationContext } from '../../graphql/context.js';
import type { Sharing, View } from '../../graphql/subscriptions/sharing.js';

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
  /** What the field declares; null where it says nothing of sharing. */
  readonly sharing: Sharing | null;
  /** Whether equal subscriptions may be served from one source. */
  readonly sharesSource: boolean;
  /** Equal for subscriptions that may share one source. */
  readonly key: string;
  /** Equal for subscriptions that answer an event with the same payload, where it looks alike through their arguments. */
  readonly shape: string;
}

type Variables = Readonly<Record<string, unknown>>;
type Operation = OperationDefinitionNode | null | undefined;

/** Whether an argument is given and not null; a variable that was not sent has its default. */
function isGiven(value: ValueNode, variables: Variables, operation: Operation): boolean {
  if (value.kind !== Kind.VARIABLE || variables[value.name.value] !== undefined) {
    return (valueFromASTUntyped(value, variables) ?? null) !== null;
  }
  const definition = operation?.variableDefinitions?.find(({ variable }) => variable.name.value === value.name.value);
  return definition?.defaultValue !== undefined && (valueFromASTUntyped(definition.defaultValue) ?? null) !== null;
}

/** The variables that a document uses anywhere but in these arguments. */
function usedOutside(document: DocumentNode, args: readonly ArgumentNode[]): ReadonlySet<string> {
  const used = new Set<string>();
  visit(document, {
    VariableDefinition: () => false,
    Argument: (node) => (args.includes(node) ? false : undefined),
    Variable: ({ name }) => {
      used.add(name.value);
    },
  });
  return used;
}

/** The one field of a subscription, where it is not hidden in a fragment. */
function rootFieldOf(args: ExecutionArgs, operation: Operation): { node: FieldNode; field: GraphQLField<unknown, unknown> } | null {
  const node = operation?.selectionSet.selections.find((selection) => selection.kind === Kind.FIELD);
  const field = node && args.schema.getSubscriptionType()?.getFields()[node.name.value];
  return field ? { node, field } : null;
}

function nameOf({ contextValue }: ExecutionArgs): string | null {
  return (contextValue as Partial<Pick<OperationContext, 'caller'>> | undefined)?.caller?.name ?? null;
}

/**
 * What a subscription shares, and with whom.
 * @param audience equal for callers that may see the same: role and scope
 */
export function shapeOf(args: ExecutionArgs, audience: string): SubscriptionShape {
  const operation = getOperationAST(args.document, args.operationName);
  const root = rootFieldOf(args, operation);
  const declared: unknown = root?.field.extensions['sharing'];
  const variables: Variables = args.variableValues ?? {};
  const base = [args.document.loc?.source.body ?? print(args.document), args.operationName ?? null, audience];
  const key = canonicalJson([...base, variables]);
  if (root === null || !isSharing(declared)) return { sharing: null, sharesSource: false, key, shape: key };
  if (declared.byName === true) {
    const named = canonicalJson([...base, variables, nameOf(args)]);
    return { sharing: declared, sharesSource: true, key: named, shape: named };
  }

  const given = root.node.arguments ?? [];
  const own = given.filter(({ name }) => declared.ownWith.includes(name.value));
  const sharesSource = !own.some(({ value }) => isGiven(value, variables, operation));
  const choosing = given.filter(({ name }) => declared.ownWith.includes(name.value) || declared.view?.by.includes(name.value));
  // Elsewhere in the document a variable of theirs may decide what a payload holds.
  const used = usedOutside(args.document, choosing);
  const deciding = Object.fromEntries(Object.entries(variables).filter(([name]) => used.has(name)));
  return { sharing: declared, sharesSource, key, shape: canonicalJson([...base, deciding]) };
}

/**
 * What an event looks like through the arguments of this subscription, by the view that its field declares.
 * @param args those of a subscription whose source could be opened: its variables and arguments are right
 */
export function viewOf(args: ExecutionArgs, view: View): (event: unknown) => string {
  const operation = getOperationAST(args.document, args.operationName);
  const root = rootFieldOf(args, operation);
  const { coerced } = getVariableValues(args.schema, operation?.variableDefinitions ?? [], args.variableValues ?? {});
  return view.of(root === null ? {} : getArgumentValues(root.field, root.node, coerced));
}
