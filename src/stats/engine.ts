import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

import type { OpenTap, TappedFeed, TaskChangeEvent } from '../feed/types.js';
import type { StoredExecutions } from '../queries/executions.js';
import { aborted, unlessAborted } from './abort.js';
import { bootstrap } from './bootstrap.js';
import type { Checkpoints, StoredCheckpoint } from './checkpoint.js';
import { CheckpointKeeper } from './checkpoint-keeper.js';
import { createFold, restoreFold } from './fold/fold.js';
import type { CountedFailure, Fold } from './fold/types.js';
import { type Drift, reconcile } from './reconciliation.js';
import { SCAN_END, SCAN_START } from './scan-place.js';
import { ScanReader } from './scan-reader.js';
import { type ScanHooks, ScannedFold } from './scanned-fold.js';
import type { StatisticsStatus } from './types.js';

/** The document before each change, without which a change does not say what it takes away. */
export interface PreImages {
  /** Whether the feed's stream carries them. */
  kept(): boolean;
  /** Turns them on where they are off. @returns whether they are on */
  enable(): Promise<boolean>;
}

export interface EngineOptions {
  readonly feed: TappedFeed;
  /** For reads of a scan and of a reconciliation, which may take longer than those of a request. */
  readonly executions: StoredExecutions;
  readonly checkpoints: Checkpoints;
  readonly preImages: PreImages;
  readonly log: Logger;
  /** Now, in ms since 1970. */
  readonly clock: () => number;
  readonly checkpointIntervalMs: number;
  readonly reconcileIntervalMs: number;
  /** Documents of a chunk of the scan. Default: as many as the database reads in about 150 ms. */
  readonly chunkSize?: number | undefined;
  /** Called with the fold when it holds everything, with null when it no longer does. */
  readonly onFold: (fold: Fold | null) => void;
  /** Called after a change was counted in a fold that holds everything. */
  readonly onCounted: (event: TaskChangeEvent, failure: CountedFailure | null) => void;
  readonly onStatus: () => void;
}

/** A fold that is being filled or kept right. */
interface Attempt {
  readonly scan: ScannedFold;
  readonly tap: OpenTap;
  /** Aborted with the reason why the fold is of no use any more. */
  readonly invalid: AbortController;
  /** What happened since the checkpoint was replayed: changes are counted as they happen. */
  joined: boolean;
  ready: boolean;
  changes: number;
}

type Cause = 'lost' | 'inexact' | 'drift' | 'checkpoint' | 'closed';

/** The fold has to be made anew. */
class InvalidFoldError extends Error {
  override name = 'InvalidFoldError';

  constructor(
    readonly why: Cause,
    message: string,
  ) {
    super(message);
  }
}

const EVICT_MS = 60_000;
const PROGRESS_MS = 1_000;
const RETRY_MS = 2_000;
/** A fold that is found inexact again and again is not made anew all the time. */
const INEXACT_PAUSE_MS = 30_000;
const SHOWN_DRIFT = 20;

/**
 * Keeps a fold of the collection in memory: from a checkpoint or a scan to the present, and then with the feed.
 *
 *     checkpoint ─► replay ─┐
 *     scan ─────────────────┴─► ready ─► history lost, drift, a change without its pre-image ─► scan …
 */
