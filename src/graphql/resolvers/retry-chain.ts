import { summariseChain } from '../../model/derived.js';
import type { Execution } from '../../model/execution.js';
import type { RetryChain } from '../types/retry-chain.js';

/** The chain of these attempts, of which there is at least one, oldest first, as of `now`. */
export function retryChainOf(attempts: readonly Execution[], now: Date): RetryChain {
  const { latest, status, startedAt, settledAt, totalWaitMs, totalRunMs } = summariseChain(attempts, now);
  return {
    taskId: latest.taskId,
    attempts,
    attemptCount: attempts.length,
    latest,
    status,
    startedAt,
    settledAt,
    totalWaitMs,
    totalRunMs,
  };
}
