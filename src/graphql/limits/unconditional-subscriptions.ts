import { type DocumentNode, type FragmentDefinitionNode, GraphQLError, Kind, type OperationDefinitionNode, OperationTypeNode, type SelectionNode, type SelectionSetNode, type ValidationRule } from 'graphql';

const CONDITIONS = new Set(['skip', 'include']);

/** The selections at the root of an operation, those in fragments among them. */
function* rootSelections(document: DocumentNode, set: SelectionSetNode, seen = new Set<string>()): Iterable<SelectionNode> {
  for (const selection of set.selections) {
    yield selection;
    if (selection.kind === Kind.INLINE_FRAGMENT) yield* rootSelections(document, selection.selectionSet, seen);
    if (selection.kind !== Kind.FRAGMENT_SPREAD || seen.has(selection.name.value)) continue;
    seen.add(selection.name.value);
    const fragment = document.definitions.find((definition): definition is FragmentDefinitionNode => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value);
    if (fragment !== undefined) yield* rootSelections(document, fragment.selectionSet, seen);
  }
}

/**
 * A subscription has one field at its root, whatever its variables: `@skip` and `@include` may not stand there (GraphQL,
 * September 2025, 5.2.4.1). graphql-js 16 lets them, has nothing to subscribe to where they leave no field, and throws
 * while it validates where they lack their argument: the operation is taken out before its rules come to it.
 */
export const unconditionalSubscriptionsRule: ValidationRule = (context) => ({
  Document: {
    enter(document) {
      const isConditional = (operation: OperationDefinitionNode): boolean => {
        for (const selection of rootSelections(document, operation.selectionSet)) {
          const condition = selection.directives?.find(({ name }) => CONDITIONS.has(name.value));
          if (condition === undefined) continue;
          context.reportError(new GraphQLError(`A subscription has one field at its root, always: @${condition.name.value} may not stand there.`, { nodes: [condition] }));
          return true;
        }
        return false;
      };
      const definitions = document.definitions.filter((definition) => definition.kind !== Kind.OPERATION_DEFINITION || definition.operation !== OperationTypeNode.SUBSCRIPTION || !isConditional(definition));
      return definitions.length === document.definitions.length ? undefined : { ...document, definitions };
    },
  },
});
