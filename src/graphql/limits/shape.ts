import {
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';

import { limitError, type LimitOptions } from './options.js';

const INTROSPECTION_ROOTS = new Set(['__schema', '__type']);

/** How a measure of a selection set comes from those of its parts. */
interface Measure {
  readonly field: (name: string, inner: () => number) => number;
  readonly join: (a: number, b: number) => number;
}

const DEPTH: Measure = {
  field: (name, inner) => (INTROSPECTION_ROOTS.has(name) ? 0 : 1 + inner()),
  join: Math.max,
};

const FIELD_COUNT: Measure = { field: () => 1, join: (a, b) => a + b };

/** Measures selection sets with their fragments spread out. Each fragment is measured once, so nesting them costs nothing. */
function createMeter(context: ValidationContext, { field, join }: Measure): (set: SelectionSetNode) => number {
  const ofFragments = new Map<string, number>();

  const ofFragment = (name: string): number => {
    const known = ofFragments.get(name);
    if (known !== undefined) return known;
    // A fragment that spreads itself is refused by another rule; here it only must not go on for ever.
    ofFragments.set(name, 0);
    const fragment = context.getFragment(name);
    const measured = fragment ? ofSet(fragment.selectionSet) : 0;
    ofFragments.set(name, measured);
    return measured;
  };
  const ofSelection = (selection: SelectionNode): number => {
    switch (selection.kind) {
      case Kind.FIELD:
        return field(selection.name.value, () => (selection.selectionSet ? ofSet(selection.selectionSet) : 0));
      case Kind.INLINE_FRAGMENT:
        return ofSet(selection.selectionSet);
      case Kind.FRAGMENT_SPREAD:
        return ofFragment(selection.name.value);
    }
  };
  const ofSet = (set: SelectionSetNode): number => set.selections.map(ofSelection).reduce(join, 0);
  return ofSet;
}

function depthError(operation: OperationDefinitionNode, actual: number, limit: number): GraphQLError {
  return limitError('QUERY_TOO_DEEP', `The operation nests fields ${actual} deep; at most ${limit} are allowed.`, { limit, actual }, [operation]);
}

/** Depth, aliases, root fields and directives: what can be told from the document alone. */
export function shapeRule(limits: LimitOptions): ValidationRule {
  return (context) => {
    const depthOf = createMeter(context, DEPTH);
    const rootFieldsOf = createMeter(context, FIELD_COUNT);
    let aliases = 0;
    let directives = 0;
    return {
      OperationDefinition(operation) {
        const depth = depthOf(operation.selectionSet);
        if (depth > limits.maxDepth) context.reportError(depthError(operation, depth, limits.maxDepth));
        const actual = rootFieldsOf(operation.selectionSet);
        const limit = limits.maxRootFields;
        if (actual > limit) {
          const message = `The operation selects ${actual} fields at its root; at most ${limit} are allowed. Send several operations.`;
          context.reportError(limitError('TOO_MANY_ROOT_FIELDS', message, { limit, actual }, [operation]));
        }
      },
      Field(field) {
        if (field.alias) aliases += 1;
      },
      Directive() {
        directives += 1;
      },
      Document: {
        leave(document) {
          const { maxAliases, maxDirectives } = limits;
          if (aliases > maxAliases) {
            const message = `The document has ${aliases} aliases; at most ${maxAliases} are allowed.`;
            context.reportError(limitError('TOO_MANY_ALIASES', message, { limit: maxAliases, actual: aliases }, [document]));
          }
          if (directives > maxDirectives) {
            const message = `The document has ${directives} directives; at most ${maxDirectives} are allowed.`;
            context.reportError(limitError('TOO_MANY_DIRECTIVES', message, { limit: maxDirectives, actual: directives }, [document]));
          }
        },
      },
    };
  };
}

/** Refuses questions about the schema itself. `__typename` is none. */
export const noIntrospectionRule: ValidationRule = (context) => ({
  Field(node) {
    if (!INTROSPECTION_ROOTS.has(node.name.value)) return;
    context.reportError(
      new GraphQLError('Introspection is switched off here: the schema cannot be asked about itself.', {
        nodes: [node],
        extensions: { code: 'INTROSPECTION_DISABLED' },
      }),
    );
  },
});
