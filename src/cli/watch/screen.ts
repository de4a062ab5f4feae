import { countsTable } from './counts-table.js';
import type { Paint } from './paint.js';
import type { QueueCounts } from './summary.js';

/** What is used of a terminal's stream. */
export interface TerminalOutput {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

const ESC = '\u001b[';
/** The screen beside the scroll-back, no cursor, lines cut at the edge; and back. */
export const ENTER = `${ESC}?1049h${ESC}?25l${ESC}?7l`;
export const LEAVE = `${ESC}?7h${ESC}?25h${ESC}?1049l`;
const HOME = `${ESC}H`;
const CLEAR_LINE = `${ESC}K`;
const CLEAR_BELOW = `${ESC}J`;

const KEPT_LINES = 500;
const REDRAW_MS = 250;
const FALLBACK = { columns: 80, rows: 24 };

/** A terminal that shows a title, the counts of the queues, and below them the last changes: redrawn at most four times a second. */
export class Screen {
  readonly #output: TerminalOutput;
  readonly #paint: Paint;
  readonly #onResize = (): void => this.#draw();
  #title = '';
  #counts: readonly QueueCounts[] = [];
  #lines: string[] = [];
  #open = false;
  #timer: NodeJS.Timeout | null = null;
  #drawnAt = 0;

  constructor(output: TerminalOutput, paint: Paint) {
    this.#output = output;
    this.#paint = paint;
  }

  open(): void {
    if (this.#open) return;
    this.#open = true;
    this.#output.write(ENTER);
    this.#output.on('resize', this.#onResize);
    this.#draw();
  }

  /** Gives the terminal back as it was. Idempotent. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#output.off('resize', this.#onResize);
    this.#output.write(LEAVE);
  }

  setTitle(title: string): void {
    this.#title = title;
    this.#redraw();
  }

  setCounts(counts: readonly QueueCounts[]): void {
    this.#counts = counts;
    this.#redraw();
  }

  addLine(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > 2 * KEPT_LINES) this.#lines = this.#lines.slice(-KEPT_LINES);
    this.#redraw();
  }

  #redraw(): void {
    if (!this.#open || this.#timer) return;
    const wait = Math.max(0, this.#drawnAt + REDRAW_MS - performance.now());
    this.#timer = setTimeout(() => this.#draw(), wait);
  }

  #draw(): void {
    if (!this.#open) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#drawnAt = performance.now();
    const width = this.#output.columns || FALLBACK.columns;
    const height = this.#output.rows || FALLBACK.rows;
    const table = this.#counts.length === 0 ? [] : ['', ...countsTable(this.#counts, { width, rows: Math.max(2, Math.floor(height / 2) - 3) }, this.#paint)];
    const head = [this.#title, ...table, ''].slice(0, height);
    const room = height - head.length;
    const tail = room > 0 ? this.#lines.slice(-room) : [];
    const lines = [...head, ...tail];
    // Cleared before it is written: behind a line that fills its row, the cursor still stands on the last character.
    const frame = lines.map((line) => `${CLEAR_LINE}${line}`).join('\r\n');
    this.#output.write(`${HOME}${frame}${lines.length < height ? `\r\n${CLEAR_BELOW}` : ''}`);
  }
}
