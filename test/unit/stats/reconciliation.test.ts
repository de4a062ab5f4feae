import { describe, expect, it } from 'vitest';

import { countedOf } from '../../../src/stats/counted.js';
import { createFold } from '../../../src/stats/fold/fold.js';
import type { Counted, StatusCounts } from '../../../src/stats/fold/types.js';
import { CountsWatch } from '../../../src/stats/reconciliation.js';

const NONE: StatusCounts = { queued: 0, processing: 0, completed: 0, failed: 0, dlq: 0, archived: 0, unknown: 0 };

function world() {
  const fold = createFold({ clock: Date.now });
  const change = (before: Counted | null, after: Counted | null): void => {
    watch.before(before, after);
    fold.apply(before, after);
    watch.after(before, after);
  };
  const watch = new CountsWatch(fold);
  return { fold, watch, change };
}

const task = (id: number, status: string, queueName: unknown = 'a'): Counted => countedOf({ _id: id, status, queueName });
const counted = (counts: Record<string, Partial<StatusCounts>>) => new Map(Object.entries(counts).map(([name, some]) => [name, { ...NONE, ...some }]));

describe('counts of the database beside those in memory', () => {
  it('must be equal where nothing changed meanwhile', () => {
    const { fold, watch } = world();
    const nothing = null;
    fold.apply(nothing, task(1, 'queued'));
    expect(watch.compare(counted({ a: { queued: 1 } }), true)).toEqual([]);
    expect(watch.compare(counted({ a: { queued: 2 } }), true)).toEqual([{ queueName: 'a', status: 'queued', counted: 2, held: [1, 1] }]);
    expect(watch.compare(counted({}), true)).toEqual([{ queueName: 'a', status: 'queued', counted: 0, held: [1, 1] }]);
    expect(watch.compare(counted({ a: { queued: 1 }, b: { unknown: 1 } }), true)).toEqual([{ queueName: 'b', status: 'unknown', counted: 1, held: [0, 0] }]);
  });

  it('must be one that memory held meanwhile where something did', () => {
    const { watch, change } = world();
    change(null, task(1, 'queued'));
    change(null, task(2, 'queued'));
    change(task(1, 'queued'), task(1, 'processing'));
    for (const queued of [0, 1, 2]) expect(watch.compare(counted({ a: { queued, processing: 1 } }), true)).toEqual([]);
    expect(watch.compare(counted({ a: { queued: 3 } }), true)).toMatchObject([{ status: 'queued', counted: 3, held: [0, 2] }]);
  });

  it('may be what any choice of instants gives, where the database did not count at one', () => {
    const { watch, change } = world();
    // One comes and leaves: at no instant were there two, or fewer than none.
    change(null, task(1, 'queued'));
    change(task(1, 'queued'), task(1, 'processing'));
    change(null, task(2, 'queued'));
    expect(watch.compare(counted({ a: { queued: 2, processing: 1 } }), true)).toMatchObject([{ status: 'queued', held: [0, 1] }]);
    expect(watch.compare(counted({ a: { queued: 2, processing: 1 } }), false)).toEqual([]);
    expect(watch.compare(counted({ a: { queued: 3, processing: 1 } }), false)).toMatchObject([{ status: 'queued', held: [-1, 2] }]);
  });

  it('count a document for every queue that it names, once', () => {
    const { watch, change } = world();
    change(null, task(1, 'queued', ['a', 'b', 'a', 7]));
    expect(watch.compare(counted({ a: { queued: 1 }, b: { queued: 1 } }), true)).toEqual([]);
    change(task(1, 'queued', ['a', 'b', 'a', 7]), task(1, 'queued', null));
    expect(watch.compare(counted({ a: { queued: 2 } }), false)).toMatchObject([{ queueName: 'a', held: [-1, 1] }]);
  });
});
