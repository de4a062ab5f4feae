import { InvalidInputError } from '../model/errors.js';

const MAX_PATTERNS = 100;
const MAX_PATTERN_LENGTH = 256;

function sourceOf(pattern: string): string {
  return pattern
    .split('*')
    .map((part) => part.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`))
    .join(String.raw`[\s\S]*`);
}

/**
 * The queues that a caller may know of, by patterns of their names: `*` stands for any text, everything else for
 * itself, in its case. A name is in the scope where one pattern fits the whole of it.
 */
export class QueueScope {
  /** Sorted, each once. */
  readonly patterns: readonly string[];
  readonly #fits: RegExp;

  /** @throws InvalidInputError for no pattern, more than 100, or one that is empty or longer than 256 characters */
  constructor(patterns: readonly string[], field: readonly string[] = ['queues']) {
    if (patterns.length === 0 || patterns.length > MAX_PATTERNS) throw new InvalidInputError(field, `${field.join('.')}: 1 to ${MAX_PATTERNS} patterns of queue names.`);
    for (const pattern of patterns) {
      if (pattern === '' || pattern.length > MAX_PATTERN_LENGTH || pattern.includes('\0')) {
        throw new InvalidInputError(field, `${field.join('.')}: a pattern has 1 to ${MAX_PATTERN_LENGTH} characters, none of them NUL.`);
      }
    }
    this.patterns = [...new Set(patterns)].sort();
    this.#fits = new RegExp(this.source);
  }

  /** Equal for equal scopes. */
  get key(): string {
    return JSON.stringify(this.patterns);
  }

  /**
   * A regular expression for exactly the names in the scope, as JavaScript and MongoDB (PCRE) both take it: in PCRE `$` also
   * stands before a line feed at the end.
   */
  get source(): string {
    return `^(?:${this.patterns.map(sourceOf).join('|')})(?![\\s\\S])`;
  }

  /** The names in the scope, where each pattern stands for one; null where one has a star. */
  get names(): readonly string[] | null {
    return this.patterns.some((pattern) => pattern.includes('*')) ? null : this.patterns;
  }

  includes(queueName: string): boolean {
    return this.#fits.test(queueName);
  }
}
