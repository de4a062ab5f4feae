import { ALL_QUEUES, NOTIFICATIONS } from './queues.js';
import type { FailedItem, TaskApi } from './task-api.js';

/** The first retry waits so long, the next ones twice as long each, in ms. */
const RETRY_WAIT_MS = 2_000;
/** The old-style worker retries what it failed itself; what it has left for so long, it has lost. */
const ABANDONED_MS = 20_000;
/** How far back failures are looked for. Older ones were retried, or are beyond their budget. */
const LOOK_BACK_MS = 90_000;

/** Fails what a lost worker left behind, and retries what failed while its budget lasts. */
export class Watchdog {
  constructor(
    private readonly api: TaskApi,
    /** An execution that processes for longer than this has lost its worker, in ms. */
    private readonly stuckAfterMs: number,
  ) {}

  /** How many executions it declared failed. */
  async failStuck(): Promise<number> {
    let failed = 0;
    for (const item of await this.api.stuck(this.stuckAfterMs)) {
      const done = await this.api.fail(item.executionId, {
        errorMessage: `The worker was lost: not settled within ${this.stuckAfterMs / 1000} s`,
        errorCategory: 'TRANSIENT',
        recoverable: true,
      });
      if (done) failed += 1;
    }
    return failed;
  }

  async retryFailed(): Promise<void> {
    const now = Date.now();
    for (const queue of ALL_QUEUES) {
      const wait = queue === NOTIFICATIONS ? ABANDONED_MS : RETRY_WAIT_MS;
      for (const item of await this.api.failed(queue, new Date(now - LOOK_BACK_MS), new Date(now - wait))) {
        if (isDue(item, wait, now)) await this.api.retry(item.executionId, 'Automatic retry');
      }
    }
  }
}

function isDue(item: FailedItem, wait: number, now: number): boolean {
  const isLatest = item.retryChain.latest.executionId === item.executionId;
  return isLatest && item.canRetry && now >= Date.parse(item.failedAt) + wait * 2 ** item.retryCount;
}
