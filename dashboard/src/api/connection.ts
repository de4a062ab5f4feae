import { createClient, type Client, type FormattedExecutionResult } from 'graphql-ws/client';

import { backoffMs } from './backoff.js';
import { type ApiError, fromFailure, isPassing } from './errors.js';

/** `connecting`: for the first time; `open`; `lost`: it was open or could not be opened, and is tried again for ever. */
export type ConnectionPhase = 'connecting' | 'open' | 'lost';

export interface ConnectionStatus {
  readonly phase: ConnectionPhase;
  /** Since when it has been in this phase, ms since the epoch. */
  readonly since: number;
}

export interface Operation {
  readonly query: string;
  /** Read each time that it begins: a getter among them may answer differently then. */
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface Sink<Data> {
  next(data: Data): void;
  /** The subscription begins anew: what it says at first holds now, whatever came before. */
  restart(): void;
  /** The server has ended it with an error that passes; it begins anew by itself, unless it is stopped now. */
  ended?(error: ApiError): void;
  /** It has ended, and asking again would not help. */
  fail(error: ApiError): void;
}

interface Running extends Operation {
  readonly sink: Sink<unknown>;
  /** How to end it on the present socket. */
  stop: (() => void) | null;
  started: boolean;
  failures: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** What shows the server who looks. */
export interface Identity {
  /** Sent with `connection_init`. */
  readonly params: () => Record<string, unknown>;
  /** The server does not take it (any more). */
  readonly onRefused: () => void;
}

/** Close code of a server that refuses the caller. */
const FORBIDDEN = 4403;
const CONNECT_TIMEOUT_MS = 10_000;
const PING_EVERY_MS = 10_000;
const PONG_WITHIN_MS = 5_000;

/**
 * The one WebSocket of a page and the subscriptions on it. Each lasts until it is stopped: a lost connection is opened
 * again for ever, with pauses of up to 10 s, and every subscription begins anew on the next one.
 */
export class Connection {
  readonly #url: string;
  readonly #identity: Identity;
  readonly #running = new Set<Running>();
  readonly #listeners = new Set<() => void>();
  #status: ConnectionStatus = { phase: 'connecting', since: Date.now() };
  #client: Client | null = null;
  #failures = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(url: string, identity: Identity) {
    this.#url = url;
    this.#identity = identity;
    addEventListener('online', this.#now);
    document.addEventListener('visibilitychange', this.#now);
    this.#open();
  }

  readonly status = (): ConnectionStatus => this.#status;

  /** @returns how to stop listening */
  readonly onStatus = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** @returns how to stop it */
  subscribe<Data>({ query, variables }: Operation, sink: Sink<Data>): () => void {
    const running: Running = { query, variables, sink: sink as Sink<unknown>, stop: null, started: false, failures: 0, timer: undefined };
    this.#running.add(running);
    if (this.#status.phase === 'open') this.#start(running);
    return () => {
      this.#running.delete(running);
      clearTimeout(running.timer);
      running.stop?.();
      running.stop = null;
    };
  }

  /** For the end of the page, or of a test. */
  close(): void {
    this.#closed = true;
    removeEventListener('online', this.#now);
    document.removeEventListener('visibilitychange', this.#now);
    clearTimeout(this.#retry);
    this.#drop();
  }

  /** The network is back, or somebody looks at the page again: no reason to wait longer. */
  readonly #now = (): void => {
    if (this.#status.phase !== 'lost' || this.#client !== null || document.visibilityState === 'hidden') return;
    clearTimeout(this.#retry);
    this.#open();
  };

  #open(): void {
    let late: ReturnType<typeof setTimeout> | undefined;
    const giveUpAfter = (ms: number): void => {
      clearTimeout(late);
      late = setTimeout(() => client.terminate(), ms);
    };
    const lost = (event?: unknown): void => {
      clearTimeout(late);
      if (this.#client !== client) return;
      this.#lose();
      if ((event as Partial<CloseEvent> | undefined)?.code === FORBIDDEN) this.#identity.onRefused();
    };
    const client = createClient({
      url: this.#url,
      connectionParams: this.#identity.params,
      lazy: false,
      retryAttempts: 0,
      keepAlive: PING_EVERY_MS,
      onNonLazyError: lost,
      on: {
        connected: () => {
          clearTimeout(late);
          if (this.#client === client) this.#opened();
        },
        closed: lost,
        ping: (received) => {
          if (!received) giveUpAfter(PONG_WITHIN_MS);
        },
        pong: (received) => {
          if (received) clearTimeout(late);
        },
      },
    });
    this.#client = client;
    giveUpAfter(CONNECT_TIMEOUT_MS);
  }

  #opened(): void {
    this.#failures = 0;
    this.#become('open');
    for (const running of this.#running) this.#start(running);
  }

  #lose(): void {
    this.#drop();
    if (this.#closed) return;
    this.#become('lost');
    this.#failures += 1;
    this.#retry = setTimeout(() => this.#open(), backoffMs(this.#failures));
  }

  #drop(): void {
    for (const running of this.#running) {
      clearTimeout(running.timer);
      running.stop = null;
    }
    const client = this.#client;
    this.#client = null;
    Promise.resolve(client?.dispose()).catch(() => undefined);
  }

  #become(phase: ConnectionPhase): void {
    if (phase === this.#status.phase) return;
    this.#status = { phase, since: Date.now() };
    for (const listener of this.#listeners) listener();
  }

  #start(running: Running): void {
    const client = this.#client;
    if (client === null) return;
    if (running.started) running.sink.restart();
    running.started = true;
    let active = true;
    const ended = (error: ApiError | null): void => {
      if (!active) return;
      active = false;
      this.#ended(running, error);
    };
    const end = client.subscribe<unknown>(
      { query: running.query, variables: { ...running.variables } },
      {
        next: ({ data, errors }: FormattedExecutionResult<unknown>) => {
          if (!active) return;
          const [failure] = errors ?? [];
          if (failure) {
            ended(fromFailure(failure));
            end();
          } else {
            running.failures = 0;
            running.sink.next(data);
          }
        },
        error: (error: unknown) => {
          // Anything but a list of errors is the connection's end, which starts everything anew.
          if (Array.isArray(error)) ended(fromFailure(error[0] as { readonly message: string }));
        },
        complete: () => ended(null),
      },
    );
    running.stop = () => {
      active = false;
      end();
    };
  }

  /** The server has ended a subscription on a connection that stays. */
  #ended(running: Running, error: ApiError | null): void {
    if (!this.#running.has(running) || this.#client === null) return;
    running.stop = null;
    if (error !== null && !isPassing(error)) {
      this.#running.delete(running);
      running.sink.fail(error);
      return;
    }
    if (error !== null) running.sink.ended?.(error);
    if (!this.#running.has(running)) return;
    running.failures += 1;
    running.timer = setTimeout(() => this.#start(running), backoffMs(running.failures));
  }
}
