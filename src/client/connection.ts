import { type Client, createClient } from 'graphql-ws/client';

import { ConnectionLostError, type GraphQLFailure, OperationFailedError } from './errors.js';
import { webSocketClass, type WebSocketChoice, webSocketUrl } from './web-socket.js';

export interface ConnectionOptions extends WebSocketChoice {
  /** GraphQL endpoint: http(s):// or ws(s)://. */
  readonly url: string | URL;
  readonly connectionParams?: ConnectionParams | undefined;
  /** An API key or a token (JWT); asked for anew at each connection where it is a function. */
  readonly token?: Token | undefined;
  /** How long connecting may take, in ms. Default 10,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Time between pings, in ms; a server that leaves one unanswered for half as long is given up. Default 10,000. */
  readonly keepAliveMs?: number | undefined;
}

/** Payload of `connection_init`, e.g. a token; asked for anew at each connection where it is a function. */
export type ConnectionParams =
  | Readonly<Record<string, unknown>>
  | (() => Readonly<Record<string, unknown>> | undefined | Promise<Readonly<Record<string, unknown>> | undefined>);

/** What shows the server who asks. */
export type Token = string | (() => string | undefined | Promise<string | undefined>);

export interface Operation {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
}

/** What a subscription tells. After `end` nothing follows. */
export interface Sink<Data> {
  next(data: Data): void;
  /** @param error null where the server completed it */
  end(error: Error | null): void;
}

interface CloseLike {
  readonly code: number;
  readonly reason: string;
}

interface Result {
  readonly data?: unknown;
  readonly errors?: readonly GraphQLFailure[];
}

function isCloseLike(value: unknown): value is CloseLike {
  return typeof value === 'object' && value !== null && 'code' in value && typeof value.code === 'number';
}

function isMessageLike(value: unknown): value is { readonly message: string } {
  return typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string';
}

/** What is sent with `connection_init`. */
async function paramsOf({ connectionParams, token }: Pick<ConnectionOptions, 'connectionParams' | 'token'>): Promise<Record<string, unknown> | undefined> {
  const [params, shown] = await Promise.all([typeof connectionParams === 'function' ? connectionParams() : connectionParams, typeof token === 'function' ? token() : token]);
  return shown === undefined ? params && { ...params } : { ...params, authorization: `Bearer ${shown}` };
}

function failureOf(errors: readonly GraphQLFailure[] | undefined): OperationFailedError | null {
  const first = errors?.[0];
  return first === undefined ? null : new OperationFailedError(first);
}

/**
 * One WebSocket connection and the operations on it. Once it is lost it stays lost: whoever needs another one opens it,
 * with operations that go on where these ended (graphql-ws would repeat them with their first variables).
 */
export class Connection {
  readonly #client: Client;
  readonly #running = new Set<(error: Error) => void>();
  readonly #ready: Promise<void>;
  #whenReady: () => void = () => undefined;
  #whenNot: (error: Error) => void = () => undefined;
  #acknowledged = false;
  #lost: ConnectionLostError | null = null;
  /** What `ws` or the browser said before the connection closed. */
  #trouble = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  private constructor(socketClass: unknown, options: ConnectionOptions) {
    const { connectTimeoutMs = 10_000, keepAliveMs = 10_000 } = options;
    this.#ready = new Promise((resolve, reject) => {
      this.#whenReady = resolve;
      this.#whenNot = reject;
    });
    this.#ready.catch(() => undefined);
    this.#giveUpAfter(connectTimeoutMs, `no connection within ${connectTimeoutMs} ms`);
    this.#client = createClient({
      url: webSocketUrl(options.url),
      webSocketImpl: socketClass,
      lazy: false,
      retryAttempts: 0,
      keepAlive: keepAliveMs,
      onNonLazyError: (error) => this.#lose(error),
      connectionParams: () => paramsOf(options),
      on: {
        connected: () => {
          clearTimeout(this.#timer);
          this.#acknowledged = true;
          this.#whenReady();
        },
        ping: (received) => {
          if (!received) this.#giveUpAfter(keepAliveMs / 2, 'the server does not answer a ping');
        },
        pong: (received) => {
          if (received) clearTimeout(this.#timer);
        },
        error: (error) => {
          if (isMessageLike(error)) this.#trouble = error.message;
        },
        closed: (event) => this.#lose(event),
      },
    });
  }

  /**
   * Begins to connect.
   * @throws NoWebSocketError, TypeError for a URL that is none
   */
  static async open(options: ConnectionOptions): Promise<Connection> {
    return new Connection(await webSocketClass(options), options);
  }

  /** Resolves when the server has acknowledged the connection; rejects with ConnectionLostError. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  get lost(): boolean {
    return this.#lost !== null;
  }

  #giveUpAfter(ms: number, why: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#trouble = why;
      this.#client.terminate();
    }, ms);
  }

  #lose(event: unknown): void {
    clearTimeout(this.#timer);
    if (this.#lost !== null) return;
    const close = isCloseLike(event) ? event : null;
    const words = [this.#trouble, close?.reason ?? '', close ? `WebSocket closed with ${close.code}` : ''].filter((text) => text !== '');
    this.#lost = new ConnectionLostError(words[0] ?? 'the connection failed', close?.code, this.#acknowledged);
    this.#whenNot(this.#lost);
    this.#dispose();
    for (const end of [...this.#running]) end(this.#lost);
  }

  /** A close that graphql-ws takes for no error would make it connect again by itself. */
  #dispose(): void {
    Promise.resolve(this.#client.dispose()).catch(() => undefined);
  }

  /**
   * The data of a query.
   * @throws OperationFailedError, ConnectionLostError
   */
  request<Data>(operation: Operation): Promise<Data> {
    return new Promise((resolve, reject) => {
      const stop = this.subscribe<Data>(operation, {
        next(data) {
          resolve(data);
          stop();
        },
        end: (error) => reject(error ?? new OperationFailedError({ message: 'the operation completed without a result' })),
      });
    });
  }

  /** Ends with OperationFailedError at the first result that has errors, or ConnectionLostError. @returns how to stop it */
  subscribe<Data>(operation: Operation, sink: Sink<Data>): () => void {
    let active = true;
    let dispose: () => void = () => undefined;
    const stop = (): boolean => {
      if (!active) return false;
      active = false;
      this.#running.delete(end);
      // Not in this turn: where the server's own `complete` comes in the same packet, graphql-ws would count it twice and
      // close the connection.
      queueMicrotask(dispose);
      return true;
    };
    const end = (error: Error | null): void => {
      if (stop()) sink.end(error);
    };
    if (this.#lost !== null) {
      const lost = this.#lost;
      queueMicrotask(() => end(lost));
      return stop;
    }
    this.#running.add(end);
    dispose = this.#client.subscribe<Data>(operation, {
      next: (result) => {
        if (!active) return;
        const { data, errors } = result as Result;
        const failure = failureOf(errors);
        if (failure === null) sink.next(data as Data);
        else end(failure);
      },
      error: (error) => {
        if (Array.isArray(error)) end(failureOf(error as readonly GraphQLFailure[]));
        else if (this.#lost === null) this.#lose(error);
      },
      complete: () => end(null),
    });
    return stop;
  }

  /** Closes it; operations end with ConnectionLostError. Idempotent. */
  close(): void {
    if (this.#lost !== null) return;
    this.#trouble = 'closed by this side';
    // What is still connecting can only be broken off; graphql-ws would wait for it.
    if (this.#acknowledged) this.#lose(null);
    else this.#client.terminate();
  }
}
