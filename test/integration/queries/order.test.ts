import fc from 'fast-check';
import mongoose from 'mongoose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createTaskTrackerModel, type TaskTrackerModel } from '../../../src/model/task-tracker.js';
import { comparePositions, isCertainPosition, positionOf } from '../../../src/queries/keyset.js';
import { createTaskQueries } from '../../../src/queries/task-queries.js';
import type { TaskQueries } from '../../../src/queries/types.js';
import { type FreshDatabase, freshDatabase } from '../../support/database.js';
import { documents, fill, nameOfId, strangeValue } from './strange-documents.js';

const { Binary, Decimal128, Long, Timestamp, UUID } = mongoose.mongo.BSON;

const FIELDS = ['enqueuedAt', 'updatedAt', 'failedAt', 'processingStartedAt'] as const;

/** The embedded database's `$lt` finds no binary data of another length or subtype, unlike its sort. Its sort knows no subtypes. */
const BINARIES: readonly unknown[] = ['a', 'b', 'ab'].map((text) => new Binary(Buffer.from(text)));

const moreValues: readonly unknown[] = [
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Long.fromString('9007199254740992'),
  Decimal128.fromString('1.5'),
  { a: 1, b: 1 },
  { a: 2 },
  { b: null },
  { a: 'x' },
  { a: { b: [1] } },
  ...BINARIES,
  new UUID('00000000-0000-4000-8000-000000000001'),
  new UUID('00000000-0000-4000-8000-000000000002'),
  new Timestamp({ t: 5, i: 2 }),
  new Timestamp({ t: 4_000_000_000, i: 1 }),
  [3, 'a'],
  [[1], [2]],
  [],
  [null, 1],
];

describe('The order of places', () => {
  let database: FreshDatabase;
  let model: TaskTrackerModel;
  let queries: TaskQueries;

  beforeAll(async () => {
    database = await freshDatabase();
    model = createTaskTrackerModel(database.connection);
    queries = createTaskQueries({ model });
  });
  afterAll(() => database.close());

  async function expectDatabaseOrder(): Promise<void> {
    for (const field of FIELDS) {
      for (const direction of [1, -1] as const) {
        const rows = await queries.slice({ orderBy: { field, direction: direction === 1 ? 'ASC' : 'DESC' }, behind: null, limit: 1_000 });
        const places = rows.map(({ stored }) => positionOf(stored, field, direction));
        for (const [at, place] of places.entries()) {
          expect(isCertainPosition(rows[at]?.stored ?? {}, field, place)).toBe(true);
          const next = places[at + 1];
          if (next) expect(comparePositions(place, next, direction), `${field} ${direction}: ${nameOfId(place)} ahead of ${nameOfId(next)}`).toBeLessThan(0);
        }
      }
    }
  }

  it('is the one in which the database sorts, whatever the documents hold', async () => {
    await fc.assert(
      fc.asyncProperty(documents(30), async (list) => {
        await fill(model, list);
        await expectDatabaseOrder();
      }),
      { numRuns: 5, endOnFailure: true },
    );
  });

  it('is the one in which the database sorts values of every type, in the field and as _id', async () => {
    const values = [...new Set([...fc.sample(strangeValue, { numRuns: 200, seed: 1 }), ...moreValues])];
    // Not those that equal another one, nor what no _id may be.
    const refused = new Set([{ $gt: '' }, Decimal128.fromString('1')].map(nameOfId));
    const ids = values.filter((value) => value !== undefined && !Array.isArray(value) && !refused.has(nameOfId(value)));
    const distinct = new Map(ids.map((id) => [nameOfId(id), id])).values();
    await fill(model, [
      ...values.flatMap((value, index) => [
        { _id: `id-${index}`, enqueuedAt: value, updatedAt: [value], failedAt: [value, 2] },
        { _id: 1_000 + index, enqueuedAt: value, processingStartedAt: value },
      ]),
      ...[...distinct].map((_id) => ({ _id })),
    ]);
    await expectDatabaseOrder();
  });

  it('lets a list go on behind any of its rows', async () => {
    const order = { field: 'enqueuedAt', direction: 'DESC' } as const;
    await fill(model, moreValues.filter((value) => !Array.isArray(value) && !BINARIES.includes(value)).map((value, index) => ({ _id: index, enqueuedAt: value })));
    const all = await queries.slice({ orderBy: order, behind: null, limit: 500 });
    for (const [at, row] of all.entries()) {
      const rest = await queries.slice({ orderBy: order, behind: row, limit: 3 });
      expect(rest.map(({ _id }) => _id)).toEqual(all.slice(at + 1, at + 4).map(({ _id }) => _id));
    }
  });
});
