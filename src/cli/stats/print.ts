import Table from 'cli-table3';
import { WebSocket } from 'ws';

import { Connection } from '../../client/connection.js';
import { toFiguresError } from '../figures/failure.js';
import { askFigures, type Figures, STATUS_COUNTS } from '../figures/queues.js';
import { ageOf, shownSpan } from '../figures/spans.js';
import { noteOfUnknown } from '../figures/unknown-queues.js';
import { printable } from '../watch/line.js';

export interface StatsCommand {
  readonly url: string;
  readonly token: string | undefined;
  /** Only these; empty: all. */
  readonly queues: readonly string[];
  readonly json: boolean;
}

export interface StatsAnswer {
  /** A table, or one JSON document of the shape of `Figures`. */
  readonly text: string;
  /** What is to be said beside it; null where there is nothing. */
  readonly note: string | null;
}

/**
 * The figures of the queues as they are now.
 *
 * @throws WatchCommandError where no server answers, or it refuses
 */
export async function printStats({ url, token, queues, json }: StatsCommand): Promise<StatsAnswer> {
  const connection = await Connection.open({ url, token, webSocketImpl: WebSocket });
  try {
    await connection.ready;
    const { figures, names } = await askFigures(connection, queues);
    return { text: json ? `${JSON.stringify(figures, null, 2)}\n` : tableOf(figures), note: noteOfUnknown(queues, names) };
  } catch (error) {
    throw toFiguresError(error, url);
  } finally {
    connection.close();
  }
}

function tableOf({ queues, statistics, feed }: Figures): string {
  const head = ['queue', ...STATUS_COUNTS, 'in/min', 'done/min', 'fail/min', 'wait p95', 'run p95', 'oldest', 'stuck'];
  const table = new Table({ head, colAligns: head.map((_, index) => (index === 0 ? 'left' : 'right')), style: { head: [], border: [], compact: true } });
  const now = Date.now();
  for (const { name, counts, perMinute, wait, run, oldestQueuedAt, stuckCount } of queues) {
    const times = [shownSpan(wait?.p95 ?? null), shownSpan(run?.p95 ?? null), shownSpan(ageOf(oldestQueuedAt, now))];
    table.push([printable(name), ...STATUS_COUNTS.map((status) => counts[status]), perMinute.enqueued, perMinute.completed, perMinute.failed, ...times, stuckCount]);
  }
  const feedLine = `feed ${feed.state}${feed.lagMs === null ? '' : `, ${Math.round(feed.lagMs)} ms behind`}${feed.reason === null ? '' : ` (${feed.reason})`}`;
  return `${table.toString()}\n${feedLine}; figures ${statistics.state}\n`;
}
