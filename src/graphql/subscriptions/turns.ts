import { endIterator, type EndableIterator } from './iterators.js';

/** An interval has begun. */
export const TURN = Symbol('turn');

/** setTimeout takes no longer wait. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/**
 * The values of `source`, and TURN whenever the clock passes a multiple of `widthMs` (in ms since 1970). One `next()` at
 * a time. Ended when the source ends; `return()` ends the source, clears the timer and settles a pending `next()`.
 */
export function withTurns<T>(source: AsyncIterator<T>, widthMs: number, clock: () => number = Date.now): EndableIterator<T | typeof TURN> {
  let pending: Promise<IteratorResult<T>> | null = null;
  let turnAt = (Math.floor(clock() / widthMs) + 1) * widthMs;
  let timer: NodeJS.Timeout | undefined;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      pending ??= source.next();
      const turn = new Promise<typeof TURN>((resolve) => {
        const wait = (): void => {
          const left = turnAt - clock();
          if (left <= 0) resolve(TURN);
          else timer = setTimeout(wait, Math.min(left, LONGEST_WAIT_MS));
        };
        wait();
      });
      try {
        const first = await Promise.race([pending, turn]);
        if (first !== TURN) {
          pending = null;
          return first;
        }
        turnAt = (Math.floor(clock() / widthMs) + 1) * widthMs;
        return { done: false, value: TURN };
      } finally {
        clearTimeout(timer);
      }
    },
    async return() {
      clearTimeout(timer);
      await endIterator(source);
      return { done: true, value: undefined };
    },
  };
}
