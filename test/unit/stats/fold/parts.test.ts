import assert from 'node:assert/strict';

import fc from 'fast-check';
import mongoose from 'mongoose';
import { describe, expect, it } from 'vitest';

import { Arena, byteOf, pageOf } from '../../../../src/stats/fold/arena.js';
import { addBin, eachBin, releaseBins, removeBin } from '../../../../src/stats/fold/bins.js';
import { Cells } from '../../../../src/stats/fold/cells.js';
import { documentIdOf, documentKey } from '../../../../src/stats/fold/document-key.js';
import { type Kept, KeptFew } from '../../../../src/stats/fold/kept.js';
import { latencyOf, LatencySum, RELATIVE_ACCURACY, SLOTS, slotOf } from '../../../../src/stats/fold/latency.js';
import { Tally } from '../../../../src/stats/fold/tally.js';
import { horizon, hourWindowStart, MAX_HOURS, MAX_MINUTES, minuteWindowStart, mixedRange, windowsAt } from '../../../../src/stats/fold/windows.js';
import { DAY, HOUR, MINUTE, NOW } from './documents.js';

describe('slots of latencies', () => {
  it('stand for every latency within 1 %, up to the longest span of two dates', () => {
    const longest = 2 * 8.64e15;
    for (const ms of [0, 1, 2, 3, 59, 60, 1_000, DAY, longest]) {
      expect(slotOf(ms)).toBeLessThan(SLOTS);
      expect(Math.abs(latencyOf(slotOf(ms)) - ms)).toBeLessThanOrEqual(ms * RELATIVE_ACCURACY * (1 + 1e-9));
    }
    fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 40 }), (ms) => Math.abs(latencyOf(slotOf(ms)) - ms) <= ms * RELATIVE_ACCURACY * (1 + 1e-9)));
  });

  it('sum to the quantiles of all that was added, and are empty after each reading', () => {
    const sum = new LatencySum();
    for (const round of [1, 2]) {
      for (let ms = 0; ms < 1_000; ms++) sum.add(slotOf(ms * round), 1);
      const { count, p50, p95, max } = sum.take();
      expect(count).toBe(1_000);
      for (const [found, rank] of [[p50, 499] as const, [p95, 949] as const, [max, 999] as const]) {
        expect(Math.abs((found ?? 0) - rank * round)).toBeLessThanOrEqual(rank * round * 0.0101);
      }
      expect(sum.take()).toEqual({ count: 0, p50: null, p95: null, p99: null, max: null });
    }
  });
});

