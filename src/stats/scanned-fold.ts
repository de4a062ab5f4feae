import type { TaskChangeEvent } from '../feed/types.js';
import { documentKey } from './fold/document-key.js';
import type { Counted, CountedFailure, Fold } from './fold/types.js';
import { isPast, SCAN_END, type ScanPlace, UncertainOrderError } from './scan-place.js';

type Image = Counted | null;

interface Touched {
  readonly id: unknown;
  readonly image: Image;
  /** The image was read after the change, and may hold later ones. */
  readonly lookedUp: boolean;
}

/** A read of a chunk, from when it was asked for until all of it is in the fold. */
export class ChunkRead {
  /** How far it has read; null while it is not back. */
  upTo: ScanPlace | null = null;
  /** What changed since it was asked for, of what is not in the fold yet: the last image. */
  readonly touched = new Map<string, Touched>();

  /** @param from where it begins: behind the chunk before it */
  constructor(readonly from: ScanPlace) {}
}

/** What was read, while changes from before the read may still come: as the fold has it. */
interface Unsettled {
  readonly from: ScanPlace;
  upTo: ScanPlace;
  /** By document; what is not here does not exist. */
  readonly images: Map<string, Image>;
}

/** Sees each change of the fold: reconciliation keeps the bounds of what it held with it. */
export interface FoldObserver {
  before(removed: Image, added: Image): void;
  after(removed: Image, added: Image): void;
}

export interface ScanHooks {
  /** A change could not be counted exactly: the fold has to be made anew. */
  readonly onInexact: (why: string) => void;
  /** An image was looked up: `settleLookups` is due when all that was committed until now has come. */
  readonly onLookup: (number: number) => void;
}

/** A fold of a scan that is not complete, to go on from: what lies past `place` is not in it. */
export interface PartialFold {
  readonly bytes: Promise<Uint8Array>;
  readonly place: ScanPlace;
  readonly scanned: number;
}

/**
 * A fold that a scan by `_id` fills while changes go on, exact without a snapshot of the database (after Netflix's
 * DBLog and the incremental snapshots of Debezium, but with the feed's own answers as watermarks):
 *
 * - A change of a document past which the scan has not come is left to the scan.
 * - While a chunk is being read, the last image of each document that changes is kept (touched): when the chunk is back,
 *   that image counts instead of the one that was read.
 * - Until everything that was committed before the chunk was back has come from the feed (a barrier), a change may be
 *   one that the read saw already. So the image in the fold is remembered, and each change replaces it (unsettled). The
 *   last change before the barrier sets it right.
 * - After that a change says itself what it replaces.
 */
export class ScannedFold {
  readonly fold: Fold;
  observer: FoldObserver | null = null;
  readonly #hooks: ScanHooks;
  #frontier: ScanPlace;
  #scanned: number;
  #reads: ChunkRead[] = [];
  #unsettled: Unsettled[] = [];
  /** Images that were looked up, and may hold changes that are yet to come: by document, with the number of the lookup. */
  readonly #lookedUp = new Map<string, { readonly image: Image; readonly number: number }>();
  #lookups = 0;

  /** @param scanned how many documents the fold holds */
  constructor(fold: Fold, frontier: ScanPlace, scanned: number, hooks: ScanHooks) {
    this.fold = fold;
    this.#frontier = frontier;
    this.#scanned = scanned;
    this.#hooks = hooks;
  }

  get frontier(): ScanPlace {
    return this.#frontier;
  }

  get scanned(): number {
    return this.#scanned;
  }

  /** Documents whose images are remembered until their barrier falls. */
  get unsettled(): number {
    return this.#unsettled.reduce((sum, { images }) => sum + images.size, 0);
  }

  /** A document had to be looked up, and what was committed before has not all come yet. */
  get awaitsLookups(): boolean {
    return this.#lookedUp.size > 0;
  }

  /** Everything is in the fold, and changes come exact. */
  get complete(): boolean {
    return this.#frontier.kind === SCAN_END.kind && this.#unsettled.length === 0;
  }

  // ---------------------------------------------------------------- the scan

  /** To be called before the chunk behind a place is asked for. The chunk before it may not be taken in wholly yet. */
  beginRead(from: ScanPlace): ChunkRead {
    const read = new ChunkRead(from);
    this.#reads.push(read);
    return read;
  }

  /** The read has failed. */
  abandon(read: ChunkRead): void {
    this.#reads = this.#reads.filter((other) => other !== read);
  }

