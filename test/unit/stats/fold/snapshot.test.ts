import fc from 'fast-check';
import mongoose from 'mongoose';
import { describe, expect, it } from 'vitest';

import { addBin } from '../../../../src/stats/fold/bins.js';
import { restoreFold } from '../../../../src/stats/fold/fold.js';
import { packState } from '../../../../src/stats/fold/snapshot.js';
import { FoldState } from '../../../../src/stats/fold/state.js';
import { DAY, execution, failure, foldAt, HOUR, MINUTE, NOW } from './documents.js';
import { observe } from './compare.js';

const options = { clock: () => NOW };

async function sample(): Promise<Uint8Array> {
  const { fold, insert } = foldAt();
  for (let id = 0; id < 50; id++) {
    insert(
      execution({ _id: id, queueName: `q${id % 3}`, status: 'completed', enqueuedAt: -id * HOUR, processingStartedAt: -id * HOUR + id * 100, completedAt: -id * HOUR + id * id }),
      failure(mongoose.Types.ObjectId.createFromTime(id), -id * DAY, { queueName: 'q1', errorMessage: `boom ${'x'.repeat(id % 5)}` }),
      execution({ _id: `p${id}`, status: 'processing', processingStartedAt: -id * MINUTE }),
      execution({ _id: `w${id}`, enqueuedAt: id * DAY }),
    );
  }
  return fold.snapshot();
}

describe('a snapshot of the fold', () => {
  it('restores all that can be read', async () => {
    const { fold, insert } = foldAt();
    insert(execution({ enqueuedAt: -HOUR }), failure('f', -DAY), execution({ _id: 2, status: 'processing', processingStartedAt: -MINUTE }));
    const restored = restoreFold(await fold.snapshot(), options);
    expect(restored && observe(restored, NOW, ['q'])).toEqual(observe(fold, NOW, ['q']));
  });

  it('keeps names and ids of any script and length', async () => {
    const { fold, insert } = foldAt();
    const names = ['größe', '作业', 'x'.repeat(127), 'x'.repeat(128), 'x'.repeat(70_000), 'ü'.repeat(126), ''];
    for (const name of names) insert(failure(name, 0, { queueName: name }), execution({ _id: `p${name}`, queueName: name, status: 'processing', processingStartedAt: 0 }));
    const restored = restoreFold(await fold.snapshot(), options);
    expect(restored?.queueNames()).toEqual([...names].sort());
    expect(restored && observe(restored, NOW, names)).toEqual(observe(fold, NOW, names));
  });

  it('holds what was folded when it was asked for, not what came while it was compressed', async () => {
    const { fold, insert } = foldAt();
    insert(execution({ _id: 1 }));
    const pending = fold.snapshot();
    insert(execution({ _id: 2 }));
    expect(restoreFold(await pending, options)?.counts('q')?.queued).toBe(1);
    expect(fold.counts('q')?.queued).toBe(2);
  });

  it('leaves the fold as free to change as it was', async () => {
    const state = new FoldState(options);
    addBin(state.arena, 0, 5);
    const [page] = state.arena.bytes;
    await packState(state, NOW);
    addBin(state.arena, 0, 5);
    expect(state.arena.bytes[0]).toBe(page);
  });

  it('lets go of what left the windows while nothing ran', async () => {
    const { fold, insert } = foldAt();
    insert(execution({ status: 'completed', enqueuedAt: -HOUR, processingStartedAt: -HOUR, completedAt: -HOUR }), failure(2, -HOUR));
    const later = NOW + 60 * DAY;
    const restored = restoreFold(await fold.snapshot(), { clock: () => later });
    expect(restored?.counts('q')).toMatchObject({ completed: 1, failed: 1 });
    expect(restored?.errorGroups(null, 0, later)).toEqual([]);
    expect(restored?.throughput('q', NOW - (NOW % DAY), later - (later % DAY) + DAY, 'DAY').every((bucket) => bucket.completed === 0)).toBe(true);
  });

  it('goes on with other limits', async () => {
    const { fold, insert } = foldAt();
    insert(execution({ _id: 1, queueName: 'a' }), execution({ _id: 2, queueName: 'b' }));
    const restored = restoreFold(await fold.snapshot(), { ...options, maxQueues: 1 });
    expect(restored?.hasOwnBuckets('b')).toBe(true);
    const nothing = null;
    restored?.apply(nothing, execution({ _id: 3, queueName: 'c' }));
    expect(restored?.hasOwnBuckets('c')).toBe(false);
  });

  it('is refused when a byte of it is another, or it is cut or longer', async () => {
    const bytes = await sample();
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (place, change) => {
        const damaged = Uint8Array.from(bytes);
        damaged[place] = (damaged[place] ?? 0) ^ change;
        expect(restoreFold(damaged, options)).toBeNull();
        expect(restoreFold(bytes.subarray(0, place), options)).toBeNull();
      }),
      { numRuns: 200 },
    );
    expect(restoreFold(Uint8Array.from([...bytes, 0]), options)).toBeNull();
    expect(restoreFold(bytes, options)).not.toBeNull();
  });

  it('is refused when it is no snapshot, or of another version', async () => {
    expect(restoreFold(new Uint8Array(), options)).toBeNull();
    expect(restoreFold(Buffer.from('a snapshot of something else, which is long enough to have a header'), options)).toBeNull();
    const other = Buffer.from(await sample());
    other.writeUInt16LE(99, 6);
    expect(restoreFold(other, options)).toBeNull();
  });
});
