import type { ConnectionWriter } from './fan-out/connection-writer.js';

/**
 * One WebSocket connection: what it is sent, and its operations in flight: queries and mutations from their acceptance until their last message
 * has been handed to the socket. Subscriptions are none: they end when the connection does.
 */
export class Connection {
  readonly #inFlight = new Set<object>();
  #waiting: (() => void)[] = [];

  constructor(readonly writer: ConnectionWriter) {}

  begin(operation: object): void {
    this.#inFlight.add(operation);
  }

  /** Does nothing for an operation that did not begin. */
  end(operation: object): void {
    this.#inFlight.delete(operation);
    this.#tell();
  }

  /** The client is gone: nothing is in flight any more. */
  abandon(): void {
    this.#inFlight.clear();
    this.#tell();
  }

  /** Resolves when nothing is in flight. */
  idle(): Promise<void> {
    if (this.#inFlight.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #tell(): void {
    if (this.#inFlight.size > 0) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
