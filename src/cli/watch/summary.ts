import { setTimeout as delay } from 'node:timers/promises';

import type { ConnectionOptions } from '../../client/connection.js';
import { whileConnected } from '../while-connected.js';

export interface QueueCounts {
  readonly queueName: string;
  readonly queued: number;
  readonly processing: number;
  readonly completed: number;
  readonly failed: number;
  readonly dlq: number;
  readonly archived: number;
  readonly total: number;
}

const COUNTS = `subscription WatchCounts($minIntervalMs: Int) {
  queueStatsChanged(minIntervalMs: $minIntervalMs) { queueName queued processing completed failed dlq archived total }
}`;
const MIN_INTERVAL_MS = 500;
const RETRY_MS = 1_000;

export interface SummaryOptions {
  readonly connection: ConnectionOptions;
  /** Only these queues; empty: all. */
  readonly queues: readonly string[];
  /** Told after each change with the counts of every queue. */
  readonly onCounts: (counts: readonly QueueCounts[]) => void;
  readonly signal: AbortSignal;
}

/** One subscription until it ends, however it ends. */
async function followOnce({ connection: options, queues, onCounts, signal }: SummaryOptions): Promise<void> {
  const counts = new Map<string, QueueCounts>();
  await whileConnected(
    options,
    signal,
    (connection) =>
      new Promise<void>((resolve) => {
        connection.subscribe<{ readonly queueStatsChanged: QueueCounts }>({ query: COUNTS, variables: { minIntervalMs: MIN_INTERVAL_MS } }, {
          next({ queueStatsChanged: each }) {
            if (queues.length > 0 && !queues.includes(each.queueName)) return;
            if (each.total === 0) counts.delete(each.queueName);
            else counts.set(each.queueName, each);
            onCounts([...counts.values()]);
          },
          end: () => resolve(),
        });
      }),
  );
}

/**
 * Keeps the counts of the queues up to date until the signal. What goes wrong is not told: the watch beside it meets the
 * same and tells.
 */
export async function followCounts(options: SummaryOptions): Promise<void> {
  while (!options.signal.aborted) {
    await followOnce(options).catch(() => undefined);
    await delay(RETRY_MS, undefined, { signal: options.signal }).catch(() => undefined);
  }
}
