/** Entries of a table of refusals: names share one where their hashes agree, which only refuses a few more. */
const ENTRIES = 2 ** 16;

/** FNV-1a of UTF-16 code units, folded to a place in a table. */
function placeOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index++) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  return (hash ^ (hash >>> 16)) & (ENTRIES - 1);
}

/**
 * Remembers in fixed memory which names may have been refused an entry of their own: such a name must not be given one
 * before nothing of it is left elsewhere, or what is taken back later would be taken from the wrong place.
 * What is kept per name is a number; 0 means that it was not refused.
 */
export class Refusals {
  /** Null until the first refusal. */
  table: Uint32Array | null = null;

  get(name: string): number {
    return this.table === null ? 0 : this.table[placeOf(name)]!;
  }

  set(name: string, value: number): void {
    this.table ??= new Uint32Array(ENTRIES);
    this.table[placeOf(name)] = value;
  }
}
