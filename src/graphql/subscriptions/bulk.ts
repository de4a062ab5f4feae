import type { Caller } from '../../access/caller.js';
import type { BulkOperation, BulkOperations } from '../../operations/types.js';
import { isDatabaseUnavailable } from '../errors.js';
import { fromListener } from './callbacks.js';
import { coalesce } from './coalesce.js';
import { endIterator, type EndableIterator } from './iterators.js';

/** Least time between two messages of one subscription, in ms. */
const MIN_INTERVAL_MS = 250;

/**
 * An operation as it stands: at once if there is one, then after changes, whichever replica makes them; ends with its
 * last state. The state after the last change always comes.
 */
export function watchOperation(bulk: BulkOperations, id: string, caller: Caller): EndableIterator<BulkOperation> {
  const states = coalesce<string | null, string, BulkOperation>({
    // In a box: a listener's value that is null would pass for none.
    source: changesOf(bulk),
    keysOf: (changed) => (changed === null || changed === id ? [id] : []),
    initial: [id],
    minIntervalMs: MIN_INTERVAL_MS,
    isTransient: isDatabaseUnavailable,
    async read() {
      const operation = await bulk.byId(id, caller);
      return operation === null ? [] : [operation];
    },
  });
  let last: BulkOperation | null = null;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      for (;;) {
        if (last !== null && last.state !== 'RUNNING') {
          await endIterator(states);
          return { done: true, value: undefined };
        }
        const item = await states.next();
        if (item.done) return { done: true, value: undefined };
        const isNews = last === null || last.processed !== item.value.processed || last.state !== item.value.state;
        last = item.value;
        if (isNews) return { done: false, value: item.value };
      }
    },
    async return() {
      await endIterator(states);
      return { done: true, value: undefined };
    },
  };
}

function changesOf(bulk: BulkOperations): AsyncIterator<string | null> {
  const boxes = fromListener<{ readonly id: string | null }>((listener) => bulk.onChange((id) => listener({ id })));
  return {
    async next() {
      const item = await boxes.next();
      return item.done ? { done: true, value: undefined } : { done: false, value: item.value.id };
    },
    async return() {
      await endIterator(boxes);
      return { done: true, value: undefined };
    },
  };
}
