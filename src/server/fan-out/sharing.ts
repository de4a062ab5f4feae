import { type ExecutionArgs, getOperationAST, type GraphQLField, Kind, print, valueFromASTUntyped } from 'graphql';

/** What `extensions.sharing` of a subscription field says about it. */
export interface Sharing {
  /** For events that are states: of what, so that who joins late is sent the last one of each. Null: events are news. */
  readonly stateOf: ((event: unknown) => string) | null;
  /** Arguments that make a subscription's source its own when they are given: a cursor to go on behind. */
  readonly ownWith: readonly string[];
}

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
  const given = own.some(({ value }) => (valueFromASTUntyped(value, variables) ?? null) !== null);
  for (const { value } of own) if (value.kind === Kind.VARIABLE) delete variables[value.name.value];
  return { sharing: given ? null : sharing, key, shape: canonicalJson([...base, variables]) };
}
