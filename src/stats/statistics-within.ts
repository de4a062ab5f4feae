import type { QueueScope } from '../access/queue-scope.js';
import type { TaskChangeEvent } from '../feed/types.js';
import type { Execution } from '../model/execution.js';
import { fingerprintOf } from '../model/fingerprint/fingerprint.js';
import type { ReadDeadline } from '../queries/deadline.js';
import { isWithin } from '../queries/scope.js';
import { FigureReads } from './figure-reads.js';
import type { CountedFailure, FoldReading } from './fold/types.js';
import { DAY_MS } from './fold/windows.js';
import type { FigureSource } from './source.js';
import { StatisticsUntil } from './statistics-until.js';
import type { ErrorGroupNews, Statistics, StatisticsStatus } from './types.js';

const NEW_AFTER_MS = 7 * DAY_MS;

export type FailureListener = (failure: CountedFailure, event: TaskChangeEvent) => void;

/** What of the statistics of all queues those of a scope stand on. */
export interface StatisticsGround {
  readonly source: (scope: QueueScope, deadline: ReadDeadline | null) => FigureSource;
  readonly now: () => number;
  /** Figures in memory of the scope; null while there are none. */
  readonly fold: (scope: QueueScope) => FoldReading | null;
  readonly watchStuck: (queueName: string | null, timeoutMs: number, scope: QueueScope) => AsyncIterableIterator<unknown>;
  readonly onFailure: (listener: FailureListener) => () => void;
  readonly status: () => StatisticsStatus;
  readonly watchStatus: () => AsyncIterableIterator<StatisticsStatus>;
  readonly within: (scope: QueueScope) => Statistics;
}

/** Whether an execution, as it was before, was a failure of the same kind in the 7 days before this instant. */
function failedAlike(before: Execution | null, fingerprint: string, at: number): boolean {
  if (before === null || before.failedAt === null || typeof before.stored['errorMessage'] !== 'string') return false;
  const failedAt = before.failedAt.getTime();
  return failedAt <= at && failedAt > at - NEW_AFTER_MS && fingerprintOf(before.errorCategory, before.stored['errorMessage']).fingerprint === fingerprint;
}

/** The figures of the executions in a scope: "all queues" are those in it, and no other exists. */
export class StatisticsWithin extends FigureReads implements Statistics {
  readonly #ground: StatisticsGround;
  readonly #scope: QueueScope;

  constructor(ground: StatisticsGround, scope: QueueScope) {
    super();
    this.#ground = ground;
    this.#scope = scope;
  }

  protected source(): FigureSource {
    return this.#ground.source(this.#scope, null);
  }

  protected now(): number {
    return this.#ground.now();
  }

  watchStuck(queueName: string | null, timeoutMs: number): AsyncIterableIterator<unknown> {
    return this.#ground.watchStuck(queueName, timeoutMs, this.#scope);
  }

  onErrorGroup(listener: (news: ErrorGroupNews) => void): () => void {
    const scope = this.#scope;
    return this.#ground.onFailure(({ fingerprint, isNew }, { task, before, documentId }) => {
      const at = task?.failedAt?.getTime();
      if (task === null || at === undefined || !isWithin(scope, task.stored)) return;
      // What is new to all is new here; what is not may still be new to these queues.
      const isNewHere =
        isNew ||
        !(
          (before !== null && isWithin(scope, before.stored) && failedAlike(before, fingerprint, at)) ||
          (this.#ground.fold(scope)?.failedLately(fingerprint, null, { at, documentId }) ?? false)
        );
      listener({ fingerprint, queueName: task.queueName, isNew: isNewHere });
    });
  }

  status(): StatisticsStatus {
    return this.#ground.status();
  }

  watchStatus(): AsyncIterableIterator<StatisticsStatus> {
    return this.#ground.watchStatus();
  }

  within(scope: QueueScope): Statistics {
    return this.#ground.within(scope);
  }

  until(deadline: ReadDeadline): Statistics {
    return new StatisticsUntil({ whole: this, source: () => this.#ground.source(this.#scope, deadline), now: this.#ground.now }, deadline);
  }
}
