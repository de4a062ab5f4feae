import { Gauge, type Registry } from 'prom-client';

import { OTHER_QUEUES, type StatusCounts } from '../stats/fold/types.js';
import type { KeptFigures } from '../stats/kept-figures.js';

const STATUSES = ['queued', 'processing', 'completed', 'failed', 'dlq', 'archived', 'unknown'] as const satisfies readonly (keyof StatusCounts)[];
/** From when on an execution counts as stuck in the metrics: the default of the API's `stuckTasks`, in ms. */
const STUCK_MS = 30 * 60_000;

interface QueueReading {
  readonly counts: Record<(typeof STATUSES)[number], number>;
  oldestQueuedAt: number | null;
  stuck: number;
}

const nothing = (): QueueReading => ({ counts: { queued: 0, processing: 0, completed: 0, failed: 0, dlq: 0, archived: 0, unknown: 0 }, oldestQueuedAt: null, stuck: 0 });

/** Which queues have series of their own: once one has, it keeps them while it exists, so that no series comes and goes. */
class QueueChoice {
  readonly #limit: number;
  #chosen = new Set<string>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The largest queues take the places that are free. */
  of(names: readonly string[], sizeOf: (name: string) => number): ReadonlySet<string> {
    const kept = new Set(names.length > this.#limit ? names.filter((name) => this.#chosen.has(name)) : names);
    if (kept.size < this.#limit && kept.size < names.length) {
      const sizes = names.filter((name) => !kept.has(name)).map((name) => ({ name, size: sizeOf(name) }));
      sizes.sort((a, b) => b.size - a.size || (a.name < b.name ? -1 : 1));
      for (const { name } of sizes.slice(0, this.#limit - kept.size)) kept.add(name);
    }
    this.#chosen = kept;
    return kept;
  }
}

function totalOf(counts: StatusCounts): number {
  return STATUSES.reduce((sum, status) => sum + counts[status], 0);
}

/** Reads what is in memory; all queues without series of their own are summed up as one. */
function read(figures: KeptFigures, choice: QueueChoice, now: number): ReadonlyMap<string, QueueReading> {
  const names = figures.queueNames();
  const sizeOf = (name: string): number => {
    const counts = figures.counts(name);
    return counts === null ? 0 : totalOf(counts);
  };
  const chosen = choice.of(names, sizeOf);
  const readings = new Map<string, QueueReading>();
  for (const name of names) {
    const label = chosen.has(name) ? name : OTHER_QUEUES;
    const reading = readings.get(label) ?? nothing();
    readings.set(label, reading);
    const counts = figures.counts(name);
    if (counts !== null) for (const status of STATUSES) reading.counts[status] += counts[status];
    const oldest = figures.oldestQueuedAt(name)?.getTime() ?? null;
    if (oldest !== null) reading.oldestQueuedAt = Math.min(reading.oldestQueuedAt ?? oldest, oldest);
    reading.stuck += figures.startedBefore(name, new Date(now - STUCK_MS));
  }
  return readings;
}

/**
 * Figures of the queues, as memory has them: none while the statistics are not READY.
 * @param maxQueues how many queues have series of their own
 */
export function registerQueueMetrics(registry: Registry, kept: () => KeptFigures | null, maxQueues: number, clock: () => number): void {
  const choice = new QueueChoice(maxQueues);
  const registers = [registry];
  // Its `collect` sets all of them: a registry collects in the order of registration.
  const queues = new Gauge({
    name: 'tasktracker_queues',
    help: 'Queues that an execution names. Absent, as all figures of queues, while they are not in memory.',
    registers,
    collect() {
      for (const gauge of [executions, oldest, stuck]) gauge.reset();
      const figures = kept();
      if (figures === null) {
        this.remove();
        return;
      }
      const now = clock();
      this.set(figures.queueNames().length);
      for (const [queue, reading] of read(figures, choice, now)) {
        for (const status of STATUSES) executions.set({ queue, status }, reading.counts[status]);
        oldest.set({ queue }, reading.oldestQueuedAt === null ? 0 : Math.max(0, now - reading.oldestQueuedAt) / 1000);
        stuck.set({ queue }, reading.stuck);
      }
    },
  });
  queues.remove();
  const executions = new Gauge({ name: 'tasktracker_queue_executions', help: 'Executions of a queue by status. unknown: a stored status that is none of ours.', labelNames: ['queue', 'status'], registers });
  const oldest = new Gauge({ name: 'tasktracker_queue_oldest_queued_age_seconds', help: 'How long the longest-waiting queued execution of a queue has waited; 0 where none waits.', labelNames: ['queue'], registers });
  const stuck = new Gauge({ name: 'tasktracker_queue_stuck_executions', help: 'Executions of a queue that have been processing for more than 30 minutes.', labelNames: ['queue'], registers });
}
