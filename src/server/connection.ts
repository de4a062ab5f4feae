import type { ConnectionCaller } from './auth/connection-caller.js';
import type { ConnectionWriter } from './fan-out/connection-writer.js';
import { RunningReads } from './running-reads.js';

/** A subscription lasts until somebody ends it; a request (a query or a mutation) ends by itself. */
export type OperationKind = 'subscription' | 'request';

/** One WebSocket connection: what it is sent, and the operations that run on it. */
export class Connection {
  readonly #running: Readonly<Record<OperationKind, Set<object>>> = { subscription: new Set(), request: new Set() };
  /** What its queries and mutations read. */
  readonly reads = new RunningReads();
  #waiting: (() => void)[] = [];

  /** @param limit how many subscriptions may run at a time, and how many requests */
  constructor(
    readonly writer: ConnectionWriter,
    readonly limit: number,
    readonly identity: ConnectionCaller,
    /** Of the client. */
    readonly address: string,
  ) {}

  /** From its acceptance until its last message has been handed to the socket. @returns false where as many run as may */
  begin(kind: OperationKind, operation: object): boolean {
    const running = this.#running[kind];
    if (running.size >= this.limit) return false;
    running.add(operation);
    return true;
  }

  /** Does nothing for an operation that did not begin. */
  end(operation: object): void {
    for (const running of Object.values(this.#running)) running.delete(operation);
    this.#tell();
  }

  /** The client is gone: nothing runs any more. */
  abandon(): void {
    this.identity.release();
    this.reads.abandon();
    for (const running of Object.values(this.#running)) running.clear();
    this.#tell();
  }

  /** Resolves when no request is in flight. */
  idle(): Promise<void> {
    if (this.#running.request.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #tell(): void {
    if (this.#running.request.size > 0) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
