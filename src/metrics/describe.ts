import type { FeedStatus } from '../feed/types.js';
import type { StatisticsStatus } from '../stats/types.js';
import { NO_FIGURES } from '../retention/types.js';
import { createMetrics } from './metrics.js';

export interface MetricDescription {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
  readonly help: string;
}

/** Every metric there is, by name. */
export function describeMetrics(): readonly MetricDescription[] {
  const metrics = createMetrics({ version: '', maxOperations: 0, maxQueues: 0 });
  try {
    metrics.observe({ feed: { status: () => ({}) as FeedStatus, lastAnswerAt: () => null }, statistics: { status: () => ({}) as StatisticsStatus, kept: () => null }, retention: { figures: () => NO_FIGURES }, deduplication: () => 'index', alerts: null });
    const all = metrics.registry.getMetricsAsArray() as unknown as readonly { readonly name: string; readonly help: string; readonly type: string; readonly labelNames: readonly string[] }[];
    return all.map(({ name, help, type, labelNames }) => ({ name, type, labels: labelNames, help })).sort((a, b) => (a.name < b.name ? -1 : 1));
  } finally {
    metrics.close();
  }
}

/** The table of metrics as Markdown, for the documentation. */
export function renderMetricsTable(): string {
  const rows = describeMetrics().map(({ name, type, labels, help }) => `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`);
  return ['| metric | type | labels | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
