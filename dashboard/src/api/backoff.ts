const FIRST_MS = 250;
const LONGEST_MS = 10_000;

/**
 * How long to wait before the next try: doubling from 0.25 s to 10 s, of which a random half, so that many pages do not
 * come back in the same instant.
 *
 * @param failures tries that have failed in a row, at least 1
 */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  const ms = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 10));
  return ms / 2 + (ms / 2) * random();
}
