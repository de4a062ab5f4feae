/**
 * What the server counts as it happens: plain numbers, so that counting costs nothing where thousands of messages a second
 * are sent. They are made into metrics when somebody asks.
 */
export class ServerCounts {
  /** Open WebSocket connections. */
  connections = 0;
  connectionsOpened = 0;
  /** Events of subscriptions, each counted for each client that it was written to. */
  eventsSent = 0;
  /** All other messages over WebSocket: acknowledgements, answers, ends. */
  answersSent = 0;
  /** Subscriptions that ended because their client read too slowly. */
  slowConsumers = 0;
  /** Exports that run. */
  exports = 0;
  /** Bytes that wait for WebSocket connections. */
  queuedBytes: () => number = () => 0;
  /** Upgrades to WebSocket that were refused, by the code that the client was told. */
  readonly upgradesRefused = new Map<string, number>();

  /** Operations refused with RATE_LIMITED, by the way they came. */
  readonly operationsRateLimited = new Map<string, number>();

  rateLimited(way: string): void {
    this.operationsRateLimited.set(way, (this.operationsRateLimited.get(way) ?? 0) + 1);
  }

  upgradeRefused(code: string): void {
    this.upgradesRefused.set(code, (this.upgradesRefused.get(code) ?? 0) + 1);
  }
}
