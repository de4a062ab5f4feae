export interface TokenBucketOptions {
  /** Tokens that come back each second. */
  readonly perSecond: number;
  /** Tokens of a key that has taken none: how many may be taken at once. */
  readonly burst: number;
  /** Keys that are remembered; beyond them the least recently used is forgotten, and has a full bucket again. */
  readonly maxKeys?: number;
}

interface Bucket {
  tokens: number;
  /** When `tokens` was right, in ms. */
  at: number;
}

const MAX_KEYS = 10_000;

/** A bucket of tokens for each key. No timers: what has come back is reckoned when somebody takes. */
export class TokenBuckets {
  readonly #perMs: number;
  readonly #burst: number;
  readonly #maxKeys: number;
  /** The least recently used first. */
  readonly #buckets = new Map<string, Bucket>();

  constructor({ perSecond, burst, maxKeys = MAX_KEYS }: TokenBucketOptions) {
    this.#perMs = perSecond / 1_000;
    this.#burst = burst;
    this.#maxKeys = maxKeys;
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  /**
   * Takes one token of the key.
   * @param now in ms, of a clock that never goes back
   * @returns 0 where it was taken; else nothing was, and after so many ms there will be one
   */
  take(key: string, now = performance.now()): number {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      this.#buckets.set(key, { tokens: this.#burst - 1, at: now });
      this.#forgetOldest();
      return 0;
    }
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    bucket.tokens = Math.min(this.#burst, bucket.tokens + (now - bucket.at) * this.#perMs);
    bucket.at = now;
    if (bucket.tokens < 1) return (1 - bucket.tokens) / this.#perMs;
    bucket.tokens -= 1;
    return 0;
  }

  #forgetOldest(): void {
    if (this.#buckets.size <= this.#maxKeys) return;
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
