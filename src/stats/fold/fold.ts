import type { ErrorGroup, FailureCount, Interval, LatencySummary, QueueDepth, ThroughputBucket } from '../types.js';
import { mergeProcessing } from './active.js';
import { CHANGES, type Contribution, contributionOf, COUNTERS, samePoint, WEIGHTS } from './contribution.js';
import { documentKey } from './document-key.js';
import { type PlacedFailure, sameFailure } from './error-groups.js';
import type { QueueEntry } from './queues.js';
import { Reading } from './reading.js';
import type { Series } from './series.js';
import { packState, unpackState } from './snapshot.js';
import { FoldState } from './state.js';
import { type Counted, type CountedFailure, type Fold, type FoldOptions, OTHER_QUEUES, type ProcessingEntry, type QueueSelection, type StatusCounts } from './types.js';
import { HOUR_MS, MINUTE_MS, type Windows, windowsAt } from './windows.js';

/** An empty fold. */
export function createFold(options: FoldOptions): Fold {
  return new InMemoryFold(options, new FoldState(options));
}

/**
 * The fold that `snapshot` was taken of, as it was: only what has left the windows since is gone.
 * @returns null where the bytes are damaged, or of another version
 */
export function restoreFold(bytes: Uint8Array, options: FoldOptions): Fold | null {
  const unpacked = unpackState(bytes, options);
  return unpacked && new InMemoryFold(options, unpacked.state, unpacked.now);
}

const NO_COUNTS = [0, 0, 0, 0, 0, 0, 0] as const;

function countsOf([queued = 0, processing = 0, completed = 0, failed = 0, dlq = 0, archived = 0, unknown = 0]: readonly number[]): StatusCounts {
  return { queued, processing, completed, failed, dlq, archived, unknown };
}

class InMemoryFold implements Fold {
  readonly #clock: () => number;
  readonly #state: FoldState;
  readonly #reading = new Reading();
  #windows: Windows;
  #now: number;
  /** Null when a name came or went since they were sorted. */
  #sortedNames: readonly string[] | null = null;

  constructor({ clock }: FoldOptions, state: FoldState, now = clock()) {
    this.#clock = clock;
    this.#state = state;
    this.#now = now;
    this.#windows = windowsAt(now);
  }

  apply(before: Counted | null, after: Counted | null): CountedFailure | null {
    const state = this.#state;
    const windows = this.#advance();
    const removed = before && contributionOf(before);
    const added = after && contributionOf(after);
    const removedFailure = removed && this.#place(removed);

    state.listed += Number(added?.isListed ?? false) - Number(removed?.isListed ?? false);
    this.#changeSeries(state.all, removed, added);
    this.#changeProcessing(state, removed, added);
    const emptied: QueueEntry[] = [];
    for (const name of removed?.queueNames ?? []) {
      const entry = this.#changeQueue(name, removed, added?.queueNames.includes(name) ? added : null);
      if (entry?.empty) emptied.push(entry);
    }
    for (const name of added?.queueNames ?? []) if (!removed?.queueNames.includes(name)) this.#changeQueue(name, null, added);

    const unchanged = removed !== null && added !== null && sameFailure(removed, added);
    const news = unchanged ? null : state.groups.change(removedFailure, added && this.#place(added), windows);
    for (const entry of emptied) this.#closeQueue(entry);
    return news && { ...news, queueName: added?.queueNames[0] ?? '' };
  }

  /** The failure of a document, under the names that error groups know its queues by. */
  #place({ failure, documentId, queueNames }: Contribution): PlacedFailure | null {
    if (failure === null) return null;
    const { queues } = this.#state;
    return { failure, documentId, queueNames: queueNames.map((name) => (queues.get(name)?.own ? name : OTHER_QUEUES)) };
  }

