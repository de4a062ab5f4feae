import type { ApiError } from '../api/errors.js';

export interface Refusal<Item> {
  readonly item: Item;
  readonly error: ApiError;
}

export interface Progress<Item> {
  readonly total: number;
  readonly succeeded: number;
  /** In the order in which they came back. */
  readonly refusals: readonly Refusal<Item>[];
  /** `stopped`: the server did not answer, and the rest was not tried. */
  readonly state: 'running' | 'finished' | 'cancelled' | 'stopped';
}

export interface RunOptions<Item> {
  /** How many are under way at a time. */
  readonly concurrency: number;
  /** Those that are under way when it fires are waited for; no other is begun. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress<Item>) => void;
}

/**
 * Does something to each of many, a few at a time. A refusal does not keep the others from being tried; an error of the
 * network does. Never rejects.
 *
 * @param run null: it was done. Must not reject.
 */
export async function runAll<Item>(items: readonly Item[], run: (item: Item) => Promise<ApiError | null>, options: RunOptions<Item>): Promise<Progress<Item>> {
  const { concurrency, signal, onProgress } = options;
  const refusals: Refusal<Item>[] = [];
  let next = 0;
  let succeeded = 0;
  let stopped = false;
  const progress = (state: Progress<Item>['state']): Progress<Item> => ({ total: items.length, succeeded, refusals: [...refusals], state });
  const worker = async (): Promise<void> => {
    while (!stopped && !signal.aborted && next < items.length) {
      const item = items[next] as Item;
      next += 1;
      const error = await run(item);
      if (error === null) succeeded += 1;
      else refusals.push({ item, error });
      if (error?.code === 'NETWORK') stopped = true;
      onProgress(progress('running'));
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
  const left = succeeded + refusals.length < items.length;
  const last = progress(stopped ? 'stopped' : left ? 'cancelled' : 'finished');
  onProgress(last);
  return last;
}

export function settledCount({ succeeded, refusals }: Progress<unknown>): number {
  return succeeded + refusals.length;
}