export class FoldEngine {
  readonly #options: EngineOptions;
  readonly #reader: ScanReader;
  readonly #keeper: CheckpointKeeper;
  readonly #stop = new AbortController();
  readonly #timers: NodeJS.Timeout[] = [];
  #reconciliation: NodeJS.Timeout | undefined;
  #attempt: Attempt | null = null;
  #running: Promise<void> | null = null;
  #state: StatisticsStatus['state'] = 'BOOTSTRAPPING';
  #reason: string | null = 'The collection has not been read yet.';
  #expected: number | null = null;
  #readySince: Date | null = null;
  #lastReconciliationAt: Date | null = null;
  #lastDrift = 0;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#reader = new ScanReader(options.executions);
    this.#keeper = new CheckpointKeeper(options.checkpoints, options.log);
  }

  /** The feed must stand. Returns at once: the rest goes on in the background. */
  start(): void {
    const { checkpointIntervalMs, log, onStatus } = this.#options;
    this.#every(EVICT_MS, () => this.#attempt?.scan.fold.evict());
    this.#every(PROGRESS_MS, () => {
      if (this.#state === 'BOOTSTRAPPING') onStatus();
    });
    this.#every(checkpointIntervalMs, () => void this.#save());
    this.#scheduleReconciliation();
    this.#running = this.#run().catch((error: unknown) => {
      if (!this.#stop.signal.aborted) log.error({ err: error }, 'statistics are counted by the database from now on');
    });
  }

  /** Saves a checkpoint, if that takes no longer than the time given, and lets go of the fold. */
  async close(withinMs: number): Promise<void> {
    if (this.#stop.signal.aborted) return;
    for (const timer of this.#timers) clearInterval(timer);
    clearTimeout(this.#reconciliation);
    await Promise.race([this.#saveAtLast(), sleep(withinMs, undefined, { ref: false })]);
    const closed = new InvalidFoldError('closed', 'TaskTracker is shutting down');
    this.#stop.abort(closed);
    this.#attempt?.invalid.abort(closed);
    await this.#running;
  }

  status(): StatisticsStatus {
    const scan = this.#state === 'BOOTSTRAPPING' && this.#expected !== null ? this.#attempt?.scan : undefined;
    const scanned = scan?.scanned ?? null;
    const expected = scanned === null ? null : Math.max(this.#expected ?? 0, scanned);
    return {
      state: this.#state,
      scanned,
      expected,
      progress: this.#state === 'READY' ? 1 : (scanned ?? 0) / (expected || 1),
      readySince: this.#readySince,
      lastCheckpointAt: this.#keeper.lastSavedAt,
      lastReconciliationAt: this.#lastReconciliationAt,
      lastDrift: this.#lastDrift,
      reason: this.#reason,
    };
  }

  #every(ms: number, work: () => void): void {
    this.#timers.push(setInterval(work, ms).unref());
  }

  #setState(state: StatisticsStatus['state'], reason: string | null): void {
    this.#state = state;
    this.#reason = reason;
    this.#readySince = state === 'READY' ? new Date() : null;
    this.#options.onStatus();
  }

  // ---------------------------------------------------------------- from nothing to ready, again and again

  async #run(): Promise<void> {
    const { preImages, log } = this.#options;
    const { signal } = this.#stop;
    let checkpoint = await this.#load();
    while (!signal.aborted) {
      if (!preImages.kept()) {
        await this.#unavailable();
        continue;
      }
      const startedAt = performance.now();
      const error = await this.#hold(checkpoint);
      if (signal.aborted) return;
      checkpoint = null;
      this.#expected = null;
      this.#setState('BOOTSTRAPPING', `${error.message}: the collection is read again.`);
      log.warn({ reason: error.message }, 'statistics are made anew');
      if (error instanceof InvalidFoldError && error.why !== 'inexact') await this.#keeper.discard();
      else if (error instanceof InvalidFoldError) await this.#mendPreImages(performance.now() - startedAt);
      else await this.#pause(RETRY_MS);
    }
  }

  async #load(): Promise<StoredCheckpoint | null> {
    while (!this.#stop.signal.aborted) {
      try {
        return await this.#keeper.load();
      } catch (error) {
        this.#options.log.warn({ err: error }, 'statistics: the checkpoint could not be read; tried again');
        await this.#pause(RETRY_MS);
      }
    }
    return null;
  }

  /** Fills a fold and keeps it. @returns why it is of no use any more */
  async #hold(checkpoint: StoredCheckpoint | null): Promise<Error> {
    const invalid = new AbortController();
    const invalidate = (why: Cause, message: string): void => invalid.abort(new InvalidFoldError(why, message));
    const scan = this.#scanFrom(checkpoint, {
      onInexact: (message) => invalidate('inexact', message),
      onLookup: (number) => this.#settleLookups(number),
    });
    if (scan === null) return new InvalidFoldError('checkpoint', 'the checkpoint is damaged');
    let attempt: Attempt | null = null;
    try {
      const tap = this.#options.feed.tap(
        {
          onEvent: (event) => this.#take(event),
          onLost: () => invalidate('lost', 'the feed lost its place in the history of the database'),
        },
        { after: checkpoint?.cursor },
      );
      attempt = { scan, tap, invalid, joined: checkpoint === null, ready: false, changes: 0 };
      this.#attempt = attempt;
      await this.#fill(attempt);
      return await aborted(invalid.signal);
    } catch (error) {
      if (invalid.signal.aborted) return invalid.signal.reason as Error;
      if (checkpoint === null || attempt?.joined === true) return error as Error;
      return new InvalidFoldError('checkpoint', `the checkpoint cannot be gone on from (${(error as Error).message})`);
    } finally {
      this.#attempt = null;
      attempt?.tap.close();
      if (attempt?.ready === true) this.#options.onFold(null);
    }
  }

  #scanFrom(checkpoint: StoredCheckpoint | null, hooks: ScanHooks): ScannedFold | null {
    const options = { clock: this.#options.clock };
    if (checkpoint === null) return new ScannedFold(createFold(options), SCAN_START, 0, hooks);
    const fold = restoreFold(checkpoint.bytes, options);
    return fold && new ScannedFold(fold, checkpoint.place ?? SCAN_END, checkpoint.scanned, hooks);
  }

  async #fill(attempt: Attempt): Promise<void> {
    const { log, feed, chunkSize } = this.#options;
    const { scan, tap, invalid } = attempt;
    const startedAt = performance.now();
    const restored = !attempt.joined;
    if (restored) this.#setState('BOOTSTRAPPING', 'What happened since the checkpoint is read.');
    await unlessAborted(tap.joined, invalid.signal);
    attempt.joined = true;
    if (scan.frontier.kind !== SCAN_END.kind) {
      this.#expected = await unlessAborted(this.#reader.expected(), invalid.signal);
      this.#setState('BOOTSTRAPPING', 'The collection is being read.');
      log.info({ expected: this.#expected, scanned: scan.scanned }, 'statistics: the collection is read');
    }
    await bootstrap({
      scan,
      read: (from, limit) => this.#reader.read(from, limit),
      barrier: (until) => feed.barrier(until),
      signal: invalid.signal,
      log,
      chunkSize,
    });
    attempt.ready = true;
    this.#expected = null;
    this.#setState('READY', null);
    this.#options.onFold(scan.fold);
    log.info({ ms: Math.round(performance.now() - startedAt), fromCheckpoint: restored, changes: attempt.changes }, 'statistics are ready');
    if (!restored) void this.#save();
  }

  #take(event: TaskChangeEvent): void {
    const attempt = this.#attempt;
    if (attempt === null || event.kind === 'BOOKMARK') return;
    const failure = attempt.scan.onEvent(event);
    attempt.changes += 1;
    if (attempt.ready) this.#options.onCounted(event, failure);
  }

  /**
   * A document that was looked up may hold changes that are yet to come, until these have come. After a restart those that
   * happened meanwhile come from a stream of their own, which the feed's barriers know nothing of until the tap has joined.
   */
  #settleLookups(number: number): void {
    const attempt = this.#attempt;
    attempt?.tap.joined
      .then(() => this.#options.feed.barrier())
      .then(
        () => attempt.scan.settleLookups(number),
        () => undefined,
      );
  }

  // ---------------------------------------------------------------- what stands in the way

  /** Until the feed's stream is opened anew, as it is after the collection was replaced. */
  async #unavailable(): Promise<void> {
    const { feed, log } = this.#options;
    this.#setState('UNAVAILABLE', 'The database keeps no pre-images of this collection, so changes do not say what they took away. See `tasktracker doctor`.');
    log.warn('statistics are counted by the database when asked: it keeps no pre-images');
    const reopened = new AbortController();
    const tap = feed.tap({ onEvent: () => undefined, onLost: () => reopened.abort() });
    await aborted(AbortSignal.any([reopened.signal, this.#stop.signal]));
    tap.close();
  }

  /** Pre-images may have been turned off, or were too old. */
  async #mendPreImages(heldMs: number): Promise<void> {
    const enabled = await this.#options.preImages.enable().catch(() => true);
    if (!enabled) await this.#unavailable();
    else if (heldMs < INEXACT_PAUSE_MS) await this.#pause(INEXACT_PAUSE_MS);
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stop.signal, ref: false }).catch(() => undefined);
  }

  // ---------------------------------------------------------------- checkpoints and reconciliation

  /** A document that was looked up stands in the way for a moment only; without a checkpoint a restart pays for it. */
  async #saveAtLast(): Promise<void> {
    try {
      while (this.#attempt?.scan.awaitsLookups === true) await this.#options.feed.barrier();
    } catch (error) {
      this.#options.log.debug({ err: error }, 'statistics: the feed ended before the last checkpoint');
    }
    await this.#save();
  }

  async #save(): Promise<void> {
    const attempt = this.#attempt;
    if (attempt === null || !attempt.joined) return;
    const { scan, tap, invalid } = attempt;
    await this.#keeper.save({
      changes: attempt.changes + scan.scanned,
      take: () => {
        const part = invalid.signal.aborted ? null : scan.settledPart();
        if (part === null || (!attempt.ready && part.scanned === 0)) return null;
        const place = part.place.kind === SCAN_END.kind ? null : part.place;
        return { cursor: tap.cursor(), time: tap.time(), place, scanned: part.scanned, bytes: part.bytes };
      },
    });
  }

  #scheduleReconciliation(): void {
    const delay = this.#options.reconcileIntervalMs * (0.75 + Math.random() / 2);
    this.#reconciliation = setTimeout(() => {
      void this.reconcile().finally(() => {
        if (!this.#stop.signal.aborted) this.#scheduleReconciliation();
      });
    }, delay).unref();
  }

  /** Compares the counts with the database's, and has the fold made anew where one is wrong. Null where that could not be done. */
  async reconcile(): Promise<readonly Drift[] | null> {
    const attempt = this.#attempt;
    const { executions, feed, log } = this.#options;
    if (attempt === null || !attempt.ready || attempt.scan.observer !== null) return null;
    try {
      const drift = await reconcile(attempt.scan, executions, () => feed.barrier());
      if (attempt.invalid.signal.aborted) return null;
      this.#lastReconciliationAt = new Date();
      this.#lastDrift = drift.length;
      this.#options.onStatus();
      if (drift.length === 0) return drift;
      log.warn({ wrong: drift.length, counts: drift.slice(0, SHOWN_DRIFT) }, 'statistics: counts are not what the database says');
      attempt.invalid.abort(new InvalidFoldError('drift', `${drift.length} counts were not what the database says`));
      return drift;
    } catch (error) {
      if (!this.#stop.signal.aborted) log.warn({ err: error }, 'statistics: counts could not be compared with the database');
      return null;
    }
  }
}
