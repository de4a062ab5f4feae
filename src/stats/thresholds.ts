import type { LatencySummary, StuckThreshold } from './types.js';

/** An execution is stuck when it runs this many times as long as 99 of 100 of its queue did in the last 24 h. */
export const STUCK_FACTOR = 3;
/** Fewer run times than this say nothing: the default holds. */
export const STUCK_MIN_SAMPLES = 50;
export const STUCK_FLOOR_MS = 60_000;
export const STUCK_CEILING_MS = 24 * 60 * 60_000;
/** What holds where no threshold is given, and none follows from run times: as in the original model. */
export const STUCK_DEFAULT_MS = 30 * 60_000;

/** @param run the queue's run times of the last 24 h */
export function stuckThreshold(queueName: string, { count: samples, p99 }: LatencySummary): StuckThreshold {
  if (p99 === null || samples < STUCK_MIN_SAMPLES) return { queueName, timeoutMs: STUCK_DEFAULT_MS, adaptive: false, samples };
  const timeoutMs = Math.min(Math.max(Math.ceil(p99 * STUCK_FACTOR), STUCK_FLOOR_MS), STUCK_CEILING_MS);
  return { queueName, timeoutMs, adaptive: true, samples };
}
