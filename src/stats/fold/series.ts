import { type Arena, byteOf, classOf, pageOf } from './arena.js';
import { addBin, releaseBins, removeBin, sumBins } from './bins.js';
import { CHANGES, COUNTERS, RUN_CODES, STATUS_COUNT, WAIT_CODES } from './contribution.js';
import type { LatencySum } from './latency.js';
import { MAX_HOURS, MAX_MINUTES } from './windows.js';

/** A bucket in the arena: counters, then references to the bins of waits and runs, 4 bytes each. */
const WAIT_REFERENCE = COUNTERS;
const RUN_REFERENCE = COUNTERS + 1;
const FIELDS = COUNTERS + 2;
const BUCKET_CLASS = classOf(FIELDS * 4);

/** Where sums of buckets are taken. */
export interface BucketSums {
  readonly counters: number[];
  readonly wait: LatencySum;
  readonly run: LatencySum;
}

/** Buckets of one width, each in a place by its number: as many at once as the windows span. A bucket that was never counted in costs 4 bytes. */
export class BucketRing {
  readonly references: Uint32Array;

  constructor(
    readonly arena: Arena,
    places: number,
  ) {
    this.references = new Uint32Array(places);
  }

  record(bucket: number, code: number, weight: number): void {
    const { arena, references } = this;
    const place = bucket % references.length;
    let reference = references[place]!;
    if (reference === 0) {
      reference = arena.allocate(BUCKET_CLASS);
      references[place] = reference;
    }
    arena.own(reference);
    const fields = arena.integers[pageOf(reference)]!;
    const at = byteOf(reference) / 4;
    if (code < COUNTERS) {
      fields[at + code]! += weight;
    } else {
      const run = code >= RUN_CODES;
      const field = at + (run ? RUN_REFERENCE : WAIT_REFERENCE);
      const slot = code - (run ? RUN_CODES : WAIT_CODES);
      // References are below 2^31: an arena would be 16 GB.
      for (let left = weight; left > 0; left--) fields[field] = addBin(arena, fields[field]!, slot);
      for (let left = weight; left < 0; left++) fields[field] = removeBin(arena, fields[field]!, slot);
    }
    if (weight < 0) this.#releaseIfEmpty(place, fields, at);
  }

  #releaseIfEmpty(place: number, fields: Int32Array, at: number): void {
    for (let field = 0; field < FIELDS; field++) if (fields[at + field] !== 0) return;
    this.arena.release(this.references[place]!, BUCKET_CLASS);
    this.references[place] = 0;
  }

  drop(bucket: number): void {
    const place = bucket % this.references.length;
    const reference = this.references[place]!;
    if (reference === 0) return;
    const fields = this.arena.integers[pageOf(reference)]!;
    const at = byteOf(reference) / 4;
    releaseBins(this.arena, fields[at + WAIT_REFERENCE]!);
    releaseBins(this.arena, fields[at + RUN_REFERENCE]!);
    this.arena.release(reference, BUCKET_CLASS);
    this.references[place] = 0;
  }

  /** Drops the buckets [from, to). */
  dropRange(from: number, to: number): void {
    const end = Math.min(to, from + this.references.length);
    for (let bucket = from; bucket < end; bucket++) this.drop(bucket);
  }

  /** Adds what a bucket counts; only a bucket within the windows may be asked for. */
  sum(bucket: number, sums: BucketSums): void {
    const reference = this.references[bucket % this.references.length]!;
    if (reference === 0) return;
    const fields = this.arena.integers[pageOf(reference)]!;
    const at = byteOf(reference) / 4;
    for (let counter = 0; counter < CHANGES; counter++) sums.counters[counter]! += fields[at + counter]!;
    sumBins(this.arena, fields[at + WAIT_REFERENCE]!, sums.wait);
    sumBins(this.arena, fields[at + RUN_REFERENCE]!, sums.run);
  }

  sumRuns(bucket: number, runs: LatencySum): void {
    const reference = this.references[bucket % this.references.length]!;
    if (reference === 0) return;
    const run = this.arena.integers[pageOf(reference)]![byteOf(reference) / 4 + RUN_REFERENCE]!;
    sumBins(this.arena, run, runs);
  }

  /** Takes the net changes of a bucket back from how many stand in each status. */
  undoChanges(bucket: number, depth: number[]): void {
    const reference = this.references[bucket % this.references.length]!;
    if (reference === 0) return;
    const fields = this.arena.integers[pageOf(reference)]!;
    const at = byteOf(reference) / 4 + CHANGES;
    for (let status = 0; status < depth.length; status++) depth[status]! -= fields[at + status]!;
  }
}

/** The figures over time of one queue, of all others together, or of all documents. */
export class Series {
  /** How many documents stand in each status now. */
  readonly present: number[] = new Array<number>(STATUS_COUNT).fill(0);
  /** The part of the net changes that lies behind the horizon. */
  readonly ahead: number[] = new Array<number>(STATUS_COUNT - 1).fill(0);
  readonly minutes: BucketRing;
  readonly hours: BucketRing;

  constructor(
    readonly id: number,
    arena: Arena,
  ) {
    this.minutes = new BucketRing(arena, MAX_MINUTES);
    this.hours = new BucketRing(arena, MAX_HOURS);
  }

  release(): void {
    this.minutes.dropRange(0, MAX_MINUTES);
    this.hours.dropRange(0, MAX_HOURS);
  }
}
