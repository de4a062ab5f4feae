import { type Arena, byteOf, CLASS_BYTES, classOf, pageOf } from './arena.js';
import type { LatencySum } from './latency.js';

/**
 * Counts by slot, in one block of an arena: few as a list of slots, many as counters of a range of slots, of 8, 16 or
 * 32 bits as the largest needs. A block starts with: form (byte 0), class (byte 1), first slot of the range (bytes 2 and
 * 3), total (bytes 4 to 7). Nothing at all is the reference 0.
 */
const HEADER_BYTES = 8;
const LIST = 0;
/** The form of counters is their width in bytes. */
const WIDTHS = [1, 2, 4] as const;
const LARGEST: Readonly<Record<number, number>> = { 1: 2 ** 8 - 1, 2: 2 ** 16 - 1, 4: 2 ** 32 - 1 };

interface Block {
  readonly bytes: Uint8Array;
  readonly halves: Uint16Array;
  readonly words: Uint32Array;
  /** Where it starts. */
  readonly at: number;
  readonly form: number;
  readonly sizeClass: number;
  readonly first: number;
  readonly total: number;
}

function open(arena: Arena, reference: number): Block {
  const page = pageOf(reference);
  const at = byteOf(reference);
  const bytes = arena.bytes[page]!;
  const halves = arena.halves[page]!;
  const words = arena.words[page]!;
  return { bytes, halves, words, at, form: bytes[at]!, sizeClass: bytes[at + 1]!, first: halves[(at + 2) / 2]!, total: words[(at + 4) / 4]! };
}

function create(arena: Arena, form: number, sizeClass: number, first: number): number {
  const reference = arena.allocate(sizeClass);
  const block = open(arena, reference);
  block.bytes[block.at] = form;
  block.bytes[block.at + 1] = sizeClass;
  block.halves[(block.at + 2) / 2] = first;
  return reference;
}

/** How many slots the block has room for. */
function capacity(block: Block): number {
  return (CLASS_BYTES[block.sizeClass]! - HEADER_BYTES) / (block.form === LIST ? 2 : block.form);
}

function read(block: Block, index: number): number {
  const start = block.at + HEADER_BYTES;
  switch (block.form) {
    case 1:
      return block.bytes[start + index]!;
    case 4:
      return block.words[start / 4 + index]!;
    default:
      return block.halves[start / 2 + index]!;
  }
}

function write(block: Block, index: number, value: number): void {
  const start = block.at + HEADER_BYTES;
  switch (block.form) {
    case 1:
      block.bytes[start + index] = value;
      break;
    case 4:
      block.words[start / 4 + index] = value;
      break;
    default:
      block.halves[start / 2 + index] = value;
  }
}

function setTotal(block: Block, total: number): void {
  block.words[(block.at + 4) / 4] = total;
}

/** Calls back for each slot that is counted; a list may name a slot more than once. */
export function eachBin(arena: Arena, reference: number, visit: (slot: number, count: number) => void): void {
  if (reference === 0) return;
  const block = open(arena, reference);
  if (block.form === LIST) {
    for (let index = 0; index < block.total; index++) visit(read(block, index), 1);
    return;
  }
  const end = capacity(block);
  for (let index = 0; index < end; index++) {
    const count = read(block, index);
    if (count !== 0) visit(block.first + index, count);
  }
}

/** Adds all to a sum: as `eachBin`, but on the way of every read. */
export function sumBins(arena: Arena, reference: number, sum: LatencySum): void {
  if (reference === 0) return;
  const block = open(arena, reference);
  const { form, first } = block;
  if (form === LIST) {
    const start = (block.at + HEADER_BYTES) / 2;
    for (let index = start; index < start + block.total; index++) sum.add(block.halves[index]!, 1);
    return;
  }
  const counters = form === 1 ? block.bytes : form === 2 ? block.halves : block.words;
  const start = (block.at + HEADER_BYTES) / form;
  const end = start + capacity(block);
  for (let index = start; index < end; index++) {
    const count = counters[index]!;
    if (count !== 0) sum.add(first + index - start, count);
  }
}

