import type { QueueScope } from '../../access/queue-scope.js';
import type { ErrorGroup, FailureCount, Interval, LatencySummary, QueueDepth, ThroughputBucket } from '../types.js';
import { type FoldReading, OTHER_QUEUES, type ProcessingEntry, type StatusCounts } from './types.js';

/**
 * What a fold says of the queues in a scope, and of no others: they do not exist. "All" are those in the scope, together.
 * It is exact where each document names one queue, so it must not be read while `foldsLists` of the fold is true.
 */
export class FoldWithin implements FoldReading {
  readonly #fold: FoldReading;
  readonly #scope: QueueScope;
  /** The names that the fold had when they were last looked through, and those of them that are in the scope. */
  #looked: { readonly all: readonly string[]; readonly inside: readonly string[]; readonly asSet: ReadonlySet<string> } | null = null;

  constructor(fold: FoldReading, scope: QueueScope) {
    this.#fold = fold;
    this.#scope = scope;
  }

  /** Others' figures are kept together under a name of their own. */
  #has(queueName: string): boolean {
    return queueName !== OTHER_QUEUES && this.#scope.includes(queueName);
  }

  get #names() {
    const all = this.#fold.queueNames();
    if (this.#looked?.all === all) return this.#looked;
    const inside = all.filter((name) => this.#has(name));
    return (this.#looked = { all, inside, asSet: new Set(inside) });
  }

  #select(selection: string | ReadonlySet<string> | null): string | ReadonlySet<string> {
    if (selection === null) return this.#names.asSet;
    if (typeof selection === 'string') return this.#has(selection) ? selection : new Set<string>();
    return new Set([...selection].filter((name) => this.#has(name)));
  }

  get foldsLists(): boolean {
    return this.#fold.foldsLists;
  }

  get allQueuesKept(): boolean {
    return this.#fold.allQueuesKept;
  }

  queueNames(): readonly string[] {
    return this.#names.inside;
  }

  counts(queueName: string): (StatusCounts & { readonly exact: boolean }) | null {
    return this.#has(queueName) ? this.#fold.counts(queueName) : null;
  }

  oldestQueuedAt(queueName: string): Date | null {
    return this.#has(queueName) ? this.#fold.oldestQueuedAt(queueName) : null;
  }

  startedBefore(queueName: string, instant: Date): number {
    return this.#has(queueName) ? this.#fold.startedBefore(queueName, instant) : 0;
  }

  processing(queueName: string | ReadonlySet<string> | null, after: ProcessingEntry | null, limit: number): readonly ProcessingEntry[] {
    return this.#fold.processing(this.#select(queueName), after, limit);
  }

  hasOwnBuckets(queueName: string | null): boolean {
    if (queueName === null) return this.#fold.allQueuesKept && this.#names.inside.every((name) => this.#fold.hasOwnBuckets(name));
    return !this.#scope.includes(queueName) || (this.#has(queueName) && this.#fold.hasOwnBuckets(queueName));
  }

  hasOwnFailures(queueName: string | null): boolean {
    return this.hasOwnBuckets(queueName) && (queueName !== null || this.#fold.hasOwnFailures(this.#names.asSet));
  }

  throughput(queueName: string | null, from: number, to: number, interval: Interval): readonly ThroughputBucket[] {
    return this.#fold.throughput(this.#select(queueName), from, to, interval);
  }

  history(queueName: string | null, from: number, to: number, interval: Interval): readonly QueueDepth[] {
    return this.#fold.history(this.#select(queueName), from, to, interval);
  }

  runLatency(queueName: string): LatencySummary {
    return this.#fold.runLatency(this.#select(queueName));
  }

  errorGroups(queueName: string | null, from: number, to: number): readonly ErrorGroup[] {
    return this.#fold.errorGroups(this.#select(queueName), from, to);
  }

  errorGroup(fingerprint: string, queueName: string | null): ErrorGroup | null {
    return this.#fold.errorGroup(fingerprint, this.#select(queueName));
  }

  failures(fingerprint: string, queueName: string | null, from: number, to: number, interval: Interval): readonly FailureCount[] {
    return this.#fold.failures(fingerprint, this.#select(queueName), from, to, interval);
  }

  failedLately(fingerprint: string, queueName: string | ReadonlySet<string> | null, but: { readonly at: number; readonly documentId: unknown }): boolean {
    return this.#fold.failedLately(fingerprint, this.#select(queueName), but);
  }
}
