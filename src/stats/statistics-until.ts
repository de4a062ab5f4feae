import type { QueueScope } from '../access/queue-scope.js';
import type { ReadDeadline } from '../queries/deadline.js';
import { FigureReads } from './figure-reads.js';
import type { FigureSource } from './source.js';
import type { ErrorGroupNews, Statistics, StatisticsStatus } from './types.js';

/** What the statistics of one operation stand on. */
export interface OperationGround {
  /** The same statistics, without a deadline. */
  readonly whole: Statistics;
  readonly source: () => FigureSource;
  readonly now: () => number;
}

/** Statistics for one operation: no read of the database goes on beyond its deadline. What is watched has none. */
export class StatisticsUntil extends FigureReads implements Statistics {
  readonly #ground: OperationGround;
  readonly #deadline: ReadDeadline;

  constructor(ground: OperationGround, deadline: ReadDeadline) {
    super();
    this.#ground = ground;
    this.#deadline = deadline;
  }

  protected source(): FigureSource {
    return this.#ground.source();
  }

  protected now(): number {
    return this.#ground.now();
  }

  watchStuck(queueName: string | null, timeoutMs: number): AsyncIterableIterator<unknown> {
    return this.#ground.whole.watchStuck(queueName, timeoutMs);
  }

  onErrorGroup(listener: (news: ErrorGroupNews) => void): () => void {
    return this.#ground.whole.onErrorGroup(listener);
  }

  status(): StatisticsStatus {
    return this.#ground.whole.status();
  }

  watchStatus(): AsyncIterableIterator<StatisticsStatus> {
    return this.#ground.whole.watchStatus();
  }

  within(scope: QueueScope): Statistics {
    return this.#ground.whole.within(scope).until(this.#deadline);
  }

  until(deadline: ReadDeadline): Statistics {
    return this.#ground.whole.until(deadline);
  }
}
