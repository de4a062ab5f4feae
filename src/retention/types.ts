import { NO_COUNTS, type RetentionCounts, type RuleName } from './rules.js';

/** What one run of retention came to. */
export interface RetentionRun {
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly counts: RetentionCounts;
}

/** What a run would do now. */
export interface RetentionPreview {
  readonly rules: readonly { readonly name: RuleName; readonly days: number; readonly matched: number }[];
}

/** What this replica has done since it started, for metrics. */
export interface RetentionFigures {
  readonly runs: number;
  /** Runs that ended with an error; what they had done stays done. */
  readonly failures: number;
  /** How many executions each rule was applied to. */
  readonly counts: RetentionCounts;
  readonly lastRun: RetentionRun | null;
}

/** Of a replica that has done nothing yet. */
export const NO_FIGURES: RetentionFigures = Object.freeze({ runs: 0, failures: 0, counts: NO_COUNTS, lastRun: null });

/** Archives and deletes what has stayed for long enough: by one replica at a time, in chunks, at intervals. */
export interface Retention {
  /** What a run would do now; writes nothing. */
  preview(): Promise<RetentionPreview>;
  /** Runs now, whether or not a run is due. Null where another replica is running. */
  runOnce(): Promise<RetentionRun | null>;
  figures(): RetentionFigures;
  /** Calls back after each run of this replica. Returns how to stop. */
  onRun(listener: (run: RetentionRun) => void): () => void;
  close(): Promise<void>;
}