/** Moves all to a new block. @returns its reference */
function rebuild(arena: Arena, reference: number, block: Block, form: number, sizeClass: number, first: number): number {
  const moved = create(arena, form, sizeClass, first);
  const target = open(arena, moved);
  let next = 0;
  eachBin(arena, reference, (slot, count) => {
    if (form === LIST) write(target, next++, slot);
    else write(target, slot - first, read(target, slot - first) + count);
  });
  setTotal(target, block.total);
  arena.release(reference, block.sizeClass);
  return moved;
}

/** A block of counters for what is there and one more slot, with the room that its class leaves shared between both sides. */
function rebuildCounters(arena: Arena, reference: number, block: Block, slot: number): number {
  let lowest = slot;
  let highest = slot;
  const counts = new Map<number, number>();
  let largest = 1;
  eachBin(arena, reference, (found, count) => {
    if (found < lowest) lowest = found;
    if (found > highest) highest = found;
    const sum = (counts.get(found) ?? 0) + count;
    counts.set(found, sum);
    if (sum > largest) largest = sum;
  });
  // One more is going to be counted.
  const width = WIDTHS.find((bytes) => (LARGEST[bytes] ?? 0) > largest) ?? 4;
  const sizeClass = classOf(HEADER_BYTES + (highest - lowest + 1) * width);
  const room = (CLASS_BYTES[sizeClass]! - HEADER_BYTES) / width - (highest - lowest + 1);
  return rebuild(arena, reference, block, width, sizeClass, Math.max(0, lowest - Math.floor(room / 2)));
}

function grownList(arena: Arena, reference: number, block: Block, slot: number): number {
  let lowest = slot;
  let highest = slot;
  eachBin(arena, reference, (found) => {
    if (found < lowest) lowest = found;
    if (found > highest) highest = found;
  });
  const larger = block.sizeClass + 1;
  if (HEADER_BYTES + highest - lowest + 1 <= CLASS_BYTES[larger]!) return rebuildCounters(arena, reference, block, slot);
  return rebuild(arena, reference, block, LIST, larger, 0);
}

/** Counts one at a slot. @returns the reference from now on */
export function addBin(arena: Arena, reference: number, slot: number): number {
  let current = reference === 0 ? create(arena, LIST, 0, 0) : reference;
  arena.own(current);
  let block = open(arena, current);
  if (block.form === LIST && block.total >= capacity(block)) {
    current = grownList(arena, current, block, slot);
    block = open(arena, current);
  }
  if (block.form !== LIST) {
    const outside = slot < block.first || slot >= block.first + capacity(block);
    if (outside || read(block, slot - block.first) === LARGEST[block.form]) {
      current = rebuildCounters(arena, current, block, slot);
      block = open(arena, current);
    }
    write(block, slot - block.first, read(block, slot - block.first) + 1);
  } else {
    write(block, block.total, slot);
  }
  setTotal(block, block.total + 1);
  return current;
}

/** Takes one back from a slot; nothing where none is counted there. @returns the reference from now on */
export function removeBin(arena: Arena, reference: number, slot: number): number {
  if (reference === 0) return 0;
  arena.own(reference);
  const block = open(arena, reference);
  if (!takeOne(block, slot)) return reference;
  if (block.total === 1) return releaseBins(arena, reference);
  setTotal(block, block.total - 1);
  return reference;
}

function takeOne(block: Block, slot: number): boolean {
  if (block.form === LIST) {
    for (let index = 0; index < block.total; index++) {
      if (read(block, index) !== slot) continue;
      write(block, index, read(block, block.total - 1));
      write(block, block.total - 1, 0);
      return true;
    }
    return false;
  }
  const index = slot - block.first;
  if (index < 0 || index >= capacity(block)) return false;
  const count = read(block, index);
  if (count === 0) return false;
  write(block, index, count - 1);
  return true;
}

/** @returns 0 */
export function releaseBins(arena: Arena, reference: number): number {
  if (reference !== 0) arena.release(reference, arena.bytes[pageOf(reference)]![byteOf(reference) + 1]!);
  return 0;
}
