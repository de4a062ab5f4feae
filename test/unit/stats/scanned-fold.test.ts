import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { TaskChangeEvent } from '../../../src/feed/types.js';
import type { Counted } from '../../../src/stats/fold/types.js';
import { SCAN_END, SCAN_START, type ScanPlace } from '../../../src/stats/scan-place.js';
import { type ChunkRead, ScannedFold } from '../../../src/stats/scanned-fold.js';
import { Random } from '../../support/random-tasks.js';
import { restoreStub, stubFold, type StubFold } from '../../support/stub-fold.js';

type Doc = Counted & { readonly version: number };

interface Pending {
  readonly read: ChunkRead;
  /** Each document as it was when the read saw it; decided when the read is asked for, at the latest when it is back. */
  documents: Doc[] | null;
  upTo: ScanPlace | null;
  taken: number;
  barrierAt: number | null;
}

/** A collection with a history, a feed that is behind it, and a scan with two chunks under way: driven step by step. */
class World {
  readonly documents = new Map<number, Doc>();
  readonly log: TaskChangeEvent[] = [];
  delivered = 0;
  #version = 0;
  stub: StubFold = stubFold();
  inexact: string[] = [];
  scan: ScannedFold;
  #reads: Pending[] = [];
  #lookups: { readonly number: number; readonly at: number }[] = [];
  #next: ScanPlace = SCAN_START;

  constructor(ids: readonly number[]) {
    this.scan = this.#scanOf(this.stub, SCAN_START, 0);
    for (const id of ids) this.write(id, false);
    this.delivered = this.log.length;
  }

