export interface RecentTextsLimits {
  readonly texts: number;
  /** Of all texts together. */
  readonly characters: number;
}

interface Kept<Value> {
  readonly value: Value;
  readonly characters: number;
}

/** What belongs to texts that clients send, by a key, within limits of number and length: the least recently used are forgotten. */
export class RecentTexts<Value> {
  readonly #limits: RecentTextsLimits;
  /** The least recently used first. */
  readonly #kept = new Map<string, Kept<Value>>();
  #characters = 0;

  constructor(limits: RecentTextsLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#kept.size;
  }

  has(key: string): boolean {
    return this.#kept.has(key);
  }

  /** Counts as a use. */
  get(key: string): Value | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return kept.value;
  }

  /** @param characters of the text that it belongs to */
  set(key: string, value: Value, characters: number): void {
    this.delete(key);
    this.#kept.set(key, { value, characters });
    this.#characters += characters;
    for (const [oldest] of this.#kept) {
      if (this.#kept.size <= this.#limits.texts && this.#characters <= this.#limits.characters) return;
      this.delete(oldest);
    }
  }

  delete(key: string): boolean {
    this.#characters -= this.#kept.get(key)?.characters ?? 0;
    return this.#kept.delete(key);
  }
}
