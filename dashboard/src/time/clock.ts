/** One ticking clock for a whole page. It stands still while nobody listens, or nobody looks. */
export class Clock {
  readonly #listeners = new Set<() => void>();
  readonly #everyMs: number;
  #now = Date.now();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(everyMs = 1_000) {
    this.#everyMs = everyMs;
  }

  /** The last tick, ms since the epoch. The same between two ticks. */
  readonly now = (): number => this.#now;

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#run();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#halt();
    };
  };

  #run(): void {
    document.addEventListener('visibilitychange', this.#looked);
    this.#timer = setInterval(this.#tick, this.#everyMs);
    this.#tick();
  }

  #halt(): void {
    document.removeEventListener('visibilitychange', this.#looked);
    clearInterval(this.#timer);
  }

  readonly #looked = (): void => {
    if (document.visibilityState === 'visible') this.#tick();
  };

  readonly #tick = (): void => {
    if (document.visibilityState === 'hidden') return;
    this.#now = Date.now();
    for (const listener of this.#listeners) listener();
  };
}
