/** Blocks are aligned to this many bytes, and references count in it. */
const UNIT_BYTES = 8;
const PAGE_BYTES = 2 ** 18;
const PAGE_UNITS = PAGE_BYTES / UNIT_BYTES;

/** Sizes of blocks, in bytes: about a fifth apart, so that at most that much is lost. */
export const CLASS_BYTES: readonly number[] = [
  16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 896, 1_024, 1_280, 1_536, 1_792, 2_048, 2_560,
  3_072, 3_584, 4_096, 5_120, 6_144, 7_168, 8_192,
];

/** The smallest class that holds so many bytes. */
export function classOf(bytes: number): number {
  const found = CLASS_BYTES.findIndex((size) => size >= bytes);
  if (found < 0) throw new RangeError(`No block holds ${bytes} bytes.`);
  return found;
}

/**
 * Memory for hundreds of thousands of small records: blocks in pages, with a free list for each size. A typed array or an
 * object for each record would cost more than what it holds. A reference is a number above 0; 0 refers to nothing.
 * Pages are kept once they were needed.
 *
 * While it is shared, its pages as they were can be read: one that is written to is replaced by a copy first. Who
 * writes to a block calls `own` before it takes the page's views.
 */
export class Arena {
  /** Pages by kinds of views; a block's bytes start at `byteOf(reference)` of page `pageOf(reference)`. */
  readonly bytes: Uint8Array[] = [];
  readonly halves: Uint16Array[] = [];
  readonly words: Uint32Array[] = [];
  readonly integers: Int32Array[] = [];
  readonly free: number[][] = CLASS_BYTES.map(() => []);
  /** Units of the last page that were given out. */
  used = PAGE_UNITS;
  /** Places of pages that must not be written to. */
  readonly #shared = new Set<number>();
  #sharers = 0;

  get size(): number {
    return this.bytes.length * PAGE_BYTES;
  }

  /** @returns a block of zeros */
  allocate(sizeClass: number): number {
    const reused = this.free[sizeClass]?.pop();
    if (reused !== undefined) {
      this.own(reused);
      return reused;
    }
    const units = CLASS_BYTES[sizeClass]! / UNIT_BYTES;
    if (this.used + units > PAGE_UNITS) this.addPage(new Uint8Array(PAGE_BYTES), this.bytes.length === 0 ? 1 : 0);
    const reference = (this.bytes.length - 1) * PAGE_UNITS + this.used;
    this.used += units;
    this.own(reference);
    return reference;
  }

  /** Pages that stay as they are until `unshare` is called, whatever is written meanwhile. */
  share(): readonly Uint8Array[] {
    this.#sharers += 1;
    for (let page = 0; page < this.bytes.length; page++) this.#shared.add(page);
    return [...this.bytes];
  }

  unshare(): void {
    this.#sharers -= 1;
    if (this.#sharers === 0) this.#shared.clear();
  }

  /** Makes the page of a block one that may be written to. */
  own(reference: number): void {
    if (this.#sharers === 0) return;
    const page = pageOf(reference);
    if (this.#shared.delete(page)) this.#setPage(page, this.bytes[page]!.slice());
  }

  release(reference: number, sizeClass: number): void {
    this.own(reference);
    const start = byteOf(reference);
    this.bytes[pageOf(reference)]!.fill(0, start, start + CLASS_BYTES[sizeClass]!);
    this.free[sizeClass]!.push(reference);
  }

  addPage(page: Uint8Array, used: number): void {
    this.#setPage(this.bytes.length, page);
    this.used = used;
  }

  #setPage(place: number, page: Uint8Array): void {
    const buffer = page.buffer as ArrayBuffer;
    this.bytes[place] = page;
    this.halves[place] = new Uint16Array(buffer);
    this.words[place] = new Uint32Array(buffer);
    this.integers[place] = new Int32Array(buffer);
  }
}

export const ARENA_PAGE_BYTES = PAGE_BYTES;

export function pageOf(reference: number): number {
  return Math.floor(reference / PAGE_UNITS);
}

export function byteOf(reference: number): number {
  return (reference % PAGE_UNITS) * UNIT_BYTES;
}
