import fc from 'fast-check';
import mongoose from 'mongoose';

import { ErrorCategory } from '../../../src/model/error-category.js';
import { fingerprintOf } from '../../../src/model/fingerprint/fingerprint.js';
import { ShownStatus, TASK_STATUSES } from '../../../src/model/status.js';
import type { TaskTrackerModel } from '../../../src/model/task-tracker.js';
import type { TaskFilter } from '../../../src/queries/types.js';

const { ObjectId, Long, Decimal128, Binary, Timestamp, MinKey, MaxKey } = mongoose.mongo;

export type Document = Record<string, unknown>;

/** Few instants, so that documents share them. */
export const instants = [-86_400_000, 0, 1_700_000_000_000, 1_700_000_000_001, 1_800_000_000_000].map((ms) => new Date(ms));
const texts = ['', 'a', 'ab', 'abc', 'b', 'jobs:1', 'jobs:10', 'jobs:2', '{"$gt": ""}', '$gt', '.*', '^a', '\u{ffff}', '\u{1f600}', '\u{10ffff}', '\u{10ffff}a', '\u{d7ff}', '\u{e000}'];

const messages = ['', ' ', 'a', 'at 5', 'at  6 ', 'at <n>', 'at 5\nthere', 'at:\n5', "no 'x y'", 'no `z`', 'a/b', 'a/b/5', 'x\0y', '\u{1f600} 7', `${'word '.repeat(30)}1`, `${'word '.repeat(30)}2`, 'word '.repeat(30)];

const sometimes = (usual: fc.Arbitrary<unknown>, strange: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 6, arbitrary: usual }, { weight: 1, arbitrary: strange });

/** Values of every type that an old tool may have left where another one belongs; no lists. */
export const strangeValue: fc.Arbitrary<unknown> = fc.constantFrom<unknown>(
  undefined,
  null,
  0,
  1,
  -1,
  2.5,
  Number.NaN,
  Long.fromString('9007199254740993'),
  Decimal128.fromString('1'),
  Decimal128.fromString('0.1'),
  '',
  'a',
  '2026-01-31T00:00:00Z',
  'QUEUED',
  true,
  false,
  {},
  { $gt: '' },
  { a: 1 },
  new Binary(Buffer.from('a')),
  new ObjectId('0123456789abcdef01234567'),
  new Date(0),
  new Timestamp({ t: 5, i: 1 }),
  new MinKey(),
  new MaxKey(),
);

const textOrStrange = sometimes(fc.constantFrom(...texts), strangeValue);
/** Without the empty string: in an index of the embedded database it sorts behind other strings. */
const instantOrStrange = sometimes(
  fc.constantFrom(...instants),
  strangeValue.filter((value) => value !== ''),
);

/**
 * The decimal is one that a double can hold: the embedded database takes the decimal 0.1 for the double 0.1, which MongoDB
 * tells apart (test/unit/queries/values.test.ts).
 */
const metadataLeaf = fc.constantFrom<unknown>(null, 0, 1, 2, 0.1, 0.5, -0, 'x', '1', '', true, false, new Date(0), Long.fromNumber(1), Decimal128.fromString('1'), Decimal128.fromString('0.5'));
const metadataName = fc.constantFrom('a', 'b', 'constructor');
const { tree: metadataTree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    metadataLeaf,
    fc.dictionary(metadataName, tie('tree'), { maxKeys: 3, noNullPrototype: true }),
    fc.array(tie('tree'), { maxLength: 3 }),
  ),
}));

/** A value that may be left out altogether. */
const absent: unique symbol = Symbol('absent');
const orAbsent = (value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> => fc.oneof({ weight: 6, arbitrary: value }, { weight: 1, arbitrary: fc.constant(absent) });

const fields: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  taskId: textOrStrange,
  executionId: textOrStrange,
  queueName: textOrStrange,
  status: sometimes(fc.constantFrom(...TASK_STATUSES), strangeValue),
  enqueuedAt: instantOrStrange,
  processingStartedAt: instantOrStrange,
  failedAt: instantOrStrange,
  createdAt: instantOrStrange,
  updatedAt: instantOrStrange,
  retryCount: sometimes(fc.integer({ min: 0, max: 3 }), strangeValue),
  errorCategory: sometimes(fc.constantFrom(...Object.values(ErrorCategory)), strangeValue),
  errorMessage: sometimes(fc.constantFrom(...messages), strangeValue),
  metadata: sometimes(metadataTree, strangeValue),
};

const listValue = fc.array(fc.oneof(fc.constantFrom<unknown>(...instants, ...texts.slice(1, 6), ...TASK_STATUSES, 1, 2), strangeValue.filter((each) => each !== undefined && each !== '')), { maxLength: 3 });

/** Fields that filters ask two bounds of. Entries of a list may satisfy one bound each, which the embedded database overlooks when it walks an index. */
const RANGED = new Set(['taskId', 'enqueuedAt', 'updatedAt', 'failedAt']);

