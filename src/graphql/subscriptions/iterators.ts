/** An iterator that can always be ended from outside, also while a `next()` is pending. */
export type EndableIterator<T> = AsyncIterableIterator<T> & { return(): Promise<IteratorResult<T>> };

const done = (): IteratorReturnResult<undefined> => ({ done: true, value: undefined });

/** Ends an iterator if it can be ended; errors of ending it are of no interest to anyone. */
export async function endIterator(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // It has ended either way.
  }
}

/**
 * Each value of `source` through `transform`, in order. What `transform` or the source throws becomes one last value by
 * way of `recover`, after which the iterator ends. `return()` is passed on at once, never queued behind a pending
 * `next()` (an async generator would do that, and a quiet subscription could not be ended).
 */
export function mapIterator<T, R>(
  source: AsyncIterator<T>,
  transform: (value: T) => R | Promise<R>,
  recover: (error: unknown) => R,
): EndableIterator<R> {
  let ended = false;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next(): Promise<IteratorResult<R>> {
      if (ended) return done();
      try {
        const item = await source.next();
        if (item.done || ended) {
          ended = true;
          return done();
        }
        const value = await transform(item.value);
        return ended ? done() : { done: false, value };
      } catch (error) {
        if (ended) return done();
        ended = true;
        await endIterator(source);
        return { done: false, value: recover(error) };
      }
    },
    async return(): Promise<IteratorResult<R>> {
      ended = true;
      await endIterator(source);
      return done();
    },
    async throw(error: unknown): Promise<IteratorResult<R>> {
      ended = true;
      await endIterator(source);
      throw error;
    },
  };
}
