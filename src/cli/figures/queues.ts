import type { Connection } from '../../client/connection.js';

export const STATUS_COUNTS = ['queued', 'processing', 'completed', 'failed', 'dlq', 'archived'] as const;
export type StatusCount = (typeof STATUS_COUNTS)[number];

/** How many executions of a queue stand in each status. */
export interface Counts extends Readonly<Record<StatusCount, number>> {
  readonly unknown: number;
  readonly total: number;
  /** False while the feed is behind. */
  readonly exact: boolean;
  /** STREAM: from memory; AGGREGATE: counted by the database. */
  readonly source: 'STREAM' | 'AGGREGATE';
  /** ISO instant. */
  readonly asOf: string;
}

/** Spans in ms. */
export interface Latency {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** One queue at a glance. */
export interface QueueFigures {
  readonly name: string;
  readonly counts: Counts;
  /** Mean of the last five whole minutes. */
  readonly perMinute: { readonly enqueued: number; readonly completed: number; readonly failed: number };
  /** Of this hour; of the last one where nothing was measured in this one yet; null where nothing was in either. */
  readonly wait: Latency | null;
  readonly run: Latency | null;
  /** ISO instant; null where nothing is queued. */
  readonly oldestQueuedAt: string | null;
  readonly stuckCount: number;
}

/** The figures, and the names of all queues that there are. */
export interface AskedFigures {
  readonly figures: Figures;
  readonly names: readonly string[];
}

export interface Figures {
  readonly queues: readonly QueueFigures[];
  readonly statistics: { readonly state: string; readonly progress: number; readonly reason: string | null };
  readonly feed: { readonly state: string; readonly lagMs: number | null; readonly reason: string | null };
}

/** As `queueStatsChanged` tells them. */
export const COUNT_FIELDS = `${STATUS_COUNTS.join(' ')} unknown total exact source asOf`;

const MINUTE = 60_000;
const RATE_MINUTES = 5;
const LATENCY = '{ count p50 p95 p99 max }';

const QUERY = `query Figures($minutes: DateTime!, $minute: DateTime!, $hours: DateTime!) {
  queues {
    name
    stats { ${COUNT_FIELDS} }
    oldestQueuedAt
    stuckCount
    minutes: throughput(from: $minutes, to: $minute, interval: MINUTE) { enqueued completed failed }
    hours: throughput(from: $hours, interval: HOUR) { wait ${LATENCY} run ${LATENCY} }
  }
  stats { state progress reason }
  feed { state lagMs reason }
}`;

interface Answer {
  readonly queues: readonly {
    readonly name: string;
    readonly stats: Counts;
    readonly oldestQueuedAt: string | null;
    readonly stuckCount: number;
    readonly minutes: readonly { readonly enqueued: number; readonly completed: number; readonly failed: number }[];
    readonly hours: readonly { readonly wait: Latency; readonly run: Latency }[];
  }[];
  readonly stats: Figures['statistics'];
  readonly feed: Figures['feed'];
}

function perMinute(minutes: Answer['queues'][number]['minutes'], event: 'enqueued' | 'completed' | 'failed'): number {
  if (minutes.length === 0) return 0;
  return Math.round((minutes.reduce((sum, minute) => sum + minute[event], 0) / minutes.length) * 10) / 10;
}

/**
 * Every queue that has executions, by name.
 *
 * @param wanted only these; empty: all
 * @throws OperationFailedError, ConnectionLostError
 */
export async function askFigures(connection: Connection, wanted: readonly string[], now: number = Date.now()): Promise<AskedFigures> {
  const minute = Math.floor(now / MINUTE) * MINUTE;
  const instant = (at: number): string => new Date(at).toISOString();
  const variables = { minutes: instant(minute - RATE_MINUTES * MINUTE), minute: instant(minute), hours: instant(now - 60 * MINUTE) };
  const { queues, stats, feed } = await connection.request<Answer>({ query: QUERY, variables });
  const shown = queues.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  const figures: Figures = {
    queues: shown.map(({ name, stats: counts, oldestQueuedAt, stuckCount, minutes, hours }) => ({
      name,
      counts,
      perMinute: { enqueued: perMinute(minutes, 'enqueued'), completed: perMinute(minutes, 'completed'), failed: perMinute(minutes, 'failed') },
      wait: hours.findLast(({ wait }) => wait.count > 0)?.wait ?? null,
      run: hours.findLast(({ run }) => run.count > 0)?.run ?? null,
      oldestQueuedAt,
      stuckCount,
    })),
    statistics: stats,
    feed,
  };
  return { figures, names: queues.map(({ name }) => name) };
}