  /**
   * Takes in the next part of a chunk that is back: documents in the order of their ids, all there are up to a place.
   * Chunks are taken in the order in which they follow one another.
   */
  take(read: ChunkRead, documents: readonly Counted[], upTo: ScanPlace): void {
    const part = this.#partOf(read, upTo);
    for (const document of documents) {
      const key = documentKey(document._id);
      const touched = read.touched.get(key);
      read.touched.delete(key);
      this.#add(part, key, touched ?? { image: document, lookedUp: false });
    }
    for (const [key, touched] of read.touched) {
      if (!this.#isPast(upTo, touched.id)) continue;
      read.touched.delete(key);
      this.#add(part, key, touched);
    }
    this.#frontier = upTo;
  }

  readonly #parts = new Map<ChunkRead, Unsettled>();

  #partOf(read: ChunkRead, upTo: ScanPlace): Unsettled {
    const known = this.#parts.get(read);
    if (known !== undefined) {
      known.upTo = upTo;
      return known;
    }
    const part = { from: this.#frontier, upTo, images: new Map<string, Image>() };
    this.#parts.set(read, part);
    this.#unsettled.push(part);
    return part;
  }

  #add(part: Unsettled, key: string, { image, lookedUp }: Omit<Touched, 'id'>): void {
    part.images.set(key, image);
    if (lookedUp) this.#rememberLookup(key, image);
    if (image === null) return;
    this.#scanned += 1;
    this.#apply(null, image);
  }

  /** All of the chunk was taken in: nothing more is kept for it. */
  endRead(read: ChunkRead): void {
    this.abandon(read);
  }

  /** What was committed before the chunk was back has come from the feed, and all of it was taken in. */
  settle(read: ChunkRead): void {
    const part = this.#parts.get(read);
    this.#parts.delete(read);
    this.#unsettled = this.#unsettled.filter((other) => other !== part);
  }

  // ---------------------------------------------------------------- changes

  /** @returns the failure that the change has added, if any */
  onEvent(event: TaskChangeEvent): CountedFailure | null {
    if (event.kind === 'BOOKMARK') return null;
    const { documentId: id, task } = event;
    if (!this.#isPast(this.#frontier, id)) {
      this.#touch(event);
      return null;
    }
    if (this.#unsettled.length === 0 && this.#lookedUp.size === 0 && !event.lookedUp) return this.#replace(event);
    const key = documentKey(id);
    const part = this.#unsettledPartOf(id);
    const lookedUp = this.#lookedUp.get(key);
    if (part === undefined && lookedUp === undefined) {
      if (event.lookedUp) this.#rememberLookup(key, task);
      return this.#replace(event);
    }
    const inFold = lookedUp === undefined ? (part?.images.get(key) ?? null) : lookedUp.image;
    part?.images.set(key, task);
    if (event.lookedUp) this.#rememberLookup(key, task);
    else this.#lookedUp.delete(key);
    return this.#apply(inFold, task);
  }

  /** Parts follow one another without a gap. */
  #unsettledPartOf(id: unknown): Unsettled | undefined {
    const [first] = this.#unsettled;
    if (first === undefined || this.#isPast(first.from, id)) return undefined;
    let low = 0;
    let high = this.#unsettled.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#isPast((this.#unsettled[middle] as Unsettled).upTo, id)) high = middle;
      else low = middle + 1;
    }
    return this.#unsettled[low];
  }

  /** A change that says what it replaces. */
  #replace({ kind, before, task }: TaskChangeEvent): CountedFailure | null {
    if (before === null && kind !== 'CREATED') {
      this.#hooks.onInexact('the database kept no pre-image of a change');
      return null;
    }
    return this.#apply(before, task);
  }

  #touch({ documentId: id, task: image, lookedUp }: TaskChangeEvent): void {
    for (const read of this.#reads) {
      if (this.#isPast(read.from, id)) continue;
      if (read.upTo === null || this.#isPast(read.upTo, id)) read.touched.set(documentKey(id), { id, image, lookedUp });
    }
  }

  #rememberLookup(key: string, image: Image): void {
    this.#lookups += 1;
    this.#lookedUp.set(key, { image, number: this.#lookups });
    this.#hooks.onLookup(this.#lookups);
  }

  /** What was committed before the lookup of this number has come from the feed. */
  settleLookups(number: number): void {
    for (const [key, lookedUp] of this.#lookedUp) if (lookedUp.number <= number) this.#lookedUp.delete(key);
  }

  #isPast(place: ScanPlace, id: unknown): boolean {
    try {
      return isPast(place, id);
    } catch (error) {
      if (!(error instanceof UncertainOrderError)) throw error;
      this.#hooks.onInexact(error.message);
      return false;
    }
  }

  #apply(removed: Image, added: Image): CountedFailure | null {
    this.observer?.before(removed, added);
    const failure = this.fold.apply(removed, added);
    this.observer?.after(removed, added);
    return failure;
  }

  // ---------------------------------------------------------------- saving

  /**
   * The fold of what is settled, as it is now: with changes from here on it stays exact. Null for a moment after a
   * document had to be looked up.
   */
  settledPart(): PartialFold | null {
    if (this.#lookedUp.size > 0) return null;
    const images = this.#unsettled.flatMap((part) => [...part.images.values()]).filter((image) => image !== null);
    for (const image of images) this.fold.apply(image, null);
    const bytes = this.fold.snapshot();
    for (const image of images) this.fold.apply(null, image);
    const place = this.#unsettled[0]?.from ?? this.#frontier;
    return { bytes, place, scanned: this.#scanned - images.length };
  }
}
