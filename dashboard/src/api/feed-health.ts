import type { Connection, ConnectionPhase } from './connection.js';
import { graphql, type FeedState } from './graphql.js';
import { queryText } from './query-text.js';

/** Whether what is on the screen is what stands in the database. */
export type FeedHealth =
  /** The first connection is being made. */
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** The page has no connection to the server; it is tried again. */
  | { readonly kind: 'disconnected'; readonly since: number }
  /** The server does not get changes from the database at the moment. */
  | { readonly kind: 'behind'; readonly since: number; readonly state: FeedState; readonly reason: string | null };

const FEED_STATUS = graphql(`
  subscription FeedStatus {
    feedStatus {
      state
      reason
      resyncs
    }
  }
`);

/** Watches the connection and the server's own feed, and says in one value what that means for what is shown. */
export class FeedHealthStore {
  readonly #connection: Connection;
  readonly #listeners = new Set<() => void>();
  readonly #stops: (() => void)[];
  #feed: { readonly state: FeedState; readonly reason: string | null } | null = null;
  #behindSince = 0;
  #resyncs: number | null = null;
  #epoch = 0;
  #phase: ConnectionPhase = 'connecting';
  #health: FeedHealth = { kind: 'connecting' };

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#stops = [
      connection.onStatus(() => this.#connectionChanged()),
      connection.subscribe<{ feedStatus: { state: FeedState; reason: string | null; resyncs: number } }>(
        { query: queryText(FEED_STATUS), variables: {} },
        {
          next: ({ feedStatus: { state, reason, resyncs } }) => {
            if (state !== 'LIVE' && (this.#feed === null || this.#feed.state === 'LIVE')) this.#behindSince = Date.now();
            this.#feed = { state, reason };
            if (this.#resyncs !== null && this.#resyncs !== resyncs) this.#epoch += 1;
            this.#resyncs = resyncs;
            this.#update();
          },
          restart: () => {
            this.#feed = null;
            this.#resyncs = null;
          },
          // A server that cannot say how its feed is does not make the figures wrong.
          fail: () => {
            this.#feed = { state: 'LIVE', reason: null };
            this.#update();
          },
        },
      ),
    ];
  }

  readonly get = (): FeedHealth => this.#health;

  /** Changes whenever something may have happened that no subscription told: queries should be asked again. */
  readonly epoch = (): number => this.#epoch;

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  close(): void {
    for (const stop of this.#stops) stop();
  }

  #connectionChanged(): void {
    const { phase } = this.#connection.status();
    if (phase === 'open' && this.#phase === 'lost') this.#epoch += 1;
    this.#phase = phase;
    this.#update();
  }

  #now(): FeedHealth {
    const { phase, since } = this.#connection.status();
    if (phase === 'connecting') return { kind: 'connecting' };
    if (phase === 'lost') return { kind: 'disconnected', since };
    // Between the connection and the first word of the feed, what was shown before still holds.
    if (this.#feed === null) return this.#health;
    if (this.#feed.state === 'LIVE') return { kind: 'live' };
    return { kind: 'behind', since: this.#behindSince, ...this.#feed };
  }

  #update(): void {
    this.#health = this.#now();
    for (const listener of this.#listeners) listener();
  }
}
