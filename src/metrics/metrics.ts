import { Counter, Registry } from 'prom-client';

import type { RetentionFigures } from '../retention/types.js';
import type { KeptFigures } from '../stats/kept-figures.js';
import type { StatisticsStatus } from '../stats/types.js';
import { type MeasuredAlerts, registerAlertMetrics } from './alerts.js';
import { type PoolEvents, registerPoolMetrics } from './database-pool.js';
import { type MeasuredFeed, registerFeedMetrics } from './feed.js';
import { oneHot, readGauge } from './gauges.js';
import { OperationMetrics } from './operations.js';
import { registerProcessMetrics } from './process.js';
import { registerQueueMetrics } from './queues.js';
import { registerRetentionMetrics } from './retention.js';
import { registerServerMetrics } from './server.js';
import { ServerCounts } from './server-counts.js';
import { registerStatisticsMetrics } from './statistics.js';

export interface MetricsOptions {
  /** Of TaskTracker. */
  readonly version: string;
  /** How many operation names have series of their own; the rest share one. */
  readonly maxOperations: number;
  /** How many queues have series of their own; the rest share one. */
  readonly maxQueues: number;
  /** Now, in ms since 1970. Default: the system's clock. */
  readonly clock?: (() => number) | undefined;
}

/** What the metrics are read from, once it is there. Reading asks nobody: all of it is in memory. */
export interface MetricsSources {
  readonly feed: MeasuredFeed;
  readonly statistics: { status(): StatisticsStatus; kept(): KeptFigures | null };
  readonly retention: { figures(): RetentionFigures };
  readonly deduplication: () => 'index' | 'check';
  /** Null where there are no rules. */
  readonly alerts: MeasuredAlerts | null;
}

/** The metrics of one application, in a registry of its own. */
export interface Metrics {
  readonly registry: Registry;
  readonly operations: OperationMetrics;
  readonly counts: ServerCounts;
  /** To be given the driver's client before it connects. */
  watchPool(client: PoolEvents): void;
  /** To be called once, when the parts are there. */
  observe(sources: MetricsSources): void;
  /** All of it in the text format of Prometheus, version 0.0.4. Requests that come together share one reading. */
  text(): Promise<string>;
  readonly contentType: string;
  /** Stops measuring. */
  close(): void;
}

export function createMetrics({ version, maxOperations, maxQueues, clock = Date.now }: MetricsOptions): Metrics {
  const registry = new Registry();
  const counts = new ServerCounts();
  readGauge(registry, { name: 'tasktracker_build_info', help: 'Version of TaskTracker.', labelNames: ['version'], read: () => [{ labels: { version }, value: 1 }] });
  const operations = new OperationMetrics(registry, maxOperations);
  registerServerMetrics(registry, counts);
  const watchPool = registerPoolMetrics(registry);
  const stopProcess = registerProcessMetrics(registry);
  const scrapes = new Counter({ name: 'tasktracker_metrics_scrapes_total', help: 'How often these metrics were read.', registers: [registry] });
  let running: Promise<string> | undefined;
  return {
    registry,
    operations,
    counts,
    watchPool,
    observe({ feed, statistics, retention, deduplication, alerts }) {
      registerFeedMetrics(registry, feed, clock);
      registerStatisticsMetrics(registry, () => statistics.status(), clock);
      registerRetentionMetrics(registry, () => retention.figures(), clock);
      registerAlertMetrics(registry, alerts);
      registerQueueMetrics(registry, () => statistics.kept(), maxQueues, clock);
      readGauge(registry, {
        name: 'tasktracker_deduplication_mode',
        help: 'How a second active execution of a task is kept out: 1 for the mode that holds. index: the database refuses it; check: a read before the insert, which races.',
        labelNames: ['mode'],
        read: () => oneHot('mode', ['index', 'check'], deduplication()),
      });
    },
    text() {
      scrapes.inc();
      running ??= registry.metrics().finally(() => {
        running = undefined;
      });
      return running;
    },
    contentType: registry.contentType,
    close: stopProcess,
  };
}
