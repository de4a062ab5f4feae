import { InvalidInputError } from '../model/errors.js';
import { isMasked, type Role } from './role.js';

/** What stands in the place of what is hidden. */
export const MASKED = '[masked]';

const MAX_PATHS = 100;
const INDEX = /^\d+$/;

type Path = readonly string[];

function fits(pattern: string, name: string): boolean {
  return pattern === '*' || pattern === name;
}

/** Whether one of two places holds the other; a number in `asked` may be a place in a list, which patterns pass over. */
function overlap(pattern: Path, asked: Path): boolean {
  const [first, ...patternRest] = pattern;
  const [name, ...askedRest] = asked;
  if (first === undefined || name === undefined) return true;
  return (fits(first, name) && overlap(patternRest, askedRest)) || (INDEX.test(name) && overlap(pattern, askedRest));
}

/** What is left of the patterns below these names; null where one ends there, so that all below is hidden. */
function below(patterns: readonly Path[], names: Path): readonly Path[] | null {
  let left = patterns;
  for (const name of names) {
    left = left.flatMap(([first, ...rest]) => (first !== undefined && fits(first, name) ? [rest] : []));
    if (left.some((rest) => rest.length === 0)) return null;
  }
  return left;
}

function maskBelow(value: unknown, patterns: readonly Path[]): unknown {
  if (patterns.length === 0 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((entry) => maskBelow(entry, patterns));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      // A key may hold dots: it is hidden as the path that it looks like.
      const left = below(patterns, key.split('.'));
      return [key, left === null ? MASKED : maskBelow(inner, left)];
    }),
  );
}

/**
 * Places in metadata that hold what not everybody may see: names joined by dots, `*` for any one name. What lies below a
 * place is hidden with it; lists on the way are passed over, so `items.card` is that of each item.
 */
export class SensitivePaths {
  readonly #paths: readonly Path[];

  /** @throws InvalidInputError for more than 100, or one with an empty name */
  constructor(paths: readonly string[]) {
    if (paths.length > MAX_PATHS) throw new InvalidInputError(['sensitiveMetadata'], `sensitiveMetadata: at most ${MAX_PATHS} paths.`);
    this.#paths = paths.map((path) => path.split('.'));
    if (this.#paths.some((path) => path.includes(''))) throw new InvalidInputError(['sensitiveMetadata'], 'sensitiveMetadata: a path is names joined by dots, as in customer.email or card.*.');
  }

  get none(): boolean {
    return this.#paths.length === 0;
  }

  /** The value, a JSON object, with MASKED in these places. */
  masked(metadata: unknown): unknown {
    return maskBelow(metadata, this.#paths);
  }

  /** Whether a condition on this place would tell something of a hidden one: it is one, holds one, or lies in one. */
  overlaps(path: string): boolean {
    return this.#paths.some((pattern) => overlap(pattern, path.split('.')));
  }
}

/** What is masked of an execution. */
export interface Maskable {
  readonly errorStack: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly irregularities: readonly string[];
  readonly stored: Readonly<Record<string, unknown>>;
}

/** An execution as one role may see it. */
export interface Mask {
  errorStack(execution: Maskable): string | null;
  /** @param json what of it would be shown, as plain JSON */
  metadata(execution: Maskable, json: unknown): unknown;
  irregularities(execution: Maskable): readonly string[];
  /** Whether executions may not be searched by this place in metadata: the answer would tell what is hidden. */
  hides(path: string): boolean;
}

const OPEN: Mask = {
  errorStack: ({ errorStack }) => errorStack,
  metadata: (_execution, json) => json,
  irregularities: ({ irregularities }) => irregularities,
  hides: () => false,
};

/**
 * What a role may see. For VIEWER and WORKER a stack trace is MASKED (null where there is none), and so is what stands in
 * metadata at the sensitive paths.
 */
export function maskFor(role: Role, sensitive: SensitivePaths): Mask {
  if (!isMasked(role)) return OPEN;
  return {
    errorStack: ({ errorStack }) => (errorStack === null ? null : MASKED),
    metadata: ({ metadata, stored }, json) => {
      if (sensitive.none || metadata === stored['metadata'] || Object.keys(metadata).length === 0) return sensitive.masked(json);
      // Metadata that are no object are shown under a name that no path knows.
      return { value: MASKED };
    },
    irregularities: ({ irregularities }) => irregularities.map((text) => (text.startsWith('errorStack:') ? `errorStack: ${MASKED}` : text)),
    hides: (path) => sensitive.overlaps(path),
  };
}
