import { setTimeout as delay } from 'node:timers/promises';

import type { Connection, ConnectionOptions } from '../../client/connection.js';
import { OperationFailedError } from '../../client/errors.js';
import { askFigures, COUNT_FIELDS, type Counts, type Figures } from '../figures/queues.js';
import { noteOfUnknown } from '../figures/unknown-queues.js';
import { whileConnected } from '../while-connected.js';
import type { Failure, TopEvent } from './state.js';

const FAILURES_SHOWN = 100;
const COUNTS_MS = 500;
/** Figures that no subscription tells are asked again at most so often, in ms, and only after something has changed. */
const FIGURES_MS = 2_000;
/** The same while the database has to count them. */
const COUNTED_FIGURES_MS = 15_000;
/** Rates and latencies belong to minutes: they move with the clock too. */
const MINUTE = 60_000;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 5_000;

const COUNTS = `subscription TopCounts($ms: Int) { queueStatsChanged(minIntervalMs: $ms) { queueName ${COUNT_FIELDS} } }`;
const FEED = 'subscription TopFeed { feedStatus { state lagMs reason } }';
const STATISTICS = 'subscription TopStatistics { statsChanged { state progress reason } }';
const STUCK = 'subscription TopStuck { stuckTaskDetected { queueName } }';
const FAILURES = `subscription TopFailures($queues: [String!], $first: Int) {
  liveTasks(filter: { status: [FAILED, DLQ], queueName: $queues }, orderBy: { field: FAILED_AT, direction: DESC }, first: $first) {
    kind
    index
    task { ...F }
    tasks { ...F }
  }
}
fragment F on TaskTracker { executionId taskId queueName status retryCount errorMessage failedAt }`;

interface ListChange {
  readonly kind: string;
  readonly index: number | null;
  readonly task: Failure | null;
  readonly tasks: readonly Failure[];
}

/** The list after a message of `liveTasks` (docs/feed.md). */
function folded(list: readonly Failure[], { kind, index, task, tasks }: ListChange): readonly Failure[] {
  if (kind === 'SNAPSHOT') return tasks;
  if (index === null) return list;
  if (kind === 'LEAVE') return list.toSpliced(index, 1);
  if (task === null) return list;
  return list.toSpliced(index, kind === 'UPDATE' ? 1 : 0, task);
}

export interface FollowOptions {
  readonly connection: ConnectionOptions;
  /** Only these queues; empty: all. */
  readonly queues: readonly string[];
  readonly tell: (event: TopEvent) => void;
  readonly signal: AbortSignal;
}

/** Tells of a server until the signal, over lost connections. What it tells is pushed by the server. */
export class TopFollower {
  readonly #options: FollowOptions;
  #connection: Connection | null = null;
  #failuresOf: string | null = null;
  #stopFailures: () => void = () => undefined;
  #changed: () => void = () => undefined;

  constructor(options: FollowOptions) {
    this.#options = options;
  }

  /** Whose failures are wanted; null: those of all. */
  set failuresOf(queueName: string | null) {
    if (queueName === this.#failuresOf) return;
    this.#failuresOf = queueName;
    if (this.#connection !== null) this.#followFailures(this.#connection);
  }

  /** Resolves at the signal. Rejects where the first connection fails: then the address is likely wrong. */
  async run(): Promise<void> {
    const { signal, tell } = this.#options;
    let hasBeen = false;
    for (let tries = 0; !signal.aborted; tries += 1) {
      try {
        await this.#once(() => {
          hasBeen = true;
          tries = 0;
        });
      } catch (error) {
        if (signal.aborted) return;
        if (!hasBeen) throw error;
        tell({ type: 'lost', reason: (error as Error).message, at: Date.now() });
      }
      await delay(Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** tries), undefined, { signal }).catch(() => undefined);
    }
  }

  /** Over one connection, until it is lost or the server ends what was asked: rejects with why. */
  #once(connected: () => void): Promise<void> {
    const { connection: options, signal } = this.#options;
    return whileConnected(options, signal, async (connection) => {
      this.#connection = connection;
      let isOver = (): boolean => false;
      const ended = new Promise<never>((_resolve, reject) => {
        let over = false;
        isOver = () => over;
        const end = (error: Error | null): void => {
          over = true;
          this.#changed();
          reject(error ?? new Error('the server ended a subscription'));
        };
        this.#subscribe(connection, end);
      });
      ended.catch(() => undefined);
      try {
        await Promise.race([ended, this.#keepFigures(connection, connected, () => isOver())]);
        await ended;
      } finally {
        this.#connection = null;
      }
    });
  }

  #subscribe(connection: Connection, end: (error: Error | null) => void): void {
    const { queues, tell } = this.#options;
    connection.subscribe<{ readonly queueStatsChanged: Counts & { readonly queueName: string } }>(
      { query: COUNTS, variables: { ms: COUNTS_MS } },
      {
        next: ({ queueStatsChanged: { queueName, ...counts } }) => {
          if (queues.length > 0 && !queues.includes(queueName)) return;
          tell({ type: 'counts', name: queueName, counts });
          this.#changed();
        },
        end,
      },
    );
    connection.subscribe<{ readonly feedStatus: Figures['feed'] }>({ query: FEED }, { next: ({ feedStatus: feed }) => tell({ type: 'feed', feed }), end });
    connection.subscribe<{ readonly statsChanged: Figures['statistics'] }>(
      { query: STATISTICS },
      {
        next: ({ statsChanged: statistics }) => {
          tell({ type: 'statistics', statistics });
          this.#changed();
        },
        end,
      },
    );
    connection.subscribe({ query: STUCK }, { next: () => this.#changed(), end });
    this.#followFailures(connection, end);
  }

  #followFailures(connection: Connection, end: (error: Error | null) => void = () => connection.close()): void {
    const { queues, tell } = this.#options;
    this.#stopFailures();
    let list: readonly Failure[] = [];
    const wanted = this.#failuresOf === null ? queues : [this.#failuresOf];
    const variables = { first: FAILURES_SHOWN, queues: wanted.length === 0 ? null : wanted };
    this.#stopFailures = connection.subscribe<{ readonly liveTasks: ListChange }>(
      { query: FAILURES, variables },
      {
        next: ({ liveTasks }) => {
          list = folded(list, liveTasks);
          tell({ type: 'failures', failures: list });
        },
        end,
      },
    );
  }

  /** Asks for the figures at once, after each change, and at the turn of a minute. */
  async #keepFigures(connection: Connection, connected: () => void, isOver: () => boolean): Promise<void> {
    const { queues, tell, signal } = this.#options;
    for (let first = true; !isOver(); first = false) {
      let wake: () => void = () => undefined;
      const change = new Promise<void>((resolve) => {
        wake = resolve;
        this.#changed = resolve;
      });
      let inMemory = false;
      try {
        const { figures, names } = await askFigures(connection, queues);
        inMemory = figures.statistics.state === 'READY';
        tell({ type: 'figures', figures, note: noteOfUnknown(queues, names) });
      } catch (error) {
        // The server is there, and cannot say: the next time, it may.
        if (first || !(error instanceof OperationFailedError)) throw error;
        tell({ type: 'trouble', reason: error.message });
        wake();
      }
      if (first) {
        tell({ type: 'connected' });
        connected();
      }
      await delay(inMemory ? FIGURES_MS : COUNTED_FIGURES_MS, undefined, { signal });
      const minute = setTimeout(wake, MINUTE - (Date.now() % MINUTE));
      await change;
      clearTimeout(minute);
    }
  }
}
