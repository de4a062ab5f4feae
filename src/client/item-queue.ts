import type { TaskKeys, WatchItem } from './types.js';

/** An item, or (null) only a newer place: nothing happened that was asked for. */
interface Entry<T extends TaskKeys> {
  readonly item: WatchItem<T> | null;
  readonly cursor: string;
}

type Waiting<T extends TaskKeys> = (result: IteratorResult<WatchItem<T>> | Promise<IteratorResult<WatchItem<T>>>) => void;

/** What has come and not been read yet, in order, and the place behind what has been read. */
export class ItemQueue<T extends TaskKeys> {
  readonly #limit: number;
  #entries: Entry<T>[] = [];
  #head = 0;
  #waiting: Waiting<T>[] = [];
  #end: { error: Error | null } | null = null;
  #onRoom: (() => void) | null = null;
  #cursor: string | null;

  /** @param limit how many items may wait before `full` */
  constructor(limit: number, cursor: string | null) {
    this.#limit = limit;
    this.#cursor = cursor;
  }

  /** Behind the last item that was read; newer only once the reader has asked for the next one. */
  get cursor(): string | null {
    return this.#cursor;
  }

  get size(): number {
    return this.#entries.length - this.#head;
  }

  get full(): boolean {
    return this.size >= this.#limit;
  }

  push(item: WatchItem<T>): void {
    this.#add({ item, cursor: item.cursor });
  }

  /** Nothing happened that was asked for, and the place moved on. A reader that waits has dealt with all before it. */
  advance(cursor: string): void {
    if (this.#waiting.length > 0) this.#cursor = cursor;
    else if (this.#entries.at(-1)?.item === null) this.#entries[this.#entries.length - 1] = { item: null, cursor };
    else this.#add({ item: null, cursor });
  }

  #add(entry: Entry<T>): void {
    if (this.#end !== null) return;
    const waiting = entry.item === null ? undefined : this.#waiting.shift();
    if (waiting === undefined || entry.item === null) {
      this.#entries.push(entry);
      return;
    }
    this.#cursor = entry.cursor;
    waiting({ done: false, value: entry.item });
  }

  /** Resolves when half of what may wait has been read, or it has ended. */
  room(): Promise<void> {
    if (this.#end !== null || this.size <= this.#limit / 2) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onRoom = resolve;
    });
  }

  next(): Promise<IteratorResult<WatchItem<T>>> {
    while (this.size > 0) {
      const { item, cursor } = this.#entries[this.#head] as Entry<T>;
      this.#head += 1;
      if (this.#head === this.#entries.length || this.#head >= 1_024) {
        this.#entries = this.#entries.slice(this.#head);
        this.#head = 0;
      }
      this.#cursor = cursor;
      if (this.size <= this.#limit / 2) this.#tellRoom();
      if (item !== null) return Promise.resolve({ done: false, value: item });
    }
    if (this.#end !== null) return this.#ending();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** What is queued can still be read, then comes the error, or the end. */
  end(error: Error | null): void {
    if (this.#end !== null) return;
    this.#end = { error };
    this.#tellRoom();
    for (const waiting of this.#waiting.splice(0)) waiting(this.#ending());
  }

  /** Forgets what is queued, and ends. */
  discard(): void {
    this.#entries = [];
    this.#head = 0;
    this.end(null);
    this.#end = { error: null };
  }

  #tellRoom(): void {
    this.#onRoom?.();
    this.#onRoom = null;
  }

  #ending(): Promise<IteratorResult<WatchItem<T>>> {
    const error = this.#end?.error ?? null;
    this.#end = { error: null };
    return error === null ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(error);
  }
}
