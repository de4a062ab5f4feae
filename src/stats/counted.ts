import { toExecution, type StoredDocument } from '../model/execution.js';
import type { Counted, Fold } from './fold/types.js';

/** What has to be fetched of a document so that `countedOf` says of it what it would say of the whole. */
export const COUNTED_FIELDS: Readonly<Record<string, 1>> = {
  queueName: 1,
  status: 1,
  enqueuedAt: 1,
  processingStartedAt: 1,
  completedAt: 1,
  failedAt: 1,
  archivedAt: 1,
  errorMessage: 1,
  errorCategory: 1,
};

/** The instants that events and depths are counted by. */
export const COUNTED_INSTANTS = ['enqueuedAt', 'processingStartedAt', 'completedAt', 'failedAt', 'archivedAt'] as const;

const NOTHING = null;

/** Counts a stored document in a fold that does not hold it. */
export function addTo(fold: Fold, document: StoredDocument): void {
  fold.apply(NOTHING, countedOf(document));
}

export function countedOf(document: StoredDocument): Counted {
  return toExecution(document);
}
