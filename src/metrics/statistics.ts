import type { Registry } from 'prom-client';

import type { StatisticsState, StatisticsStatus } from '../stats/types.js';
import { ageSeconds, oneHot, readGauge, single } from './gauges.js';

const STATES = ['BOOTSTRAPPING', 'READY', 'UNAVAILABLE'] as const satisfies readonly StatisticsState[];

export function registerStatisticsMetrics(registry: Registry, status: () => StatisticsStatus, clock: () => number): void {
  readGauge(registry, {
    name: 'tasktracker_statistics_state',
    help: 'Where figures come from: 1 for the state that holds. READY: from memory.',
    labelNames: ['state'],
    read: () => oneHot('state', STATES, status().state),
  });
  readGauge(registry, { name: 'tasktracker_statistics_scan_progress_ratio', help: 'How much of the scan of the collection is done, 0 to 1.', read: () => single(status().progress) });
  readGauge(registry, {
    name: 'tasktracker_statistics_drift_counts',
    help: 'Counts that the last comparison with the database found wrong, and had made anew. Must be 0. Absent before the first.',
    read: () => single(status().lastReconciliationAt === null ? null : status().lastDrift),
  });
  readGauge(registry, {
    name: 'tasktracker_statistics_reconciliation_age_seconds',
    help: 'Since the counts were last compared with the database. Absent before the first.',
    read: () => single(ageSeconds(status().lastReconciliationAt, clock())),
  });
  readGauge(registry, {
    name: 'tasktracker_statistics_checkpoint_age_seconds',
    help: 'Since this replica last saved the figures. Absent before the first; it grows while nothing changes.',
    read: () => single(ageSeconds(status().lastCheckpointAt, clock())),
  });
}