  #changeQueue(name: string, removed: Contribution | null, added: Contribution | null): QueueEntry | undefined {
    const { queues } = this.#state;
    const known = queues.entries.size;
    const entry = added === null ? queues.get(name) : queues.admit(name);
    if (entry === undefined) {
      queues.refuse(name, Number(added !== null) - Number(removed !== null));
      this.#changeSeries(queues.others, removed, added);
      return undefined;
    }
    if (queues.entries.size !== known) this.#sortedNames = null;
    if (removed !== null) entry.counts[removed.status]! -= 1;
    if (added !== null) entry.counts[added.status]! += 1;
    const [waitedSince, waitsSince] = [removed?.queuedSince ?? null, added?.queuedSince ?? null];
    if (waitedSince !== waitsSince) {
      if (waitedSince !== null) entry.openWaiting().change(waitedSince, -1);
      if (waitsSince !== null) entry.openWaiting().change(waitsSince, 1);
    }
    this.#changeProcessing(entry, removed, added);
    this.#changeSeries(entry.series, removed, added);
    return entry;
  }

  #changeProcessing(of: QueueEntry | FoldState, removed: Contribution | null, added: Contribution | null): void {
    const [startedBefore, startedNow] = [removed?.processingSince ?? null, added?.processingSince ?? null];
    if (startedBefore === startedNow) return;
    const order = of instanceof FoldState ? of.processing : of.openProcessing();
    if (removed !== null && startedBefore !== null) order.remove({ startedAt: startedBefore, key: documentKey(removed.documentId) });
    if (added !== null && startedNow !== null) order.add({ startedAt: startedNow, key: documentKey(added.documentId) });
  }

  #changeSeries(series: Series, removed: Contribution | null, added: Contribution | null): void {
    if (removed !== null) series.present[removed.status]! -= 1;
    if (added !== null) series.present[added.status]! += 1;
    for (let place = 0; place < WEIGHTS.length; place++) {
      if (removed !== null && added !== null && samePoint(removed, added, place)) continue;
      const weight = WEIGHTS[place]!;
      if (removed !== null) this.#record(series, removed.at[place]!, removed.code[place]!, -weight);
      if (added !== null) this.#record(series, added.at[place]!, added.code[place]!, weight);
    }
  }

  /** Counts a point in the minute and the hour of its instant; one before 1970 stands for none. */
  #record(series: Series, at: number, code: number, weight: number): void {
    const windows = this.#windows;
    const minute = Math.floor(at / MINUTE_MS);
    if (minute >= windows.endMinute) {
      this.#state.future.record(minute, series.id, code, weight);
      if (code >= CHANGES && code < COUNTERS) series.ahead[code - CHANGES]! += weight;
      return;
    }
    if (minute >= windows.firstMinute) series.minutes.record(minute, code, weight);
    const hour = Math.floor(at / HOUR_MS);
    if (hour >= windows.firstHour) series.hours.record(hour, code, weight);
  }

  #closeQueue(entry: QueueEntry): void {
    this.#state.queues.remove(entry);
    if (entry.own) this.#state.closeSeries(entry.series);
    this.#sortedNames = null;
  }

  /** Takes the windows to the present. A clock that goes back is taken as standing still. */
  #advance(): Windows {
    const now = this.#clock();
    if (now <= this.#now) return this.#windows;
    const sameMinute = Math.floor(now / MINUTE_MS) === Math.floor(this.#now / MINUTE_MS);
    this.#now = now;
    if (!sameMinute) this.#roll(windowsAt(now));
    return this.#windows;
  }

  #roll(next: Windows): void {
    const { series, future, groups } = this.#state;
    const last = this.#windows;
    this.#windows = next;
    for (const one of series.values()) {
      one.minutes.dropRange(last.firstMinute, next.firstMinute);
      one.hours.dropRange(last.firstHour, next.firstHour);
    }
    future.takeBefore(next.endMinute, (minute, id, code, count) => {
      const one = series.get(id);
      if (one === undefined) return;
      if (code >= CHANGES && code < COUNTERS) one.ahead[code - CHANGES]! -= count;
      this.#record(one, minute * MINUTE_MS, code, count);
    });
    if (next.firstMinute !== last.firstMinute || next.firstHour !== last.firstHour) groups.trim(next);
  }

  #seriesOf(selection: QueueSelection): readonly Series[] {
    return selection instanceof Set ? [...(selection as ReadonlySet<string>)].map((name) => this.#oneSeriesOf(name)) : [this.#oneSeriesOf(selection as string | null)];
  }

  #oneSeriesOf(queueName: string | null): Series {
    if (queueName === null) return this.#state.all;
    if (queueName === OTHER_QUEUES) return this.#state.others;
    const entry = this.#state.queues.get(queueName);
    return entry?.own ? entry.series : this.#state.none;
  }

  counts(queueName: string): (StatusCounts & { readonly exact: boolean }) | null {
    const { queues, others } = this.#state;
    if (queueName === OTHER_QUEUES) return others.present.some((count) => count !== 0) ? { ...countsOf(others.present), exact: true } : null;
    const entry = queues.get(queueName);
    if (entry !== undefined) return { ...countsOf(entry.counts), exact: true };
    return this.allQueuesKept ? null : { ...countsOf(NO_COUNTS), exact: false };
  }

  queueNames(): readonly string[] {
    return (this.#sortedNames ??= [...this.#state.queues.entries.keys()].sort());
  }

  get foldsLists(): boolean {
    return this.#state.listed > 0;
  }

  get allQueuesKept(): boolean {
    return this.#state.queues.refused === 0;
  }

  hasOwnBuckets(queueName: string | null): boolean {
    if (queueName === null || queueName === OTHER_QUEUES) return true;
    return this.#state.queues.get(queueName)?.own ?? this.allQueuesKept;
  }

  oldestQueuedAt(queueName: string): Date | null {
    const oldest = this.#state.queues.get(queueName)?.waiting?.oldest;
    return oldest === undefined ? null : new Date(oldest);
  }

  startedBefore(queueName: string, instant: Date): number {
    return this.#state.queues.get(queueName)?.processing?.countBefore(instant.getTime()) ?? 0;
  }

  processing(selection: QueueSelection, after: ProcessingEntry | null, limit: number): readonly ProcessingEntry[] {
    if (selection === null) return this.#state.processing.list(after, limit);
    const names: Iterable<string> = typeof selection === 'string' ? [selection] : selection;
    return mergeProcessing(
      [...names].flatMap((name) => this.#state.queues.get(name)?.processing ?? []),
      after,
      limit,
    );
  }

  throughput(queueName: QueueSelection, from: number, to: number, interval: Interval): readonly ThroughputBucket[] {
    const windows = this.#advance();
    return this.#reading.throughput(this.#seriesOf(queueName), from, to, interval, windows);
  }

  history(queueName: QueueSelection, from: number, to: number, interval: Interval): readonly QueueDepth[] {
    const windows = this.#advance();
    return this.#reading.history(this.#seriesOf(queueName), from, to, interval, windows);
  }

  runLatency(queueName: QueueSelection): LatencySummary {
    const windows = this.#advance();
    return this.#reading.runLatency(this.#seriesOf(queueName), windows, this.#now);
  }

  errorGroups(queueName: QueueSelection, from: number, to: number): readonly ErrorGroup[] {
    return this.#state.groups.list(queueName, from, to, this.#advance());
  }

  failures(fingerprint: string, queueName: QueueSelection, from: number, to: number, interval: Interval): readonly FailureCount[] {
    return this.#state.groups.series(fingerprint, queueName, { from, to, interval }, this.#advance());
  }

  errorGroup(fingerprint: string, queueName: QueueSelection): ErrorGroup | null {
    return this.#state.groups.read(fingerprint, queueName, this.#advance());
  }

  failedLately(fingerprint: string, queueName: QueueSelection, { at, documentId }: { readonly at: number; readonly documentId: unknown }): boolean {
    return this.#state.groups.failedLately(fingerprint, queueName, { at, key: documentKey(documentId) });
  }

  hasOwnFailures(queueName: QueueSelection): boolean {
    if (queueName === null) return true;
    if (typeof queueName === 'string') return this.hasOwnBuckets(queueName);
    return this.#state.groups.tellsQueuesApart && [...queueName].every((name) => this.hasOwnBuckets(name));
  }

  evict(): void {
    this.#advance();
  }

  snapshot(): Promise<Uint8Array> {
    this.#advance();
    return packState(this.#state, this.#now);
  }

  get size(): number {
    return this.#state.size;
  }
}
