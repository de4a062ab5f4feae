import { setTimeout as sleep } from 'node:timers/promises';

import { ResyncRequiredError, SlowConsumerError } from '../feed/errors.js';
import type { Feed, TaskChangeEvent } from '../feed/types.js';
import type { Execution } from '../model/execution.js';
import type { Matcher } from '../queries/filter-matches.js';
import type { TaskFilter, TaskOrder, TaskQueries } from '../queries/types.js';
import { bookmarkOf, changeOf, snapshotOf, type Place } from './change.js';
import { foldStep, type Step } from './fold.js';
import { ListReader } from './list-reader.js';
import { documentKey, rowOf } from './row.js';
import type { ListChange } from './types.js';
import { LiveWindow, type ReadRequest, REPLACED } from './window.js';

export interface LiveListOptions {
  readonly feed: Feed;
  readonly queries: Pick<TaskQueries, 'slice'>;
  readonly filter: TaskFilter | null;
  readonly order: TaskOrder;
  readonly first: number;
  /** Rows kept behind the list, so that a row that leaves is followed by the next one without a read. */
  readonly reserve: number;
  /** The filter as a predicate. */
  readonly matches: Matcher;
  /** Whether a failed read is worth repeating until it succeeds; otherwise the list ends with its error. */
  readonly isTransient: (error: unknown) => boolean;
  readonly retryMs: number;
  /** Executions that may change during one read: each is remembered until the read is back. */
  readonly mostTouched: number;
  /** Its last reader has left, or it has failed: nobody can join any more. */
  readonly onEnd: () => void;
}

/** Least time between two reads of the whole list, in ms: what cannot be placed must not become a storm of reads. */
const REREAD_INTERVAL_MS = 200;

/** Whether an event may change a list: what is not among its rows before or after a change does not. */
function concerns({ task, before, kind }: TaskChangeEvent, matches: Matcher): boolean {
  if (task !== null && matches(task)) return true;
  return before === null ? kind !== 'CREATED' : matches(before);
}

/** One list: kept by the feed for as long as somebody reads it. */
export class LiveList {
  readonly #options: LiveListOptions;
  readonly #window: LiveWindow;
  readonly #readers = new Set<ListReader>();
  readonly #stop = new AbortController();
  #events: AsyncIterableIterator<TaskChangeEvent>;
  /** Where the feed stood when the list was as it is. */
  #place: Place;
  /** As the readers know it. */
  #list: readonly Execution[] = [];
  /** The change that made it so; null until the first read. */
  #last: ListChange | null = null;
  #refreshing = false;
  #rereadAt = 0;

  /** @throws FeedClosedError */
  constructor(options: LiveListOptions) {
    this.#options = options;
    this.#window = new LiveWindow(options);
    [this.#events, this.#place] = this.#subscribe();
    void this.#follow(this.#events);
    void this.#refresh();
  }

  /** A new reader: it is sent the list as it is, then what changes it. */
  join(): ListReader {
    const reader = new ListReader({ queueLimit: Math.max(50, this.#options.first), onReturn: (gone) => this.#leave(gone) });
    this.#readers.add(reader);
    if (this.#last !== null) reader.push(this.#last.snapshot);
    return reader;
  }

  #leave(reader: ListReader): void {
    if (this.#readers.delete(reader) && this.#readers.size === 0) this.#close();
  }

  #close(): void {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    this.#options.onEnd();
    void this.#events.return?.();
  }

  #fail(error: unknown): void {
    if (this.#stop.signal.aborted) return;
    const readers = [...this.#readers];
    this.#readers.clear();
    this.#close();
    for (const reader of readers) reader.fail(error instanceof Error ? error : new Error(String(error)));
  }

  // ---------------------------------------------------------------- the feed

  /** From now on; where "now" is, is known before anything is read. */
  #subscribe(): [AsyncIterableIterator<TaskChangeEvent>, Place] {
    const { feed, matches } = this.#options;
    return [feed.subscribe({ accepts: (event) => concerns(event, matches) }), { cursor: feed.cursor() }];
  }

  async #follow(events: AsyncIterator<TaskChangeEvent>): Promise<void> {
    try {
      for (;;) {
        const item = await events.next();
        if (item.done || this.#stop.signal.aborted) return;
        this.#take(item.value);
      }
    } catch (error) {
      this.#lost(error);
    }
  }

  /** The subscription has ended. Where only its place in the feed is lost, the list begins anew. */
  #lost(error: unknown): void {
    if (this.#stop.signal.aborted) return;
    if (!(error instanceof ResyncRequiredError || error instanceof SlowConsumerError)) {
      this.#fail(error);
      return;
    }
    try {
      [this.#events, this.#place] = this.#subscribe();
    } catch (closed) {
      this.#fail(closed);
      return;
    }
    this.#window.reset();
    void this.#follow(this.#events);
    void this.#refresh();
  }

  #take(event: TaskChangeEvent): void {
    this.#place = event;
    if (event.kind === 'BOOKMARK') {
      if (!this.#window.short) this.#send(bookmarkOf(event, this.#list));
      return;
    }
    const { matches, order, mostTouched } = this.#options;
    const row = event.task !== null && matches(event.task) ? rowOf(event.task, order) : null;
    this.#step(this.#window.apply(documentKey(event.documentId), row));
    if (this.#window.touched > mostTouched) {
      this.#fail(new SlowConsumerError(`More than ${mostTouched} executions changed while this list was read: subscribe again.`, event.cursor));
    } else if (this.#window.wants !== null) {
      void this.#refresh();
    }
  }

  // ---------------------------------------------------------------- reads

  /** Reads what the window wants, one read after the other. */
  async #refresh(): Promise<void> {
    if (this.#refreshing) return;
    this.#refreshing = true;
    try {
      while (this.#window.wants !== null && !this.#stop.signal.aborted) {
        if (this.#window.wants === 'all') await this.#untilRereadAllowed();
        if (this.#window.wants !== null && !this.#stop.signal.aborted) await this.#read(this.#window.begin());
      }
    } finally {
      this.#refreshing = false;
    }
  }

  async #read(request: ReadRequest): Promise<void> {
    const { queries, filter, order, isTransient, retryMs } = this.#options;
    let found: readonly Execution[];
    try {
      found = await queries.slice({ filter, orderBy: order, ...request });
    } catch (error) {
      this.#window.abandon(request);
      if (isTransient(error)) await this.#pause(retryMs);
      else this.#fail(error);
      return;
    }
    if (this.#stop.signal.aborted) return;
    const outcome = this.#window.finish(request, found);
    if (outcome !== REPLACED) {
      this.#step(outcome);
      return;
    }
    this.#list = this.#window.list;
    this.#send(snapshotOf(this.#place, this.#list));
  }

  async #untilRereadAllowed(): Promise<void> {
    const wait = this.#rereadAt - performance.now();
    if (wait > 0) await this.#pause(wait);
    this.#rereadAt = performance.now() + REREAD_INTERVAL_MS;
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stop.signal, ref: false }).catch(() => undefined);
  }

  // ---------------------------------------------------------------- the readers

  #step(steps: readonly Step[]): void {
    for (const step of steps) {
      this.#list = foldStep(this.#list, step);
      this.#send(changeOf(step, this.#place, this.#list));
    }
  }

  #send(change: ListChange): void {
    this.#last = change;
    for (const reader of this.#readers) reader.push(change);
  }
}
