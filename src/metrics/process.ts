import { type EventLoopUtilization, monitorEventLoopDelay, performance } from 'node:perf_hooks';

import { Gauge, type Registry } from 'prom-client';

import { readCounter, readGauge, single } from './gauges.js';

/** How often the delay of the event loop is sampled, in ms. */
const RESOLUTION_MS = 10;

/**
 * What prom-client's `collectDefaultMetrics` says of the process, under the same names; but what it measures with ends
 * with the application, of which there may be several in one process.
 *
 * @returns how to stop measuring
 */
export function registerProcessMetrics(registry: Registry): () => void {
  const cpu = (part: 'user' | 'system') => process.cpuUsage()[part] / 1e6;
  readCounter(registry, { name: 'process_cpu_user_seconds_total', help: 'Time that the process has spent in user mode.', read: () => single(cpu('user')) });
  readCounter(registry, { name: 'process_cpu_system_seconds_total', help: 'Time that the process has spent in the system.', read: () => single(cpu('system')) });
  readCounter(registry, { name: 'process_cpu_seconds_total', help: 'Both together.', read: () => single(cpu('user') + cpu('system')) });
  readGauge(registry, { name: 'process_start_time_seconds', help: 'When the process began.', read: () => single(performance.timeOrigin / 1000) });
  readGauge(registry, { name: 'process_resident_memory_bytes', help: 'Resident memory of the process.', read: () => single(process.memoryUsage.rss()) });
  readGauge(registry, { name: 'nodejs_heap_size_total_bytes', help: 'Heap that the process has reserved.', read: () => single(process.memoryUsage().heapTotal) });
  readGauge(registry, { name: 'nodejs_heap_size_used_bytes', help: 'Heap in use.', read: () => single(process.memoryUsage().heapUsed) });
  readGauge(registry, { name: 'nodejs_external_memory_bytes', help: 'Memory of buffers outside the heap.', read: () => single(process.memoryUsage().external) });
  readGauge(registry, { name: 'nodejs_version_info', help: 'Version of Node.js.', labelNames: ['version'], read: () => [{ labels: { version: process.version }, value: 1 }] });
  return registerEventLoopMetrics(registry);
}

function registerEventLoopMetrics(registry: Registry): () => void {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  /** Sampled intervals hold the resolution itself. */
  const seconds = (nanoseconds: number): number => (Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1000) : 0);
  const registers = [registry];
  // Its `collect` sets all of them: a registry collects in the order of registration.
  new Gauge({
    name: 'nodejs_eventloop_lag_mean_seconds',
    help: 'How late the event loop was on average since the last scrape.',
    registers,
    collect() {
      const isEmpty = delay.count === 0;
      this.set(isEmpty ? 0 : seconds(delay.mean));
      p50.set(isEmpty ? 0 : seconds(delay.percentile(50)));
      p99.set(isEmpty ? 0 : seconds(delay.percentile(99)));
      max.set(isEmpty ? 0 : seconds(delay.max));
      delay.reset();
    },
  });
  const p50 = new Gauge({ name: 'nodejs_eventloop_lag_p50_seconds', help: 'Half of the samples since the last scrape were no later.', registers });
  const p99 = new Gauge({ name: 'nodejs_eventloop_lag_p99_seconds', help: '99 of 100 samples since the last scrape were no later.', registers });
  const max = new Gauge({ name: 'nodejs_eventloop_lag_max_seconds', help: 'The latest sample since the last scrape.', registers });
  let last: EventLoopUtilization = performance.eventLoopUtilization();
  readGauge(registry, {
    name: 'nodejs_eventloop_utilization_ratio',
    help: 'Share of the time since the last scrape in which the event loop was busy, 0 to 1.',
    read: () => {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, last);
      last = now;
      return single(Number.isFinite(utilization) ? utilization : 0);
    },
  });
  return () => delay.disable();
}
