import { type ArgumentNode, type DocumentNode, type GraphQLSchema, Kind, visit } from 'graphql';

export interface CostRequest {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/** Arguments that a cost depends on: sizes of pages and widths of intervals, and those of `@skip` and `@include`. */
const DECISIVE = new Set(['first', 'last', 'interval', 'if']);
/** Ends of ranges: where one is open, the cost depends on the time. */
const ENDS = new Set(['from', 'to']);
/** Sets of values that are remembered for one document. */
const MAX_KEYS = 64;
const MAX_TEXT = 32;

interface Known {
  /** Variables that the cost depends on; null where it depends on more than variables. */
  readonly variables: readonly string[] | null;
  readonly cheap: Set<string>;
}

function decisiveVariables(document: DocumentNode): readonly string[] | null {
  const names = new Set<string>();
  let isOpen = false;
  visit(document, {
    Argument({ name, value }: ArgumentNode) {
      if (ENDS.has(name.value)) isOpen = true;
      if (DECISIVE.has(name.value) && value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return isOpen ? null : [...names];
}

/** A value as part of a key; null where it is not worth one. */
function textOf(variables: Readonly<Record<string, unknown>>, name: string): string | null {
  if (!Object.hasOwn(variables, name)) return '';
  const value = variables[name];
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value.length <= MAX_TEXT ? JSON.stringify(value) : null;
}

/**
 * Operations that were measured, and cost no more than they may: by their document and the values that their cost depends
 * on. Measuring takes a walk through the whole document, and clients send the same one over and over.
 */
export class CheapOperations {
  readonly #known = new WeakMap<DocumentNode, Known>();

  has(request: CostRequest): boolean {
    const known = this.#known.get(request.document);
    const key = known && this.#keyOf(known, request);
    return key !== undefined && key !== null && known?.cheap.has(key) === true;
  }

  /** @param request of a document that must not change */
  add(request: CostRequest): void {
    const { document } = request;
    let known = this.#known.get(document);
    if (known === undefined) this.#known.set(document, (known = { variables: decisiveVariables(document), cheap: new Set() }));
    const key = this.#keyOf(known, request);
    if (key === null) return;
    if (known.cheap.size >= MAX_KEYS) known.cheap.clear();
    known.cheap.add(key);
  }

  #keyOf({ variables }: Known, { operationName, variables: given }: CostRequest): string | null {
    if (variables === null) return null;
    const texts = variables.map((name) => textOf(given ?? {}, name));
    return texts.includes(null) ? null : [operationName ?? '', ...texts].join(' ');
  }
}
