import { WebSocket } from 'ws';

import { type TaskFilter, type TaskStatus, watchTasks } from '../../client/index.js';
import { shownUrl } from '../../client/web-socket.js';
import { askUnknown } from '../figures/unknown-queues.js';
import { untilStopped } from '../signals.js';
import { cursorExpired, toCommandError } from './failure.js';
import { LINE_FIELDS, type LineTask } from './line.js';
import { jsonReporter, type Reporter, screenReporter, textReporter } from './reporter.js';
import type { Screen } from './screen.js';
import { followCounts } from './summary.js';

export interface WatchCommand {
  readonly url: string;
  readonly token: string | undefined;
  /** Only these queues; empty: all. */
  readonly queues: readonly string[];
  /** Only these statuses, and what leaves them; empty: all. */
  readonly statuses: readonly TaskStatus[];
  /** Go on behind this cursor. */
  readonly since: string | undefined;
  readonly json: boolean;
  /** Whether stdout is a terminal that can be drawn on. */
  readonly drawsOn: boolean;
}

const isBrokenPipe = (error: Error): boolean => (error as NodeJS.ErrnoException).code === 'EPIPE';

/** Ctrl-Z gives the terminal back while the process is stopped. @returns how to listen no more */
function followSuspension(screen: Screen): () => void {
  const onStop = (): void => {
    screen.close();
    process.kill(process.pid, 'SIGSTOP');
  };
  const onContinue = (): void => screen.open();
  process.on('SIGTSTP', onStop);
  process.on('SIGCONT', onContinue);
  return () => {
    process.off('SIGTSTP', onStop);
    process.off('SIGCONT', onContinue);
  };
}

function filterOf({ queues, statuses }: WatchCommand): TaskFilter {
  return { ...(queues.length > 0 ? { queueName: queues } : {}), ...(statuses.length > 0 ? { status: statuses } : {}) };
}

/** Tells each change until the signal. @returns the cursor behind the last one */
async function follow(command: WatchCommand, reporter: Reporter, signal: AbortSignal, drained: () => Promise<void>): Promise<string | null> {
  const { url, token, since, json } = command;
  const watched = watchTasks<LineTask>({
    url,
    token,
    filter: filterOf(command),
    after: since,
    list: false,
    failFast: true,
    signal,
    // The words of `ws` say more of a failure than those of a browser's WebSocket.
    webSocketImpl: WebSocket,
    onStatus: (status) => reporter.status(status),
    ...(json ? {} : { fields: LINE_FIELDS }),
  });
  let first = true;
  try {
    for await (const item of watched) {
      if (item.type === 'change') {
        reporter.change(item.change);
        await drained();
      } else if (item.type === 'gap') {
        if (first && since !== undefined) throw cursorExpired();
        reporter.gap(item);
      }
      first = false;
    }
  } catch (error) {
    throw toCommandError(error, shownUrl(url));
  }
  return watched.cursor;
}

/**
 * `tasktracker watch`: tells every change until SIGINT, SIGTERM or SIGHUP, or until nobody reads any more. stdout has the
 * changes and nothing else; what is to be said of the watch itself goes to stderr, or on the drawn screen.
 *
 * @throws WatchCommandError where the server refuses, or does not answer at first
 */
export async function runWatch(command: WatchCommand): Promise<void> {
  const { stdout, stderr } = process;
  const stop = new AbortController();
  void untilStopped({ withParent: false }).then(() => stop.abort());
  let broken: Error | null = null;
  let tellDrained: () => void = () => undefined;
  stdout.on('error', (error) => {
    broken = error;
    stop.abort();
    tellDrained();
  });
  stdout.on('drain', () => tellDrained());
  const drained = (): Promise<void> => {
    if (!stdout.writableNeedDrain || broken !== null) return Promise.resolve();
    return new Promise((resolve) => {
      tellDrained = resolve;
    });
  };

  const write = (text: string): boolean => stdout.write(text);
  const complain = (text: string): boolean => stderr.write(text);
  const screen = command.drawsOn && !command.json ? screenReporter(stdout, shownUrl(command.url), stdout.hasColors()) : null;
  const reporter = screen ?? (command.json ? jsonReporter(write, complain) : textReporter(write, complain));
  const restore = (): void => reporter.close();
  process.on('exit', restore);
  const followNoMore = screen === null ? () => undefined : followSuspension(screen.screen);
  const connection = { url: command.url, token: command.token, webSocketImpl: WebSocket };
  const counting =
    screen === null
      ? Promise.resolve()
      : followCounts({ connection, queues: command.queues, onCounts: (counts) => screen.counts(counts), signal: stop.signal });
  const noting = askUnknown(connection, command.queues, stop.signal).then((note) => {
    if (note !== null && !stop.signal.aborted) reporter.note(note);
  });
  let cursor: string | null = null;
  try {
    cursor = await follow(command, reporter, stop.signal, drained);
  } finally {
    stop.abort();
    await Promise.all([counting, noting]);
    followNoMore();
    restore();
    process.off('exit', restore);
  }
  if (broken !== null && !isBrokenPipe(broken)) throw broken;
  if (cursor !== null && broken === null) complain(`tasktracker: to go on from here: tasktracker watch --since ${cursor}\n`);
}
