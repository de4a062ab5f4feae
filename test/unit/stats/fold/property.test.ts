import assert from 'node:assert/strict';

import fc from 'fast-check';
import { describe, it } from 'vitest';

import { QueueScope } from '../../../../src/access/queue-scope.js';
import { toExecution, type StoredDocument } from '../../../../src/model/execution.js';
import { fingerprintOf } from '../../../../src/model/fingerprint/fingerprint.js';
import { createFold, restoreFold } from '../../../../src/stats/fold/fold.js';
import { FoldWithin } from '../../../../src/stats/fold/fold-within.js';
import type { Fold } from '../../../../src/stats/fold/types.js';
import { failedAt, NaiveStatistics, queuesOf } from '../../../support/naive-statistics.js';
import { compare, compareGroups, observe } from './compare.js';
import { failures, histories, World } from './histories.js';

const NAMES = ['a', 'b', 'c', 'd', '', '__proto__', 'nobody'];
/** What a document was before it was inserted. */
const NOTHING = null;
const GENEROUS = { generous: true };

/** After which steps to compare with a recomputation: some, and the last. */
const checks = fc.array(fc.nat(14), { minLength: 60, maxLength: 60 });

describe('the fold over random histories', { timeout: 60_000 }, () => {
  it('equals a recomputation from the surviving documents, at any moment', () => {
    fc.assert(
      fc.property(histories(12, 60), checks, (steps, when) => {
        const world = new World();
        const fold = createFold({ clock: world.clock });
        for (const [index, step] of steps.entries()) {
          world.take(step, fold);
          if (when[index] === 0) compare(fold, world.survivors, world.look(), NAMES, GENEROUS);
        }
        compare(fold, world.survivors, world.look(), NAMES, GENEROUS);
      }),
      { numRuns: 60 },
    );
  });

  it('within a scope equals a recomputation from the documents in it, together and by queue, while no document names a list of queues', () => {
    const patterns = fc.uniqueArray(fc.constantFrom('a', 'b', 'd', '*', '__*', 'nobody', 'a*', '(*'), { minLength: 1, maxLength: 3 });
    let compared = 0;
    fc.assert(
      fc.property(histories(12, 60), checks, patterns, (steps, when, queues) => {
        const world = new World();
        const fold = createFold({ clock: world.clock });
        const scope = new QueueScope(queues);
        const within = new FoldWithin(fold, scope);
        const check = (): void => {
          const now = world.look();
          assert.equal(fold.foldsLists, world.survivors.some(({ queueName }) => Array.isArray(queueName)));
          if (fold.foldsLists) return;
          compared += 1;
          compare(within, world.survivors.filter(({ queueName }) => typeof queueName === 'string' && scope.includes(queueName)), now, NAMES, GENEROUS);
        };
        for (const [index, step] of steps.entries()) {
          world.take(step, fold);
          if (when[index] === 0) check();
        }
        check();
      }),
      { numRuns: 60 },
    );
    assert.ok(compared > 20, `only ${compared} times could figures be compared`);
  });

  it('within a scope knows groups of more failures than it keeps samples of, as long as memory can tell them', () => {
    fc.assert(
      fc.property(failures(60, 200), (steps) => {
        const world = new World();
        const fold = createFold({ clock: world.clock });
        const scope = new QueueScope(['a', 'b']);
        const within = new FoldWithin(fold, scope);
        for (const [index, step] of steps.entries()) {
          world.take(step, fold);
          if (index % 40 === 39) compareGroups(within, new NaiveStatistics(world.survivors, world.look()), null, null, GENEROUS);
        }
        const byTime = [...world.documents].sort(([, a], [, b]) => failedAt(b) - failedAt(a)).map(([id]) => id);
        for (const id of [...byTime.slice(0, 25), ...byTime.slice(-10)]) world.take({ kind: 'delete', id }, fold);
        compareGroups(within, new NaiveStatistics(world.survivors, world.look()), null, null, GENEROUS);
      }),
      { numRuns: 40 },
    );
  });

  it('says whether another failure of a kind was in the 7 days before, in the queues asked about', () => {
    const WEEK = 7 * 86_400_000;
    fc.assert(
      fc.property(failures(8, 40), (steps) => {
        const world = new World();
        const fold = createFold({ clock: world.clock });
        for (const step of steps) {
          const news = world.take(step, fold);
          const written = step.kind === 'write' ? world.documents.get(step.id) : undefined;
          if (news === null || written === undefined) continue;
          const alike = (document: StoredDocument): boolean => fingerprintOf('transient' as never, document['errorMessage'] as string).fingerprint === news.fingerprint;
          for (const names of [null, new Set(['a']), new Set(['a', 'b']), new Set<string>()] as readonly (ReadonlySet<string> | null)[]) {
            const at = failedAt(written);
            const others: readonly StoredDocument[] = world.survivors.filter((document) => document !== written && alike(document) && (names === null || names.has(document['queueName'] as string)));
            const expected: boolean = others.some((document) => failedAt(document) <= at && failedAt(document) > at - WEEK && failedAt(document) >= new NaiveStatistics([], world.seen).hourStart);
            assert.equal(fold.failedLately(news.fingerprint, names, { at, documentId: written._id }), expected);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('puts what is beyond its limits with others and takes it back from there', () => {
    const limits = fc.record({ maxQueues: fc.nat(3), maxQueueNames: fc.nat(4), maxErrorGroups: fc.nat(3) });
    fc.assert(
      fc.property(histories(12, 60), checks, limits, (steps, when, options) => {
        const world = new World();
        const fold = createFold({ clock: world.clock, ...options });
        for (const [index, step] of steps.entries()) {
          world.take(step, fold);
          if (when[index] === 0) compare(fold, world.survivors, world.look(), NAMES, { generous: false });
        }
        compare(fold, world.survivors, world.look(), NAMES, { generous: false });
      }),
      { numRuns: 60 },
    );
  });

  it('knows groups of more failures than it keeps samples of, when any of them are deleted', () => {
    fc.assert(
      fc.property(failures(60, 200), (steps) => {
        const world = new World();
        const fold = createFold({ clock: world.clock });
        const check = (): void => {
          const naive = new NaiveStatistics(world.survivors, world.look());
          for (const name of [null, 'a', 'b']) compareGroups(fold, naive, name, name === null ? null : [name], GENEROUS);
        };
        for (const [index, step] of steps.entries()) {
          world.take(step, fold);
          if (index % 40 === 39) check();
        }
        // The newest go first, then the oldest: so those that are kept as samples run out.
        const byTime = [...world.documents].sort(([, a], [, b]) => failedAt(b) - failedAt(a)).map(([id]) => id);
        for (const id of [...byTime.slice(0, 25), ...byTime.slice(-10)]) world.take({ kind: 'delete', id }, fold);
        check();
      }),
      { numRuns: 60 },
    );
  });

  it('is the same in whatever order the documents came', () => {
    fc.assert(
      fc.property(histories(16, 40), fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (steps, random) => {
        const world = new World();
        for (const step of steps) world.take(step);
        const shuffled = world.survivors.map((document) => ({ document, place: random.next().value as number })).sort((a, b) => a.place - b.place);
        const [straight, mixed] = [createFold({ clock: world.clock }), createFold({ clock: world.clock })];
        for (const document of world.survivors) straight.apply(NOTHING, toExecution(document));
        for (const { document } of shuffled) mixed.apply(NOTHING, toExecution(document));
        assert.deepEqual(observe(mixed, world.now, NAMES), observe(straight, world.now, NAMES));
      }),
      { numRuns: 40 },
    );
  });

  it('holds nothing once all documents are deleted', () => {
    fc.assert(
      fc.property(histories(12, 60), (steps) => {
        const world = new World();
        const fold = createFold({ clock: world.clock, maxQueues: 2, maxQueueNames: 3, maxErrorGroups: 2 });
        for (const step of steps) world.take(step, fold);
        for (const id of [...world.documents.keys()]) world.take({ kind: 'delete', id }, fold);
        const empty = createFold({ clock: () => world.look() });
        assert.deepEqual(observe(fold, world.seen, NAMES), observe(empty, world.seen, NAMES));
      }),
      { numRuns: 40 },
    );
  });

  it('goes on from a snapshot as if nothing had happened', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(histories(12, 60), failures(40, 120)), fc.nat(60), fc.boolean(), async (steps, when, limited) => {
        const world = new World();
        const options = limited ? { clock: world.clock, maxQueues: 2, maxQueueNames: 3, maxErrorGroups: 2 } : { clock: world.clock };
        const fold = createFold(options);
        let restored: Fold | null = null;
        for (const [index, step] of steps.entries()) {
          if (index === when) {
            const bytes = await fold.snapshot();
            world.look();
            restored = restoreFold(bytes, options);
            assert.ok(restored !== null);
            assert.deepEqual(observe(restored, world.seen, NAMES), observe(fold, world.seen, NAMES));
          }
          if (restored === null) world.take(step, fold);
          else world.take(step, restored, fold);
        }
        if (restored === null) return;
        world.look();
        assert.deepEqual(observe(restored, world.seen, NAMES), observe(fold, world.seen, NAMES));
        compare(restored, world.survivors, world.seen, NAMES, { generous: !limited });
      }),
      { numRuns: 40 },
    );
  });

  it('takes a snapshot of the moment when it was asked for, whatever changes while it is made', async () => {
    await fc.assert(
      fc.asyncProperty(histories(12, 60), fc.nat(60), async (steps, when) => {
        const world = new World();
        const fold = createFold({ clock: world.clock });
        let then: { readonly now: number; readonly seen: unknown; readonly pending: readonly Promise<Uint8Array>[] } | null = null;
        for (const [index, step] of steps.entries()) {
          if (index === when) {
            const now = world.look();
            then = { now, seen: observe(fold, now, NAMES), pending: [fold.snapshot(), fold.snapshot()] };
          }
          world.take(step, fold);
          if (index % 8 === 0) await new Promise(setImmediate);
        }
        if (then === null) return;
        const { now, seen, pending } = then;
        for (const bytes of await Promise.all(pending)) {
          const restored = restoreFold(bytes, { clock: () => now });
          assert.ok(restored !== null);
          assert.deepEqual(observe(restored, now, NAMES), seen);
        }
        compare(fold, world.survivors, world.look(), NAMES, GENEROUS);
      }),
      { numRuns: 40 },
    );
  });

  it('tells of the failure that a change adds, and whether it is the first of its kind in 7 days', () => {
    const DAY = 86_400_000;
    const kindOf = (document: StoredDocument | undefined, hourStart: number): { fingerprint: string; at: number } | null => {
      if (document === undefined) return null;
      const { failedAt: failed, errorMessage, errorCategory } = toExecution(document);
      if (failed === null || errorMessage === null || typeof document['errorMessage'] !== 'string' || failedAt(document) < hourStart) return null;
      return { fingerprint: fingerprintOf(errorCategory, errorMessage).fingerprint, at: failedAt(document) };
    };
    fc.assert(
      fc.property(histories(12, 60), (steps) => {
        const world = new World();
        const fold = createFold({ clock: world.clock });
        for (const step of steps) {
          const earlier = new Map(world.documents);
          const news = world.take(step, fold);
          const written = step.kind === 'write' ? world.documents.get(step.id) : undefined;
          const { hourStart } = new NaiveStatistics([], world.seen);
          const after = kindOf(written, hourStart);
          const before = step.kind === 'write' ? kindOf(earlier.get(step.id), hourStart) : null;
          if (after === null || written === undefined || (before?.fingerprint === after.fingerprint && before.at === after.at)) {
            assert.equal(news, null);
            continue;
          }
          const others = [...earlier.values()].map((document) => kindOf(document, hourStart));
          const seen = others.some((other) => other?.fingerprint === after.fingerprint && other.at <= after.at && other.at > after.at - 7 * DAY);
          assert.deepEqual(news, { fingerprint: after.fingerprint, queueName: queuesOf(written)[0] ?? '', isNew: !seen });
        }
      }),
      { numRuns: 100 },
    );
  });
});
