import type { EndableIterator } from './iterators.js';

/**
 * What a listener is told, as an iterator: subscribed when this returns, until it is ended. Nothing bounds what waits, so
 * it is for readers that always ask for more at once, as `coalesce` does.
 */
export function fromListener<T>(listen: (listener: (value: T) => void) => () => void): EndableIterator<T> {
  const ready: T[] = [];
  let waiting: ((result: IteratorResult<T>) => void) | null = null;
  let ended = false;
  const stop = listen((value) => {
    if (waiting === null) {
      ready.push(value);
      return;
    }
    const resolve = waiting;
    waiting = null;
    resolve({ done: false, value });
  });
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next() {
      const [value] = ready.splice(0, 1);
      if (value !== undefined) return Promise.resolve({ done: false, value });
      if (ended) return Promise.resolve({ done: true, value: undefined });
      return new Promise((resolve) => {
        waiting = resolve;
      });
    },
    return() {
      ended = true;
      ready.length = 0;
      stop();
      waiting?.({ done: true, value: undefined });
      waiting = null;
      return Promise.resolve({ done: true, value: undefined });
    },
  };
}
