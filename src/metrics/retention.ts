import type { Registry } from 'prom-client';

import type { RetentionFigures } from '../retention/types.js';
import { ageSeconds, readCounter, readGauge, single } from './gauges.js';

export function registerRetentionMetrics(registry: Registry, figures: () => RetentionFigures, clock: () => number): void {
  readCounter(registry, {
    name: 'tasktracker_retention_executions_total',
    help: 'Executions that retention of this replica has dealt with. rule: deadLetters (archived), archived and completed (deleted).',
    labelNames: ['rule'],
    read: () => Object.entries(figures().counts).map(([rule, value]) => ({ labels: { rule }, value })),
  });
  readCounter(registry, { name: 'tasktracker_retention_runs_total', help: 'Runs of retention that this replica has made.', read: () => single(figures().runs) });
  readCounter(registry, { name: 'tasktracker_retention_failures_total', help: 'Runs of retention that ended with an error in this replica; another goes on.', read: () => single(figures().failures) });
  readGauge(registry, {
    name: 'tasktracker_retention_last_run_age_seconds',
    help: 'Since this replica last ended a run of retention. Absent before the first.',
    read: () => single(ageSeconds(figures().lastRun?.finishedAt ?? null, clock())),
  });
}