/** A document of which any field may be missing or strange, and one may be a list (MongoDB cannot index two). */
export const strangeDocument: fc.Arbitrary<Document> = fc
  .tuple(
    fc.record(Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, orAbsent(value)]))),
    fc.option(fc.tuple(fc.constantFrom(...Object.keys(fields).filter((name) => name !== 'metadata')), listValue), { freq: 8 }),
  )
  .map(([record, list]) => {
    const document = Object.fromEntries(Object.entries(record).filter(([, value]) => value !== absent));
    if (list) document[list[0]] = RANGED.has(list[0]) ? list[1].slice(0, 1) : list[1];
    return document;
  });

/** `_id`s of many types, distinct. */
export const strangeIds = (count: number): fc.Arbitrary<unknown[]> =>
  fc.array(fc.constantFrom('objectId', 'text', 'number', 'object', 'date', 'boolean', 'objectId', 'objectId'), { minLength: count, maxLength: count }).map((kinds) =>
    kinds.map((kind, index) => {
      switch (kind) {
        case 'text':
          return `id-${index}`;
        case 'number':
          return index;
        case 'object':
          return { part: index };
        case 'date':
          return new Date(index);
        default:
          return ObjectId.createFromHexString((0xabcdef * (index + 1)).toString(16).padStart(24, '0'));
      }
    }),
  );

export const documents = (count: number): fc.Arbitrary<Document[]> =>
  fc.tuple(fc.array(strangeDocument, { minLength: count, maxLength: count }), strangeIds(count)).map(([list, ids]) => list.map((document, index) => ({ _id: ids[index], ...document })));

const instant = fc.constantFrom(...instants);
const scalar = fc.constantFrom<string | number | boolean | null>(null, 0, 1, 2, 0.1, 0.5, 'x', '1', '', true, false, '{"$gt": ""}');

const metadataFilter = fc.oneof(
  fc.record({ path: fc.constantFrom('a', 'b', 'a.b', 'a.b.a', 'constructor', 'a.constructor'), condition: fc.oneof(scalar.map((eq) => ({ eq })), fc.array(scalar, { maxLength: 3 }).map((values) => ({ in: values })), fc.boolean().map((exists) => ({ exists }))) }),
  // What "nothing there" means behind an index of a list differs between servers, so indexes are asked for values only.
  fc.record({ path: fc.constantFrom('a.0', 'a.1', 'b.0.a'), condition: scalar.filter((each) => each !== null).map((eq) => ({ eq })) }),
).map(({ path, condition }) => ({ path, ...condition }));

const some = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined, freq: 1 });
const seldom = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.oneof({ weight: 1, arbitrary: value }, { weight: 5, arbitrary: fc.constant(undefined) });

export const taskFilter: fc.Arbitrary<TaskFilter> = fc.record({
  queueName: seldom(fc.array(fc.constantFrom(...texts), { maxLength: 4 })),
  status: some(fc.array(fc.constantFrom(...Object.values(ShownStatus)), { maxLength: 4 })),
  errorCategory: seldom(fc.array(fc.constantFrom(...Object.values(ErrorCategory)), { maxLength: 3 })),
  taskId: seldom(fc.constantFrom(...texts)),
  taskIdPrefix: seldom(fc.constantFrom(...texts)),
  executionId: seldom(fc.array(fc.constantFrom(...texts), { maxLength: 5 })),
  fingerprint: seldom(fc.tuple(fc.constantFrom(...Object.values(ErrorCategory)), fc.constantFrom(...messages)).map(([category, text]) => fingerprintOf(category, text).fingerprint)),
  enqueuedAfter: seldom(instant),
  enqueuedBefore: seldom(instant),
  updatedAfter: seldom(instant),
  updatedBefore: seldom(instant),
  failedAfter: seldom(instant),
  failedBefore: seldom(instant),
  minRetryCount: seldom(fc.integer({ min: 0, max: 3 })),
  metadata: seldom(fc.array(metadataFilter, { maxLength: 2 })),
});

/** The collection with exactly these documents, as old tools write them: past the schema. */
export async function fill(model: TaskTrackerModel, list: readonly Document[]): Promise<void> {
  await model.collection.deleteMany({});
  if (list.length > 0) await model.collection.insertMany(list.map((document) => ({ ...document })) as never[], { ignoreUndefined: true });
}

/** The model's indexes without their uniqueness, which strange documents would break. */
export async function buildLooseIndexes(model: TaskTrackerModel): Promise<void> {
  await model.createCollection();
  for (const [key, options] of model.schema.indexes()) {
    if ((options as { partialFilterExpression?: unknown }).partialFilterExpression) continue;
    await model.collection.createIndex(key as never);
  }
}

/** A name for an `_id` of any type. */
export function nameOfId(id: unknown): string {
  return mongoose.mongo.BSON.EJSON.stringify({ id }, { relaxed: false });
}