describe('bins in an arena', () => {
  const slot = fc.oneof(fc.integer({ min: 0, max: SLOTS - 1 }), fc.integer({ min: 400, max: 460 }), fc.constant(7));
  const runs = fc.array(fc.record({ slot, times: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 200, max: 300 })), takes: fc.boolean() }), { maxLength: 80 });

  it('hold what a plain map would, whatever form they take', () => {
    fc.assert(
      fc.property(fc.array(runs, { minLength: 1, maxLength: 4 }), (all) => {
        const arena = new Arena();
        const references = all.map(() => 0);
        const expected = all.map(() => new Map<number, number>());
        for (let turn = 0; turn < 80; turn++) {
          for (const [index, steps] of all.entries()) {
            const step = steps[turn];
            const counts = expected[index];
            if (step === undefined || counts === undefined) continue;
            for (let time = 0; time < step.times; time++) {
              const count = counts.get(step.slot) ?? 0;
              references[index] = (step.takes ? removeBin : addBin)(arena, references[index] ?? 0, step.slot);
              counts.set(step.slot, Math.max(0, count + (step.takes ? -1 : 1)));
            }
          }
        }
        for (const [index, counts] of expected.entries()) {
          const found = new Map<number, number>();
          eachBin(arena, references[index] ?? 0, (at, count) => found.set(at, (found.get(at) ?? 0) + count));
          const filled = [...counts].filter(([, count]) => count > 0);
          assert.deepEqual(new Map([...found].sort()), new Map(filled.sort()));
          assert.equal(references[index] === 0, filled.length === 0);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('are nothing again when all is taken back', () => {
    const arena = new Arena();
    for (const slots of [[5], [5, 900, 5], Array.from({ length: 300 }, (_, index) => index % 90)]) {
      const filled = slots.reduce((reference, at) => addBin(arena, reference, at), 0);
      expect(filled).toBeGreaterThan(0);
      expect(slots.reduce((reference, at) => removeBin(arena, reference, at), filled)).toBe(0);
    }
  });

  it('count beyond 16 bits', () => {
    const arena = new Arena();
    let reference = 0;
    for (let time = 0; time < 70_000; time++) reference = addBin(arena, reference, 3);
    const found: unknown[] = [];
    eachBin(arena, reference, (at, count) => found.push([at, count]));
    expect(found).toEqual([[3, 70_000]]);
  });

  it('give their memory back', () => {
    const arena = new Arena();
    const fill = (): number => Array.from({ length: 5_000 }, (_, index) => (index * 37) % 700).reduce((reference, at) => addBin(arena, reference, at), 0);
    releaseBins(arena, fill());
    const { size } = arena;
    for (let time = 0; time < 200; time++) releaseBins(arena, fill());
    expect(arena.size).toBe(size);
  });
});

describe('an arena that is shared', () => {
  const changes: readonly (readonly [string, (arena: Arena, reference: number) => unknown])[] = [
    ['counts', (arena, reference) => addBin(arena, reference, 5)],
    ['takes back', (arena, reference) => removeBin(arena, reference, 5)],
    ['takes the last back', (arena, reference) => removeBin(arena, removeBin(arena, reference, 5), 9)],
    ['lets go of a block', (arena, reference) => releaseBins(arena, reference)],
    ['gives out a new block', (arena) => create(arena)],
    ['gives out a block again', (arena) => create(arena)],
  ];
  /** A block as it is first written: with a class in its header. */
  const create = (arena: Arena): number => {
    const reference = arena.allocate(3);
    arena.bytes[pageOf(reference)]!.fill(3, byteOf(reference), byteOf(reference) + 2);
    return reference;
  };

  it.each(changes)('keeps its pages as they were when it %s', (name, change) => {
    const arena = new Arena();
    const reference = addBin(arena, addBin(arena, 0, 5), 9);
    if (name.endsWith('again')) releaseBins(arena, create(arena));
    const pages = arena.share();
    const before = pages.map((page) => Uint8Array.from(page));
    change(arena, reference);
    const same = (found: readonly Uint8Array[]): boolean => found.every((page, place) => Buffer.compare(page, before[place] ?? page) === 0);
    expect(same(pages)).toBe(true);
    expect(same(arena.bytes)).toBe(false);
    arena.unshare();
  });

  it('copies a page once, and none when it is shared no longer', () => {
    const arena = new Arena();
    const reference = addBin(arena, 0, 5);
    const pages = [arena.share()[0], arena.share()[0]];
    addBin(arena, reference, 5);
    const copy = arena.bytes[0];
    expect(pages).not.toContain(copy);
    addBin(arena, reference, 5);
    arena.unshare();
    addBin(arena, reference, 5);
    expect(arena.bytes[0]).toBe(copy);
    arena.share();
    arena.unshare();
    arena.unshare();
    addBin(arena, reference, 5);
    expect(arena.bytes[0]).toBe(copy);
  });
});

describe('sparse counts by bucket', () => {
  it('are those of a plain map', () => {
    const step = fc.record({ bucket: fc.nat(40), weight: fc.constantFrom(1, 1, -1), drop: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), fc.nat(45), fc.nat(45), (steps, from, to) => {
        const cells = new Cells();
        const counts = new Map<number, number>();
        for (const [index, { bucket, weight, drop }] of steps.entries()) {
          cells.change(bucket, weight);
          counts.set(bucket, Math.max(0, (counts.get(bucket) ?? 0) + weight));
          if (!drop || index % 9 !== 0) continue;
          cells.dropBefore(bucket);
          for (const key of counts.keys()) if (key < bucket) counts.delete(key);
        }
        const filled = [...counts].filter(([, count]) => count > 0).sort(([a], [b]) => a - b);
        assert.equal(cells.sum(from, to), filled.reduce((sum, [bucket, count]) => (bucket >= from && bucket < to ? sum + count : sum), 0));
        assert.equal(cells.oldest, filled[0]?.[0]);
        assert.equal(cells.newest, filled.at(-1)?.[0]);
      }),
    );
  });
});

describe('the foremost few', () => {
  const order = (a: Kept, b: Kept): number => a.at - b.at || (a.key < b.key ? -1 : Number(a.key > b.key));

  it('are always truly the foremost, and all of them while nothing was passed over', () => {
    const step = fc.record({ at: fc.nat(12), key: fc.constantFrom('a', 'b', 'c', 'd'), removes: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), fc.constantFrom<1 | -1>(1, -1), fc.integer({ min: 1, max: 4 }), (steps, direction, limit) => {
        const few = new KeptFew(limit, direction);
        const all = new Map<string, Kept>();
        for (const { at, key, removes } of steps) {
          const id = `${at}${key}`;
          if (removes) few.remove({ at, key });
          else if (!all.has(id)) few.add({ at, key });
          if (removes) all.delete(id);
          else all.set(id, { at, key });
          const sorted = [...all.values()].sort((a, b) => -direction * order(a, b));
          assert.deepEqual(few.entries, sorted.slice(0, few.entries.length));
          assert.ok(few.entries.length <= limit);
          if (few.passedOver === null) assert.equal(few.entries.length, sorted.length);
        }
      }),
    );
  });

  it('are complete again when all that was passed over has left the windows', () => {
    const few = new KeptFew(2, 1);
    for (const at of [1, 2, 3]) few.add({ at, key: 'a' });
    few.dropBefore(2);
    expect(few.passedOver).toBeNull();
    few.remove({ at: 3, key: 'a' });
    few.add({ at: 2, key: 'b' });
    expect(few.entries).toHaveLength(2);
  });
});

describe('a tally of failures', () => {
  it('starts anew when its last failure is taken back', () => {
    const tally = new Tally(3);
    const windows = windowsAt(NOW);
    const all = [1, 2, 3, 4, 5, 6].map((minutes) => ({ at: NOW - minutes * MINUTE, key: 'a' }));
    for (const one of all) tally.add(one, windows);
    for (const one of all) tally.remove(one, windows);
    const older = { at: NOW - HOUR, key: 'b' };
    tally.add(older, windows);
    expect([tally.newest.entries, tally.firstSeenAt, tally.lastSeenAt]).toEqual([[older], older.at, older.at]);
  });

  it('keeps nothing of what has left the windows', () => {
    const tally = new Tally(3);
    for (let day = 0; day < 40; day++) tally.add({ at: NOW + day * DAY, key: 'a' }, windowsAt(NOW + day * DAY));
    tally.trim(windowsAt(NOW + 40 * DAY + HOUR));
    expect(tally.minutes.length / 2).toBe(0);
    expect(tally.hours.length / 2).toBe(30);
    tally.trim(windowsAt(NOW + 80 * DAY));
    expect([tally.empty, tally.newest.entries.length, tally.oldest.entries.length]).toEqual([true, 0, 0]);
  });
});

describe('windows', () => {
  it('never hold more buckets than there are places for', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(2000), max: Date.UTC(2100) }), (now) => {
        const { firstMinute, endMinute, firstHour, endHour } = windowsAt(now);
        assert.ok(endMinute - firstMinute <= MAX_MINUTES);
        assert.ok(endHour - firstHour <= MAX_HOURS);
        assert.ok(minuteWindowStart(now) <= now - DAY && hourWindowStart(now) <= now - 30 * DAY && horizon(now) > now + DAY);
      }),
    );
  });

  it('give a range as whole minutes and hours that meet each other and hold it', () => {
    const bound = fc.integer({ min: -40 * DAY, max: 2 * DAY });
    fc.assert(
      fc.property(bound, bound, fc.nat(2 * HOUR), (a, b, offset) => {
        const windows = windowsAt(NOW + offset);
        const [from, to] = [NOW + Math.min(a, b), NOW + Math.max(a, b) + 1];
        fc.pre(to > windows.firstHour * HOUR);
        const range = mixedRange(windows, from, to);
        const pieces = [
          [range.leading[0] * MINUTE, range.leading[1] * MINUTE] as const,
          [range.hours[0] * HOUR, range.hours[1] * HOUR] as const,
          [range.trailing[0] * MINUTE, range.trailing[1] * MINUTE] as const,
        ].filter(([start, end]) => end > start);
        assert.equal(pieces[0]?.[0], range.from);
        assert.equal(pieces.at(-1)?.[1], range.to);
        for (const [index, piece] of pieces.entries()) if (index > 0) assert.equal(piece[0], pieces[index - 1]?.[1]);
        assert.ok(range.from <= Math.max(from, windows.firstHour * HOUR) && range.to >= to);
        assert.ok(range.to - to < HOUR && from - range.from < HOUR);
        for (const [start, end] of [range.leading, range.trailing]) assert.ok(start >= end || start >= windows.firstMinute);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('document keys', () => {
  const { ObjectId, Binary, Long, UUID } = mongoose.mongo.BSON;

  it('lead back to the same _id, whatever its type', () => {
    const ids = [
      ObjectId.createFromTime(5),
      'text',
      '5',
      5,
      5.5,
      -0,
      new Date(5),
      new Binary(Buffer.from('x')),
      new UUID('0b8a2c5e-7d0c-4a55-8f5d-3f1f6a6f7a10').toBinary(),
      Long.fromString('9007199254740993'),
      { a: 1, b: 'x' },
      true,
      null,
    ];
    const keys = ids.map(documentKey);
    expect(new Set(keys).size).toBe(ids.length);
    for (const [index, key] of keys.entries()) {
      const back = documentIdOf(key);
      expect(mongoose.mongo.BSON.serialize({ id: back })).toEqual(mongoose.mongo.BSON.serialize({ id: ids[index] }));
      expect(documentKey(back)).toBe(key);
    }
  });

  it('order ObjectIds as the database does', () => {
    const keys = [3, 1, 2].map((time) => documentKey(ObjectId.createFromTime(time)));
    expect([...keys].sort()).toEqual([keys[1], keys[2], keys[0]]);
  });
});
