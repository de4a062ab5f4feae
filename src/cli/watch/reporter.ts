import type { GapItem, TaskChange, WatchStatus } from '../../client/index.js';
import { changeLine, isMereTouch, type LineTask, printable } from './line.js';
import { type Paint, paintFor } from './paint.js';
import { Screen, type TerminalOutput } from './screen.js';
import type { QueueCounts } from './summary.js';

/** Where a watch shows what it sees. */
export interface Reporter {
  change(change: TaskChange<LineTask>): void;
  /** The connection's state, each time it changes. */
  status(status: WatchStatus): void;
  /** Changes may have been missed; the watch goes on from now. */
  gap(gap: GapItem): void;
  counts(counts: readonly QueueCounts[]): void;
  /** Something else that the reader should know of the watch. */
  note(text: string): void;
  /** Gives back what it has taken. Idempotent. */
  close(): void;
}

type Write = (text: string) => unknown;

/** Tells on stderr when the connection is lost, or the server's feed is behind, and when all is well again. */
class Troubles {
  readonly #say: (text: string) => void;
  #trouble = false;
  #missed = false;

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  tell({ state, reason }: WatchStatus): void {
    if (state === 'reconnecting' || state === 'stalled') {
      this.#say(state === 'stalled' ? `waiting: ${reason}` : `connection lost (${reason ?? 'no reason'}): trying again`);
      this.#trouble = true;
    } else if (state === 'live' && this.#trouble) {
      this.#say(this.#missed ? 'live again' : 'live again, nothing was missed');
      this.#trouble = false;
      this.#missed = false;
    }
  }

  gap(gap: GapItem): void {
    this.#say(wordsOf(gap));
    this.#missed = true;
  }
}

function wordsOf({ cause }: GapItem): string {
  return `changes may have been missed (${cause}): going on from now`;
}

const say = (stderr: Write) => (text: string): void => void stderr(`tasktracker: ${printable(text)}\n`);

function lineReporter(stdout: Write, stderr: Write, toLine: (change: TaskChange<LineTask>) => string | null): Reporter {
  const troubles = new Troubles(say(stderr));
  return {
    change: (change) => {
      const line = toLine(change);
      if (line !== null) stdout(`${line}\n`);
    },
    status: (status) => troubles.tell(status),
    gap: (gap) => troubles.gap(gap),
    counts: () => undefined,
    note: say(stderr),
    close: () => undefined,
  };
}

/** One line of text a change; one that tells a reader nothing is left out. */
export function textReporter(stdout: Write, stderr: Write): Reporter {
  const paint = paintFor(false);
  return lineReporter(stdout, stderr, (change) => (isMereTouch(change) ? null : changeLine(change, change.at, paint)));
}

/** One JSON object a line and change: the change with every scalar field of its execution. */
export function jsonReporter(stdout: Write, stderr: Write): Reporter {
  return lineReporter(stdout, stderr, (change) => JSON.stringify(change));
}

const clockTime = (at: string): string => {
  const time = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, '0')}`;
};

function titleOf(url: string, { state, since, reason }: WatchStatus, paint: Paint): string {
  const word = state === 'live' ? paint.status('COMPLETED', state) : paint.status('FAILED', state);
  return `${paint.strong('TaskTracker')} ${url}  ${word} since ${clockTime(since.toISOString())}${reason === null ? '' : `  ${printable(reason)}`}`;
}

/** The whole terminal: the state, the counts of the queues, the last changes. */
export function screenReporter(output: TerminalOutput, url: string, colours: boolean): Reporter & { readonly screen: Screen } {
  const paint = paintFor(colours);
  const screen = new Screen(output, paint);
  screen.open();
  return {
    screen,
    change: (change) => {
      if (!isMereTouch(change)) screen.addLine(changeLine(change, clockTime(change.at), paint));
    },
    status: (status) => screen.setTitle(titleOf(url, status, paint)),
    gap: (gap) => screen.addLine(paint.status('FAILED', wordsOf(gap))),
    counts: (counts) => screen.setCounts(counts),
    note: (text) => screen.addLine(paint.dim(printable(text))),
    close: () => screen.close(),
  };
}
