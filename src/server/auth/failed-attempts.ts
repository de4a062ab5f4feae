import { clientOf } from '../address-limit.js';

const WINDOW_MS = 60_000;
/** Clients that are remembered; beyond them the oldest windows are forgotten. */
const MAX_CLIENTS = 10_000;

interface Window {
  readonly endsAt: number;
  failed: number;
}

/** How often each client (of IPv6, a /64) failed to show who it is, by windows of a minute. */
export class FailedAttempts {
  readonly #limit: number;
  readonly #windows = new Map<string, Window>();

  /** @param limit failed attempts of one client in a minute; 0: any number */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** For how many more seconds the client may not try; 0 where it may. */
  blockedFor(address: string, now = Date.now()): number {
    const window = this.#windows.get(clientOf(address));
    if (this.#limit === 0 || window === undefined || window.endsAt <= now || window.failed < this.#limit) return 0;
    return Math.ceil((window.endsAt - now) / 1_000);
  }

  count(address: string, now = Date.now()): void {
    if (this.#limit === 0) return;
    const client = clientOf(address);
    const window = this.#windows.get(client);
    if (window !== undefined && window.endsAt > now) {
      window.failed += 1;
      return;
    }
    this.#windows.delete(client);
    this.#windows.set(client, { endsAt: now + WINDOW_MS, failed: 1 });
    for (const [oldest] of this.#windows) {
      if (this.#windows.size <= MAX_CLIENTS) break;
      this.#windows.delete(oldest);
    }
  }
}
