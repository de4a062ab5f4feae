import type { Payload } from './payload.js';

/** All payloads that wait in queues, each counted once however many subscriptions it waits for: they hold the same text. */
export class QueuedPayloads {
  readonly #limit: number;
  #bytes = 0;

  /** @param limit bytes that may wait */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** For one more queue that it waits in. @returns false where that is more than may wait */
  hold(payload: Payload): boolean {
    const holders = payload.holders ?? 0;
    if (holders === 0) {
      if (this.#bytes + payload.json.length > this.#limit) return false;
      this.#bytes += payload.json.length;
    }
    payload.holders = holders + 1;
    return true;
  }

  letGo(payload: Payload): void {
    const holders = (payload.holders ?? 1) - 1;
    payload.holders = holders;
    if (holders === 0) this.#bytes -= payload.json.length;
  }
}
