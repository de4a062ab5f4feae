import { compareValues, KINDS, kindOf, type Kind } from '../queries/bson-order.js';

/**
 * How far a scan by `_id` has come, in MongoDB's order: past every id of the kinds before `kind`, and within it past
 * `id` and what lies before; where `id` is undefined, past none of that kind.
 */
export interface ScanPlace {
  readonly kind: Kind | 'end';
  readonly id?: unknown;
}

export const SCAN_START: ScanPlace = { kind: KINDS[0] };
export const SCAN_END: ScanPlace = { kind: 'end' };

const RANKS = new Map<Kind | 'end', number>([...KINDS.map((kind, rank) => [kind, rank] as const), ['end', KINDS.length]]);

function rankOf(kind: Kind | 'end'): number {
  return RANKS.get(kind) as number;
}

/** The place past every id of a kind. */
export function pastKind(kind: Kind): ScanPlace {
  return { kind: KINDS[rankOf(kind) + 1] ?? 'end' };
}

/** Whether a kind lies behind another in the order. */
export function isLaterKind(kind: Kind, than: Kind | 'end'): boolean {
  return rankOf(kind) > rankOf(than);
}

/** Thrown where two ids cannot be put in MongoDB's order here (code, regular expressions, decimals that differ very little). */
export class UncertainOrderError extends Error {
  override name = 'UncertainOrderError';
}

/**
 * Whether the scan has come past an id.
 * @throws UncertainOrderError
 */
export function isPast(place: ScanPlace, id: unknown): boolean {
  const distance = rankOf(place.kind) - rankOf(kindOf(id));
  if (distance !== 0 || place.id === undefined) return distance > 0;
  const order = compareValues(place.id, id);
  if (Number.isNaN(order)) throw new UncertainOrderError('two ids cannot be compared');
  return order >= 0;
}
