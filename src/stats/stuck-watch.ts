import type { QueueScope } from '../access/queue-scope.js';
import { TaskStatus } from '../model/status.js';
import { documentKey } from './fold/document-key.js';
import type { Counted, FoldReading, ProcessingEntry, QueueSelection } from './fold/types.js';

/** What is being processed, by start and `_id`: the fold, or what stands for it while there is none. */
export type ProcessingSource = Pick<FoldReading, 'processing' | 'queueNames'>;

/** Timers of Node hold 31 bits of ms; and a clock that is set anew is noticed within this. */
const LONGEST_TIMER_MS = 60 * 60_000;

/** How soon it is looked again whether what is processing is known, while it is not. */
const UNKNOWN_MS = 1_000;

const PAGE = 100;

type Result = IteratorResult<unknown>;
const DONE: Result = { done: true, value: undefined };

/** One reader: walks what is processing as far as it is due, when it is asked for the next. */
class StuckWatch {
  /** Up to where it has walked. */
  place: ProcessingEntry | null = null;
  /** Reported and still processing: key of the document → its start. */
  readonly reported = new Map<string, number>();
  readonly waiting: ((result: Result) => void)[] = [];

  constructor(
    readonly queueName: string | null,
    readonly timeoutMs: number,
    /** Only of queues in it; null: of all. */
    readonly scope: QueueScope | null,
  ) {}

  #selectionOf(source: ProcessingSource): QueueSelection {
    const { queueName, scope } = this;
    if (scope === null) return queueName;
    return new Set((queueName === null ? source.queueNames() : [queueName]).filter((name) => scope.includes(name)));
  }

  /**
   * Answers who waits as far as there is something to report.
   * @returns when the next is due where it still waits for one; null where nothing is to come as things are
   */
  advance(source: ProcessingSource, now: number): number | null {
    const selection = this.#selectionOf(source);
    while (this.waiting.length > 0) {
      const page = source.processing(selection, this.place, PAGE);
      for (const entry of page) {
        const dueAt = entry.startedAt + this.timeoutMs + 1;
        if (dueAt > now) return dueAt;
        this.place = entry;
        const key = documentKey(entry.documentId);
        if (this.reported.get(key) === entry.startedAt) continue;
        this.reported.set(key, entry.startedAt);
        this.waiting.shift()?.({ done: false, value: entry.documentId });
        if (this.waiting.length === 0) return null;
      }
      if (page.length < PAGE) return null;
    }
    return null;
  }

  /** A document was changed: what was said of it may no longer hold, or it may stand where the walk has passed. */
  changed(key: string, startedAt: number | undefined): void {
    if (this.reported.get(key) !== startedAt) this.reported.delete(key);
    if (startedAt === undefined || this.place === null || startedAt > this.place.startedAt) return;
    // Instants are whole: half a millisecond before it lies behind every earlier one.
    this.place = { startedAt: startedAt - 0.5, documentId: null };
  }

  end(): void {
    for (const resolve of this.waiting.splice(0)) resolve(DONE);
  }
}

/**
 * Reports what has been processing for too long to any number of readers, at the moment it becomes so, with one timer
 * for the next that is due and no read of the database. An execution is reported to each reader once, and again only
 * where it left processing, or was started anew, in between.
 */
export class StuckWatchers {
  readonly #clock: () => number;
  readonly #isCurrent: () => boolean;
  readonly #watches = new Set<StuckWatch>();
  #source: ProcessingSource | null = null;
  #timer: NodeJS.Timeout | null = null;
  #timerAt = Infinity;
  #closed = false;

  /**
   * @param clock now, in ms since 1970
   * @param isCurrent whether changes arrive: while they do not, nobody knows what has ended, and nothing is reported
   */
  constructor(clock: () => number, isCurrent: () => boolean) {
    this.#clock = clock;
    this.#isCurrent = isCurrent;
  }

  get size(): number {
    return this.#watches.size;
  }

  /** What is processing from now on; null while that is not known: nothing is reported then. */
  use(source: ProcessingSource | null): void {
    this.#source = source;
    for (const watch of this.#watches) watch.place = null;
    this.#advanceAll();
  }

  /** To be called after each change of a document, when the source has it. */
  changed(documentId: unknown, after: Counted | null): void {
    if (this.#watches.size === 0) return;
    const key = documentKey(documentId);
    const startedAt = after?.stored['status'] === TaskStatus.PROCESSING ? after.processingStartedAt?.getTime() : undefined;
    const now = this.#clock();
    for (const watch of this.#watches) {
      watch.changed(key, startedAt);
      if (startedAt === undefined || watch.waiting.length === 0) continue;
      const dueAt = startedAt + watch.timeoutMs + 1;
      if (dueAt > now) this.#wakeAt(dueAt, now);
      else this.#advance(watch);
    }
  }

  watch(queueName: string | null, timeoutMs: number, scope: QueueScope | null = null): AsyncIterableIterator<unknown> {
    const watch = new StuckWatch(queueName, timeoutMs, scope);
    if (!this.#closed) this.#watches.add(watch);
    return {
      next: () => {
        if (!this.#watches.has(watch)) return Promise.resolve(DONE);
        return new Promise<Result>((resolve) => {
          watch.waiting.push(resolve);
          this.#advance(watch);
        });
      },
      return: () => {
        this.#watches.delete(watch);
        watch.end();
        return Promise.resolve(DONE);
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  close(): void {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
    for (const watch of this.#watches) watch.end();
    this.#watches.clear();
  }

  #advanceAll(): void {
    for (const watch of this.#watches) this.#advance(watch);
  }

  #advance(watch: StuckWatch): void {
    if (this.#source === null || watch.waiting.length === 0) return;
    const now = this.#clock();
    const dueAt = this.#isCurrent() ? watch.advance(this.#source, now) : now + UNKNOWN_MS;
    if (dueAt !== null) this.#wakeAt(dueAt, now);
  }

  #wakeAt(dueAt: number, now: number): void {
    if (dueAt >= this.#timerAt || this.#closed) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timerAt = Math.min(dueAt, now + LONGEST_TIMER_MS);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#timerAt = Infinity;
      this.#advanceAll();
    }, this.#timerAt - now);
    this.#timer.unref();
  }
}
