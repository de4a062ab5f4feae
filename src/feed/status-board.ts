import { Newest } from './newest.js';
import type { FeedState, FeedStatus } from './types.js';

type Snapshot = () => Omit<FeedStatus, 'state' | 'reason' | 'resyncs'>;

/** The state of the feed, and whoever watches it. */
export class StatusBoard {
  readonly #snapshot: Snapshot;
  readonly #newest = new Newest<FeedStatus>(() => this.read());
  #state: FeedState = 'STARTING';
  #reason: string | null = 'The change stream is being opened.';
  #resyncs = 0;

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
  }

  get state(): FeedState {
    return this.#state;
  }

  set(state: FeedState, reason: string | null): boolean {
    if (this.#state === state && this.#reason === reason) return false;
    this.#state = state;
    this.#reason = reason;
    this.#newest.changed();
    return true;
  }

  countResync(): void {
    this.#resyncs += 1;
    this.#newest.changed();
  }

  read(): FeedStatus {
    return { ...this.#snapshot(), state: this.#state, reason: this.#reason, resyncs: this.#resyncs };
  }

  close(): void {
    this.#newest.close();
  }

  watch(): AsyncIterableIterator<FeedStatus> {
    return this.#newest.watch();
  }
}
