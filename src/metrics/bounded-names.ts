/** Stands for an operation without a name. GraphQL names have no brackets: it cannot be mistaken for one. */
export const ANONYMOUS_OPERATION = '(anonymous)';
/** Stands for all names beyond the limit. */
export const OTHER_OPERATIONS = '(other)';

/**
 * The names that have series of their own: the first so many that were admitted. Clients choose names, and each name is a
 * series that a monitoring system keeps for weeks: so only names under which something was served take a place.
 */
export class BoundedNames {
  readonly #limit: number;
  readonly #names = new Set<string>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The label of a name that something was served under; takes a place while there is room. */
  admit(name: string | null | undefined): string {
    if (!name) return ANONYMOUS_OPERATION;
    if (this.#names.has(name)) return name;
    if (this.#names.size >= this.#limit) return OTHER_OPERATIONS;
    this.#names.add(name);
    return name;
  }

  /** The label of a name under which nothing was served: it takes no place. */
  find(name: string | null | undefined): string {
    if (!name) return ANONYMOUS_OPERATION;
    return this.#names.has(name) ? name : OTHER_OPERATIONS;
  }
}
