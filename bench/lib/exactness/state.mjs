/** What identifies one written state of an execution, and the figures that are drawn by lot. */
import { crc32 } from 'node:zlib';

/** JSON with the names of every object in order: equal for equal values. */
export function canonical(value) {
  return JSON.stringify(value, (_name, inner) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** Two states of one execution have the same key only if status, retryCount and all of metadata are equal. */
export function stateKey({ status, retryCount, metadata }) {
  return `${metadata.version}:${status.toLowerCase()}:${retryCount}:${crc32(canonical(metadata)).toString(36)}`;
}

export const REMOVED = 'removed';

/** A row as both the database and a client's list show it. */
export function rowOf({ executionId, status, retryCount, updatedAt, metadata }) {
  return `${executionId} ${status.toLowerCase()} ${retryCount} ${new Date(updatedAt).toISOString()} ${canonical(metadata)}`;
}

/** mulberry32 (public domain, Tommy Ettinger): the same draws for the same seed. */
export function randomOf(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count) => Math.floor(next() * count);
  return { next, below, pick: (list) => list[below(list.length)], chance: (share) => next() < share };
}
