import type { Connection, Operation } from './connection.js';
import type { ApiError } from './errors.js';

/** How messages of a subscription make a state. Pure: `apply` returns a new state where something changed. */
export interface Fold<State, Data> {
  readonly initial: State;
  apply(state: State, data: Data): State;
  /** The state when the subscription begins anew. Default: kept, because the first messages say what holds. */
  restart?(state: State): State;
}

export interface Live<State> {
  readonly value: State;
  /** Nothing has come yet, or nothing since the subscription began anew. */
  readonly waiting: boolean;
  /** What asking again does not mend; null while there is hope. */
  readonly error: ApiError | null;
}

/** Calls back once before the next paint; a page that is hidden paints never, so a timer does it there. */
export function onNextFrame(run: () => void): () => void {
  if (document.visibilityState === 'hidden') {
    const timer = setTimeout(run, 250);
    return () => clearTimeout(timer);
  }
  const frame = requestAnimationFrame(run);
  return () => cancelAnimationFrame(frame);
}

/** The folded state of one subscription, told to React at most once per frame however many messages come. */
export class LiveStore<State, Data> {
  readonly #listeners = new Set<() => void>();
  #next: Live<State>;
  #shown: Live<State>;
  #cancelFrame: (() => void) | null = null;
  #stop: () => void;

  constructor(connection: Connection, operation: Operation, fold: Fold<State, Data>) {
    this.#next = { value: fold.initial, waiting: true, error: null };
    this.#shown = this.#next;
    this.#stop = connection.subscribe<Data>(operation, {
      next: (data) => this.#set({ value: fold.apply(this.#next.value, data), waiting: false, error: null }),
      restart: () => this.#set({ value: fold.restart?.(this.#next.value) ?? this.#next.value, waiting: true, error: null }),
      fail: (error) => this.#set({ ...this.#next, waiting: false, error }),
    });
  }

  readonly get = (): Live<State> => this.#shown;

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  close(): void {
    this.#stop();
    this.#cancelFrame?.();
    this.#listeners.clear();
  }

  #set(next: Live<State>): void {
    const { value, waiting, error } = this.#next;
    if (next.value === value && next.waiting === waiting && next.error === error) return;
    this.#next = next;
    this.#cancelFrame ??= onNextFrame(() => {
      this.#cancelFrame = null;
      this.#shown = this.#next;
      for (const listener of this.#listeners) listener();
    });
  }
}