  #scanOf(stub: StubFold, place: ScanPlace, scanned: number): ScannedFold {
    return new ScannedFold(stub, place, scanned, {
      onInexact: (why) => this.inexact.push(why),
      onLookup: (number) => this.#lookups.push({ number, at: this.log.length }),
    });
  }

  /** Inserts or updates. @param lookup the feed cannot compute the image, and will look it up when it delivers */
  write(id: number, lookup: boolean): void {
    const before = this.documents.get(id) ?? null;
    const task = { _id: id, version: (this.#version += 1) } as unknown as Doc;
    this.documents.set(id, task);
    this.log.push({ kind: before === null ? 'CREATED' : 'UPDATED', documentId: id, before, task, lookedUp: lookup && before !== null } as unknown as TaskChangeEvent);
  }

  remove(id: number): void {
    const before = this.documents.get(id);
    if (before === undefined) return;
    this.documents.delete(id);
    this.log.push({ kind: 'REMOVED', documentId: id, before, task: null, lookedUp: false } as unknown as TaskChangeEvent);
  }

  deliver(): void {
    const event = this.log[this.delivered];
    if (event === undefined) return;
    this.delivered += 1;
    this.scan.onEvent(event.lookedUp ? ({ ...event, task: this.documents.get(event.documentId as number) ?? null } as TaskChangeEvent) : event);
    this.settle();
  }

  ask(): void {
    if (this.#reads.length >= 2 || this.#next.kind === 'end') return;
    if (this.#reads.some(({ upTo }) => upTo === null)) return;
    this.#reads.push({ read: this.scan.beginRead(this.#next), documents: null, upTo: null, taken: 0, barrierAt: null });
  }

  /** The database reads: at its own instant, and each document at one of its own where `torn`. */
  see(limit: number, torn: () => boolean): void {
    const pending = this.#reads.find(({ documents }) => documents === null);
    if (pending === undefined) return;
    const after = typeof this.#next.id === 'number' ? this.#next.id : -1;
    const ids = [...this.documents.keys()].filter((id) => id > after).sort((a, b) => a - b);
    const page: Doc[] = [];
    for (const id of ids) {
      if (page.length === limit) break;
      const document = this.documents.get(id);
      if (document !== undefined) page.push(document);
      // Others write while the read goes on.
      if (torn()) this.write(id, false);
      else if (torn()) this.remove(id);
    }
    pending.documents = page;
    this.#next = page.length < limit ? SCAN_END : { kind: 'number', id: page.at(-1)?._id };
    pending.upTo = this.#next;
  }

  arrive(): void {
    const pending = this.#reads.find(({ documents, barrierAt }) => documents !== null && barrierAt === null);
    if (pending === undefined) return;
    pending.read.upTo = pending.upTo;
    pending.barrierAt = this.log.length;
  }

  take(size: number): void {
    const pending = this.#reads.find(({ barrierAt }) => barrierAt !== null);
    if (pending?.documents == null || pending.upTo === null || pending.read !== this.#reads[0]?.read || pending.taken < 0) return;
    const part = pending.documents.slice(pending.taken, pending.taken + size);
    pending.taken += part.length;
    const done = pending.taken === pending.documents.length;
    if (part.length > 0 || done) {
      this.scan.take(pending.read, part, done ? pending.upTo : { kind: 'number', id: part.at(-1)?._id });
    }
    if (!done) return;
    this.scan.endRead(pending.read);
    this.#settling.push({ read: pending.read, at: pending.barrierAt as number });
    this.#reads.shift();
    this.settle();
  }

  #settling: { readonly read: ChunkRead; readonly at: number }[] = [];

  settle(): void {
    while (this.#settling[0] !== undefined && this.#settling[0].at <= this.delivered) this.scan.settle((this.#settling.shift() as { read: ChunkRead }).read);
    while (this.#lookups[0] !== undefined && this.#lookups[0].at <= this.delivered) this.scan.settleLookups((this.#lookups.shift() as { number: number }).number);
  }

  /** The chunk that is under way fails: it is asked for again. */
  fail(): void {
    const pending = this.#reads.at(-1);
    if (pending === undefined || pending.barrierAt !== null) return;
    this.#reads.pop();
    this.scan.abandon(pending.read);
    this.#next = pending.read.from;
  }

  /** Goes on from what a checkpoint would hold, as another process would. */
  async restart(): Promise<void> {
    const part = this.scan.settledPart();
    if (part === null) return;
    this.#reads = [];
    this.#settling = [];
    this.#lookups = [];
    this.#next = part.place;
    this.stub = restoreStub(await part.bytes);
    this.scan = this.#scanOf(this.stub, part.place, part.scanned);
  }

  finish(): void {
    for (let turns = 0; turns < 1_000 && !(this.scan.complete && this.delivered === this.log.length); turns += 1) {
      this.ask();
      this.see(3, () => false);
      this.arrive();
      this.take(2);
      this.deliver();
    }
    // What settles with the last event.
    this.settle();
  }

  get expected(): Map<string, number> {
    return new Map([...this.documents.values()].map((document) => [JSON.stringify(document), 1]));
  }
}

const id = fc.nat(12);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('write' as const), id, lookup: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('remove' as const), id }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('deliver' as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('ask' as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('see' as const), limit: fc.integer({ min: 1, max: 5 }), seed: fc.nat() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('arrive' as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('take' as const), size: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('save' as const) }) },
);

describe('a fold that a scan fills while changes go on', () => {
  it('holds exactly the documents as they are in the end, however reads, changes, barriers and restarts interleave', async () => {
    let restarts = 0;
    let completed = 0;
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(id, { maxLength: 13, size: 'max' }), fc.array(step, { maxLength: 120, size: 'max' }), async (ids, steps) => {
        const world = new World(ids);
        for (const one of steps) {
          if (one.do === 'write') world.write(one.id, one.lookup);
          else if (one.do === 'remove') world.remove(one.id);
          else if (one.do === 'deliver') world.deliver();
          else if (one.do === 'ask') world.ask();
          else if (one.do === 'see') {
            const random = new Random(one.seed);
            world.see(one.limit, () => random.chance(0.1));
          }
          else if (one.do === 'arrive') world.arrive();
          else if (one.do === 'take') world.take(one.size);
          else if (one.do === 'fail') world.fail();
          else if (one.do === 'save') world.scan.settledPart();
          else {
            await world.restart();
            restarts += 1;
          }
        }
        world.finish();
        completed += Number(world.scan.complete);
        expect(world.scan.complete).toBe(true);
        expect(world.stub.held).toEqual(world.expected);
        expect(world.inexact).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
    expect(restarts).toBeGreaterThan(100);
    expect(completed).toBe(2_000);
  }, 60_000);

  it('says so when a change does not tell what it replaces', () => {
    const inexact: string[] = [];
    const scan = new ScannedFold(stubFold(), SCAN_END, 0, { onInexact: (why) => inexact.push(why), onLookup: () => undefined });
    scan.onEvent({ kind: 'UPDATED', documentId: 1, before: null, task: { _id: 1 }, lookedUp: true } as unknown as TaskChangeEvent);
    scan.onEvent({ kind: 'REMOVED', documentId: 2, before: null, task: null, lookedUp: false } as unknown as TaskChangeEvent);
    expect(inexact).toHaveLength(2);
    scan.onEvent({ kind: 'BOOKMARK', documentId: null, before: null, task: null, lookedUp: false } as unknown as TaskChangeEvent);
    expect(inexact).toHaveLength(2);
  });

  it('does not keep for the next chunk what the chunk before it has taken in', () => {
    const stub = stubFold();
    const scan = new ScannedFold(stub, SCAN_START, 0, { onInexact: () => undefined, onLookup: () => undefined });
    const first = scan.beginRead(SCAN_START);
    first.upTo = { kind: 'number', id: 5 };
    const second = scan.beginRead(first.upTo);
    scan.onEvent({ kind: 'CREATED', documentId: 3, before: null, task: { _id: 3 }, lookedUp: false } as unknown as TaskChangeEvent);
    expect(first.touched.size).toBe(1);
    expect(second.touched.size).toBe(0);
  });
});
