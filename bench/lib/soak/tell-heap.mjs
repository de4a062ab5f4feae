/** Loaded into the API before its own code: tells the parent what the heap holds after each full collection, in MB. */
import { constants, PerformanceObserver } from 'node:perf_hooks';

const MB = 1024 * 1024;

new PerformanceObserver((list) => {
  const full = list.getEntries().some(({ detail }) => detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR);
  if (!full || !process.connected) return;
  process.send({ heapMb: process.memoryUsage().heapUsed / MB });
}).observe({ entryTypes: ['gc'] });
// The parent may end first, and nothing here waits for it.
process.channel?.unref();
