import { isDeepStrictEqual } from 'node:util';

import fc from 'fast-check';
import mongoose from 'mongoose';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { connectDatabase } from '../../../src/database/connect.js';
import { ensureIndexes, indexSpecsOf } from '../../../src/database/indexes.js';
import type { OpenedDatabase } from '../../../src/database/open.js';
import { createTaskTrackerModel } from '../../../src/model/task-tracker.js';
import { freshDatabase, silentLogger, type FreshDatabase } from '../../support/database.js';
import { openSecantus } from '../../support/embedded.js';
import { documents, taskQuery, taskWrite, type TaskQuery } from '../../support/task-queries.js';

type Doc = Record<string, unknown>;
type Tasks = mongoose.mongo.Collection<Doc>;

const DOCUMENTS = 500;
/** The same reads on every run; change it to look for new ones. */
const SEED = 20_260_101;
const READS = 110;
const WRITE_EVERY = 8;
const TIMEOUT_MS = 60_000;

/**
 * One server answers from its indexes, the other one, unpatched, by looking at every document in natural order.
 * Where the run has a MongoDB of its own (MONGODB_URI), both sides are that one: its planner against its own full scan.
 */
describe('reads that use indexes, against full scans of an unpatched server', { timeout: TIMEOUT_MS }, () => {
  let subject: FreshDatabase;
  let server: OpenedDatabase | undefined;
  let oracle: mongoose.Connection;

  beforeAll(async () => {
    subject = await freshDatabase();
    server = inject('embedded') ? await openSecantus({ unpatched: true }) : undefined;
    oracle = server === undefined ? subject.connection : await connectDatabase(server.uri, { log: silentLogger() });
  }, TIMEOUT_MS);

  afterAll(async () => {
    if (server !== undefined) await oracle.close();
    await server?.close();
    await subject.close();
  });

  const fill = async (name: string, docs: Doc[], index: (connection: mongoose.Connection) => Promise<unknown>): Promise<[Tasks, Tasks]> => {
    const connections = [...new Set([subject.connection, oracle])];
    await Promise.all(
      connections.map(async (connection) => {
        await index(connection);
        await connection.collection<Doc>(name).insertMany(docs);
      }),
    );
    return [collectionOf(subject.connection, name), collectionOf(oracle, name)];
  };

  const collectionOf = (connection: mongoose.Connection, name: string): Tasks => {
    if (connection.db === undefined) throw new Error('not open');
    return connection.db.collection<Doc>(name);
  };

  const compare = async ([planned, scanned]: [Tasks, Tasks], { filter, sort, skip, limit }: TaskQuery) => {
    const [answer, expected, count, expectedCount, aggregated] = await Promise.all([
      planned.find(filter).sort(sort).skip(skip).limit(limit).toArray(),
      scanned.find(filter).hint({ $natural: 1 }).sort(sort).skip(skip).limit(limit).toArray(),
      planned.countDocuments(filter),
      scanned.countDocuments(filter, { hint: { $natural: 1 } }),
      planned.aggregate([{ $match: filter }, { $sort: sort }, { $skip: skip }, { $limit: limit || DOCUMENTS }]).toArray(),
    ]);
    const ids = (docs: Doc[]) => docs.map((doc) => String(doc['_id']));
    expect(ids(answer)).toEqual(ids(expected));
    // By Node's comparison: the one of expect is slow on hundreds of documents.
    expect(isDeepStrictEqual(answer, expected)).toBe(true);
    expect(count).toBe(expectedCount);
    expect(ids(aggregated)).toEqual(ids(expected));
    // Without an order any matching documents will do, as long as there are as many, all different, all matching.
    const some = await planned.find(filter).limit(10).toArray();
    expect(new Set(ids(some)).size).toBe(Math.min(10, expectedCount));
  };

  it('gives the same executions, in the same order, with the same count, while documents change', async () => {
    const specs = (connection: mongoose.Connection) => indexSpecsOf(createTaskTrackerModel(connection).schema);
    const pair = await fill('tasks', documents(DOCUMENTS, SEED), (connection) => ensureIndexes(connection, 'tasks', specs(connection)));
    let read = 0;
    await fc.assert(
      fc.asyncProperty(taskQuery, taskWrite, async (query, write) => {
        if (read++ % WRITE_EVERY === 0) {
          for (const side of new Set(pair)) {
            if ('remove' in write) await side.deleteOne({ _id: write.remove } as Doc);
            else await side.updateOne({ _id: write.id } as Doc, write.update);
          }
        }
        await compare(pair, query);
      }),
      // Interleaved writes would make a shrunk case another case.
      { numRuns: READS, seed: SEED, endOnFailure: true },
    );
  });

  it('gives the same for values of every type in indexed fields, arrays among them', async () => {
    const { ObjectId, Long } = mongoose.mongo;
    const value = fc.oneof(
      fc.integer({ min: -5, max: 10 }),
      fc.constantFrom<unknown>(0.5, -3.25, 1e15, Long.fromNumber(4), true, false, null, undefined, { x: 1 }, { x: 2 }),
      fc.constantFrom('', 'a', 'ab', 'abc', 'b', 'ä', 'Z', 'z\u0000q'),
      fc.constantFrom(new Date(-5_000), new Date(1.7e12), new Date(1.7e12 + 1_000)),
      fc.constantFrom(new ObjectId('00000000000000000000000a'), new ObjectId('0000000000000000000000ff')),
    );
    const doc = fc.record({ k: fc.constantFrom('k0', 'k1', 'k2'), g: fc.constantFrom('a', 'ab', 'b', ''), a: value, d: fc.option(fc.constantFrom(new Date(1e12), new Date(2e12))) });
    const indexes = [{ k: 1, a: 1 }, { k: 1, a: -1 }, { k: 1, d: -1, _id: -1 }, { k: 1, g: 1, d: 1 }, { a: 1 }, { d: -1 }, { a: -1, d: 1 }, { g: -1, a: 1 }] as const;
    const bound = fc.tuple(fc.constantFrom('$lt', '$lte', '$gt', '$gte'), value.filter((v) => v !== null && v !== undefined)).map(([op, v]) => ({ [op]: v }));
    const query = fc
      .record({
        filter: fc.record(
          {
            k: fc.constantFrom<unknown>('k1', { $in: ['k0', 'k2'] }, { $eq: 'k2' }),
            g: fc.constantFrom<unknown>('a', { $in: ['a', 'ab', ''] }, { $lt: 'ab' }, { $gte: 'ab' }),
            a: fc.oneof(bound, value.filter((v) => v !== undefined)),
            d: fc.constantFrom<unknown>(null, new Date(1e12), { $gt: new Date(1e12) }, { $lte: new Date(2e12) }),
          },
          { requiredKeys: [] },
        ),
        fields: fc.constantFrom(['a'], ['d'], ['g', 'a'], ['a', 'd'], ['k', 'a'], ['g', 'd'], []),
        directions: fc.array(fc.constantFrom<1 | -1>(1, -1), { minLength: 3, maxLength: 3 }),
        skip: fc.constantFrom(0, 0, 7),
        limit: fc.integer({ min: 1, max: 40 }),
      })
      .map(({ filter, fields, directions, skip, limit }): TaskQuery => {
        const sort = Object.fromEntries([...fields, '_id'].map((field, n) => [field, directions[n] ?? 1] as const));
        return { filter, sort, skip, limit };
      });
    for (const arrays of [false, true]) {
      const docs = fc.sample(doc, { numRuns: 250, seed: SEED }).map((fields, n) => {
        const known = Object.entries(fields).filter(([, v]) => v !== undefined);
        return { _id: n, ...Object.fromEntries(known), ...(arrays && n % 20 === 0 ? { a: n % 40 === 0 ? [] : [n % 7, 'ab'] } : {}) } as Doc;
      });
      const name = arrays ? 'with_arrays' : 'scalars';
      const pair = await fill(name, docs, (connection) => ensureIndexes(connection, name, indexes.map((key) => ({ key: { ...key } }))));
      await fc.assert(
        fc.asyncProperty(query, (read) => compare(pair, read)),
        { numRuns: 60, seed: SEED },
      );
    }
  });
});
