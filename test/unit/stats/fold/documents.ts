import { toExecution } from '../../../../src/model/execution.js';
import { createFold } from '../../../../src/stats/fold/fold.js';
import type { Counted, CountedFailure, Fold, FoldOptions } from '../../../../src/stats/fold/types.js';

export const NOW = Date.UTC(2026, 2, 10, 11, 37, 20, 123);
export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** An execution as it is read from a document; instants are given in ms from NOW. */
export function execution(
  fields: Partial<Record<'enqueuedAt' | 'processingStartedAt' | 'completedAt' | 'failedAt' | 'archivedAt', number>> & Record<string, unknown>,
): Counted {
  const document = Object.entries(fields).map(([name, value]) => [name, name.endsWith('At') && typeof value === 'number' ? new Date(NOW + value) : value]);
  return toExecution({ _id: 1, queueName: 'q', status: 'queued', ...Object.fromEntries(document) });
}

export function failure(id: unknown, failedAt: number, fields: Record<string, unknown> = {}): Counted {
  return execution({ _id: id, status: 'failed', failedAt, errorMessage: 'boom', errorCategory: 'transient', ...fields });
}

export interface Watched {
  readonly fold: Fold;
  /** Ms from NOW. */
  at(ms: number): void;
  insert(...executions: readonly Counted[]): CountedFailure | null;
  update(before: Counted, after: Counted): CountedFailure | null;
  remove(...executions: readonly Counted[]): void;
}

/** A fold with a clock of its own, which starts at NOW. */
export function foldAt(options: Omit<FoldOptions, 'clock'> = {}): Watched {
  let now = NOW;
  const fold = createFold({ clock: () => now, ...options });
  return {
    fold,
    at: (ms) => {
      now = NOW + ms;
    },
    insert: (...executions) => {
      let news: CountedFailure | null = null;
      const nothing = null;
      for (const one of executions) news = fold.apply(nothing, one);
      return news;
    },
    update: (before, after) => fold.apply(before, after),
    remove: (...executions) => {
      for (const one of executions) fold.apply(one, null);
    },
  };
}
