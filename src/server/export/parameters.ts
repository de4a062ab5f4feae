import { InvalidInputError } from '../../model/errors.js';

/** What the URL asks for. */
export class ExportParameters {
  readonly #query: URLSearchParams;

  /**
   * @param names those that may be there
   * @throws InvalidInputError for a name that is none: misspelt, `filter` would be no condition at all
   */
  constructor(url: string, names: readonly string[]) {
    this.#query = new URL(url, 'http://export').searchParams;
    for (const name of this.#query.keys()) {
      if (!names.includes(name)) throw new InvalidInputError([name], `${JSON.stringify(name)} is no parameter; ${names.length > 1 ? 'they are' : 'there is'} ${names.join(', ')}.`);
    }
  }

  /** Null where it is not there. */
  text(name: string): string | null {
    const values = this.#query.getAll(name);
    if (values.length > 1) throw new InvalidInputError([name], `${name}: it is there more than once.`);
    return values[0] ?? null;
  }

  /** Undefined where it is not there or empty. */
  json(name: string): unknown {
    const text = this.text(name);
    if (text === null || text === '') return undefined;
    try {
      return JSON.parse(text);
    } catch {
      throw new InvalidInputError([name], `${name}: it must be JSON, as in ${name}={"…": …}, encoded for a URL.`);
    }
  }

  /** Null where it is not there. */
  count(name: string, most: number): number | null {
    const text = this.text(name);
    if (text === null || text === '') return null;
    const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
    if (value < 1 || value > most) throw new InvalidInputError([name], `${name}: it must be a whole number from 1 to ${most}.`);
    return value;
  }
}
