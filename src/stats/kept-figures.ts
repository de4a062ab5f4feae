import type { Fold } from './fold/types.js';

/** Figures that are known at once, without asking anybody: what the fold in memory says. */
export type KeptFigures = Pick<Fold, 'queueNames' | 'counts' | 'oldestQueuedAt' | 'startedBefore' | 'throughput' | 'errorGroup'>;
