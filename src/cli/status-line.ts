/** What is used of a terminal's stream. */
export interface StatusOutput {
  readonly columns?: number;
  write(text: string): unknown;
}

const FALLBACK_COLUMNS = 80;

/** The last line of a terminal, written over again and again, and whole lines that are written above it. */
export class StatusLine {
  readonly #output: StatusOutput;
  #text = '';
  /** How many columns it takes on the terminal now. */
  #shown = 0;

  constructor(output: StatusOutput) {
    this.#output = output;
  }

  /** Takes the place of what was shown; nothing where it is empty. Cut at the edge, so that it stays on one line. */
  show(text: string): void {
    this.#text = text;
    this.#output.write(`${this.#cleared()}${this.#drawn()}`);
  }

  /** @param text whole lines, the last line break included */
  above(text: string): void {
    this.#output.write(`${this.#cleared()}${text}${this.#drawn()}`);
  }

  #cleared(): string {
    const shown = this.#shown;
    this.#shown = 0;
    return shown === 0 ? '' : `\r${' '.repeat(shown)}\r`;
  }

  #drawn(): string {
    const text = this.#text.slice(0, (this.#output.columns || FALLBACK_COLUMNS) - 1);
    this.#shown = text.length;
    return text;
  }
}
