import { EXAMPLES } from './examples.js';
import type { LastHour, StatusCounts } from './task-api.js';

/** Where lines go: standard output, or a list in a test. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface Introduction {
  readonly database: string;
  readonly graphqlUrl: string;
  readonly dashboardUrl: string;
  readonly graphiqlUrl: string;
  readonly files: string;
  readonly temporaryFolder: string;
  readonly workers: readonly string[];
}

export interface Situation {
  readonly counts: StatusCounts;
  readonly lastHour: LastHour;
  readonly workers: number;
  readonly replaced: number;
}

/** A refresh of the status line in ms: in place on a terminal, one line after the other elsewhere. */
const TERMINAL_REFRESH_MS = 3_000;
const LOG_REFRESH_MS = 10_000;
const CLEAR_LINE = '\r\u001b[2K';

/** All that the demonstration says: an introduction, a status line, and a note where something happens. */
export class Display {
  #line = '';

  constructor(private readonly output: Output) {}

  get refreshMs(): number {
    return this.output.isTTY === true ? TERMINAL_REFRESH_MS : LOG_REFRESH_MS;
  }

  introduce(intro: Introduction): void {
    const examples = EXAMPLES.map(({ title, operation }) => `# ${title}\n${operation}`).join('\n\n');
    this.output.write(`
TaskTracker ready at ${intro.graphqlUrl}

  Dashboard  ${intro.dashboardUrl}
  GraphiQL   ${intro.graphiqlUrl}
  Database   ${intro.database}
  Workers    ${intro.workers.join(', ')}
  Files      ${intro.files}
  Writes     only below ${intro.temporaryFolder}, removed at the end

Three operations to paste into GraphiQL:

${examples}

Ctrl-C stops everything.

`);
  }

  /** A line of its own, above the status line. */
  note(text: string): void {
    const clear = this.#line === '' ? '' : CLEAR_LINE;
    this.output.write(`${clear}${text}\n${this.#line}`);
  }

  status({ counts, lastHour: { runP95, failure }, workers, replaced }: Situation): void {
    const text =
      `queued ${counts.queued} · processing ${counts.processing} · completed ${counts.completed} · failed ${counts.failed}` +
      ` · dead letters ${counts.dlq} · archived ${counts.archived} · workers ${workers}${replaced === 0 ? '' : ` (${replaced} replaced)`}` +
      (runP95 === null ? '' : ` · p95 ${Math.round(runP95)} ms`) +
      (failure === null ? '' : ` · ${failure.count} × ${failure.message}`);
    if (this.output.isTTY !== true) {
      this.output.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
      return;
    }
    this.#line = text.slice(0, Math.max(20, (this.output.columns ?? 120) - 1));
    this.output.write(`${CLEAR_LINE}${this.#line}`);
  }

  /** Leaves the status line as it stands. */
  end(text: string): void {
    this.output.write(`${this.#line === '' ? '' : '\n'}${text}\n`);
    this.#line = '';
  }
}
