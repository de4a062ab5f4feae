import fc from 'fast-check';
import type { mongo } from 'mongoose';
import { describe, expect, it } from 'vitest';

import { freshDatabase } from '../../support/database.js';
import { feedOn, stored, take } from '../../support/feed.js';

const name = fc.constantFrom('a', 'b', 'c', '0', '1', 'x y', 'ä');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => ['metadata', ...names].join('.'));
const value: fc.Arbitrary<unknown> = fc.oneof(
  fc.integer(),
  fc.string({ maxLength: 5 }),
  fc.constantFrom(null, true, {}, [], [1, 2, 3, 4], { a: { b: 1 }, c: [{ a: 1 }] }, { 'a.b': 1 }),
);
const update = fc.oneof(
  fc.record({ $set: fc.dictionary(path, value, { minKeys: 1, maxKeys: 2 }) }),
  fc.record({ $unset: path.map((at) => ({ [at]: 1 })) }),
  fc.record({ $push: fc.tuple(path, value).map(([at, item]) => ({ [at]: item })) }),
  fc.record({ $pop: path.map((at) => ({ [at]: -1 })) }),
  fc.record({ $push: path.map((at) => ({ [at]: { $each: [], $slice: 2 } })) }),
  fc.record({ $set: fc.record({ status: fc.constantFrom('queued', 'failed', 'odd'), metadata: value }) }),
);

describe('the document that an event carries', () => {
  it('is the stored one after that very update, for any sequence of updates', async () => {
    await using database = await freshDatabase();
    const collection = database.connection.collection('task_trackers') as unknown as mongo.Collection;
    const feed = await feedOn(database.connection);
    let computed = 0;
    let lookedUp = 0;
    let run = 0;
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(update, { minLength: 1, maxLength: 12 }), async (updates) => {
          const executionId = `e${run++}`;
          const events = feed.subscribe({ accepts: (event) => event.executionId === executionId });
          await collection.insertOne(stored(executionId, { metadata: { a: { b: 1 }, c: [1, { a: 2 }] } }));
          const [created] = await take(events, 1);
          for (const change of updates) {
            const before = await collection.findOne({ executionId });
            try {
              await collection.updateOne({ executionId }, change as mongo.UpdateFilter<mongo.Document>);
            } catch {
              continue;
            }
            const after = await collection.findOne({ executionId });
            if (JSON.stringify(before) === JSON.stringify(after)) continue;
            const [event] = await take(events, 1);
            expect(event?.task?.stored).toEqual(after);
            expect(event?.before?.stored).toEqual(before);
            if (event?.lookedUp) lookedUp += 1;
            else computed += 1;
          }
          expect(created?.kind).toBe('CREATED');
          await events.return?.();
        }),
        { numRuns: 40 },
      );
      expect(computed).toBeGreaterThan(lookedUp);
    } finally {
      await feed.close();
    }
  }, 90_000);
});
