import { ALL_QUEUES } from './queues.js';
import type { DeadLetter, TaskApi } from './task-api.js';

/** So many dead letters are handled at a time, and more when many are waiting. */
const AT_A_TIME = 2;
const COMFORTABLE_BACKLOG = 20;
/** A task that came back from a manual retry is not tried for ever. */
const MOST_ATTEMPTS = 6;

/** Plays the person who looks after the dead-letter queue: retries what may succeed, archives the rest. */
export class Operator {
  #handled = 0;

  constructor(private readonly api: TaskApi) {}

  async handleDeadLetters(): Promise<void> {
    const { items, total } = await this.api.deadLetters(ALL_QUEUES, 50);
    const count = Math.max(AT_A_TIME, Math.ceil((total - COMFORTABLE_BACKLOG) / 4));
    for (const letter of items.slice(0, count)) {
      this.#handled += 1;
      if (this.#handled % 3 === 0 && letter.retryChain.attemptCount < MOST_ATTEMPTS) {
        await this.api.retry(letter.executionId, 'Manual retry by the operator');
      } else {
        await this.api.archive(letter.executionId, reasonFor(letter));
      }
    }
  }
}

function reasonFor(letter: DeadLetter): string {
  return letter.errorCategory === 'VALIDATION' ? 'Non-recoverable error' : 'Given up by the operator';
}
