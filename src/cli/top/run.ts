import { render } from 'ink';
import { createElement } from 'react';
import { WebSocket } from 'ws';

import { shownUrl } from '../../client/web-socket.js';
import { toFiguresError } from '../figures/failure.js';
import { untilStopped } from '../signals.js';
import { WatchCommandError } from '../watch/failure.js';
import { ENTER, LEAVE } from '../watch/screen.js';
import { TopFollower } from './follow.js';
import { layout } from './layout.js';
import { afterEvent, afterKey, initialState, type TopKey, type TopState } from './state.js';
import { Screen } from './view.js';

export interface TopCommand {
  readonly url: string;
  readonly token: string | undefined;
  /** Only these queues; empty: all. */
  readonly queues: readonly string[];
  /** Whether stdout is a terminal that can be drawn on. */
  readonly drawsOn: boolean;
}

/** Least time between two pictures, in ms. Ages move once a second. */
const DRAW_MS = 100;
const AGES_MS = 1_000;
const FALLBACK = { columns: 80, rows: 24 };

/**
 * `tasktracker top`: draws until q, Ctrl-C, SIGTERM or SIGHUP, and gives the terminal back as it was.
 *
 * @throws WatchCommandError where stdout is no terminal, no server answers at first, or it refuses
 */
export async function runTop({ url, token, queues, drawsOn }: TopCommand): Promise<void> {
  const { stdout } = process;
  if (!drawsOn) throw new WatchCommandError('`tasktracker top` draws on a terminal, and this is none.', 'For programs there are `tasktracker stats --json` and `tasktracker watch --json`.');
  const stop = new AbortController();
  let state: TopState = initialState(shownUrl(url));
  let drawing: NodeJS.Timeout | null = null;

  const size = (): { columns: number; rows: number } => ({ columns: stdout.columns || FALLBACK.columns, rows: (stdout.rows || FALLBACK.rows) - 1 });
  const onKey = (key: TopKey): void => {
    const next = afterKey(state, key);
    if (next === null) {
      stop.abort();
      return;
    }
    state = next;
    follower.failuresOf = state.failuresOf;
    draw();
  };
  const picture = () => createElement(Screen, { lines: layout(state, size(), Date.now()), colours: stdout.hasColors(), onKey });
  const draw = (): void => {
    drawing ??= setTimeout(() => {
      drawing = null;
      screen.rerender(picture());
    }, DRAW_MS);
  };
  const follower = new TopFollower({
    connection: { url, token, webSocketImpl: WebSocket },
    queues,
    tell: (event) => {
      state = afterEvent(state, event);
      draw();
    },
    signal: stop.signal,
  });

  stdout.write(ENTER);
  const restore = (): void => void stdout.write(LEAVE);
  process.on('exit', restore);
  void untilStopped({ withParent: false }).then(() => stop.abort());
  const screen = render(picture(), { exitOnCtrlC: false, patchConsole: false });
  const aging = setInterval(draw, AGES_MS);
  stdout.on('resize', draw);
  try {
    await follower.run();
  } catch (error) {
    throw toFiguresError(error, url);
  } finally {
    clearInterval(aging);
    if (drawing !== null) clearTimeout(drawing);
    stdout.off('resize', draw);
    screen.unmount();
    restore();
    process.off('exit', restore);
  }
}
