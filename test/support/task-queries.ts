import fc from 'fast-check';
import mongoose from 'mongoose';

const { ObjectId } = mongoose.mongo;
type Doc = Record<string, unknown>;

/** A read of executions: what pages, filters and counts of the API consist of, and more. */
export interface TaskQuery {
  readonly filter: Doc;
  readonly sort: Record<string, 1 | -1>;
  readonly skip: number;
  readonly limit: number;
}

const T0 = Date.UTC(2026, 0, 1);
const QUEUES = ['jobs', 'jobs_low', 'mail', 'partner'];
const STATUSES = ['queued', 'processing', 'completed', 'failed', 'dlq', 'archived', 'strange'];
const CATEGORIES = ['transient', 'validation', 'unknown'];
const DATES = ['enqueuedAt', 'processingStartedAt', 'failedAt', 'updatedAt', 'createdAt'] as const;
const INSTANTS = 60;

/** Ids in a fixed order, so that both servers hold the same documents. */
export function idOf(n: number): InstanceType<typeof ObjectId> {
  return new ObjectId(n.toString(16).padStart(24, '0'));
}

const instant = fc.integer({ min: 0, max: INSTANTS - 1 }).map((n) => new Date(T0 + n * 1_000));
const taskNumber = fc.integer({ min: 0, max: 40 });

/** Mostly what the models write; now and then a field that is missing, null, or of another type. */
const sometimesStrange = (usual: fc.Arbitrary<unknown>) =>
  fc.oneof(
    { weight: 20, arbitrary: usual },
    { weight: 1, arbitrary: fc.constantFrom(undefined, null) },
    { weight: 1, arbitrary: fc.constantFrom<unknown>('2026-01-01', 7, 2.5, true, { a: 1 }, '', 'jobs') },
  );

/** One document for each number, the same on every call with the same seed. */
export function documents(count: number, seed: number): Doc[] {
  const shape = fc.record({
    taskId: sometimesStrange(taskNumber.map((n) => `jobs:${n}`)),
    queueName: sometimesStrange(fc.constantFrom(...QUEUES)),
    // Settled ones only, under any taskId: active ones would collide in the deduplication index.
    status: sometimesStrange(fc.constantFrom(...STATUSES.slice(2))),
    retryCount: fc.integer({ min: 0, max: 5 }),
    errorCategory: fc.constantFrom<unknown>(...CATEGORIES, undefined, null),
    metadata: fc.record({ partner: fc.constantFrom('a', 'b', 'c'), n: fc.integer({ min: 0, max: 9 }) }),
    ...Object.fromEntries(DATES.map((name) => [name, sometimesStrange(instant)])),
  });
  return fc.sample(shape, { numRuns: count, seed }).map((doc, n) => {
    const active = n % 5 === 0;
    const known = Object.entries(doc).filter(([, value]) => value !== undefined);
    const own = active ? { taskId: `active:${n}`, status: n % 2 === 0 ? 'queued' : 'processing' } : {};
    return { _id: idOf(n), executionId: `e${n}`, ...Object.fromEntries(known), ...own };
  });
}

const oneOrSome = (value: fc.Arbitrary<unknown>) =>
  fc.oneof(
    value,
    fc.record({ $eq: value }),
    fc.record({ $in: fc.array(value, { minLength: 1, maxLength: 3 }) }),
    fc.record({ $ne: value }),
    fc.record({ $nin: fc.array(value, { minLength: 1, maxLength: 2 }) }),
    fc.record({ $not: fc.record({ $eq: value }) }),
  );

const range = fc
  .tuple(fc.constantFrom('$lt', '$lte', '$gt', '$gte'), instant, fc.option(fc.tuple(fc.constantFrom('$lt', '$lte'), instant), { nil: undefined }))
  .map(([operator, at, other]) => ({ [operator]: at, ...(other === undefined ? {} : { [other[0]]: other[1] }) }));

const dateClause = fc.oneof({ weight: 4, arbitrary: range }, { weight: 1, arbitrary: fc.constantFrom<unknown>(null, { $exists: true }, { $ne: null }, { $not: { $gt: new Date(T0) } }) });

const taskIdClause = fc.oneof(
  oneOrSome(taskNumber.map((n) => `jobs:${n}`)),
  taskNumber.map((n) => ({ $regex: `^jobs:${n % 10}` })),
  taskNumber.map((n) => new RegExp(`^jobs:${n % 10}`)),
  fc.constantFrom<unknown>(/1$/, { $in: [/^jobs:3/, 'jobs:7'] }, { $gte: 'jobs:2', $lt: 'jobs:3' }, { $regex: '^JOBS', $options: 'i' }),
);

const plainFilter = fc.record(
  {
    queueName: oneOrSome(fc.constantFrom(...QUEUES)),
    status: oneOrSome(fc.constantFrom(...STATUSES)),
    taskId: taskIdClause,
    executionId: oneOrSome(fc.integer({ min: 0, max: 500 }).map((n) => `e${n}`)),
    errorCategory: oneOrSome(fc.constantFrom<unknown>(...CATEGORIES, null)),
    retryCount: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom({ $gte: 2 }, { $gte: 4 })),
    'metadata.partner': oneOrSome(fc.constantFrom('a', 'b', 'z')),
    enqueuedAt: dateClause,
    updatedAt: dateClause,
    processingStartedAt: dateClause,
  },
  { requiredKeys: [] },
);

/** Few fields at a time: a filter of ten matches nothing. */
const smallFilter = fc.tuple(plainFilter, fc.integer({ min: 0, max: 3 }), fc.nat()).map(([filter, size, start]) => {
  const entries = Object.entries(filter);
  return Object.fromEntries(Array.from({ length: Math.min(size, entries.length) }, (_, n) => entries[(start + n) % entries.length] ?? ['status', 'dlq']));
});

const order = fc.tuple(fc.constantFrom(...DATES), fc.constantFrom<1 | -1>(1, -1));

/** After a row: what the next page of an order holds, with rows that lack the field last (descending) or first. */
function after(field: string, direction: 1 | -1, at: Date | null, id: unknown): Doc {
  const beyond = direction === 1 ? '$gt' : '$lt';
  const sameRow = { [field]: at, _id: { [beyond]: id } };
  if (at === null) return direction === 1 ? { $or: [sameRow, { [field]: { $ne: null } }] } : sameRow;
  return { $or: [{ [field]: { [beyond]: at } }, sameRow, ...(direction === -1 ? [{ [field]: null }] : [])] };
}

const pageQuery = fc
  .record({ filter: smallFilter, order, at: fc.option(instant), id: fc.integer({ min: 0, max: 500 }), nested: fc.boolean(), limit: fc.integer({ min: 1, max: 60 }) })
  .map(({ filter, order: [field, direction], at, id, nested, limit }): TaskQuery => {
    const keyset = after(field, direction, at, idOf(id));
    const both = nested || field in filter ? { $and: [filter, keyset] } : { ...filter, ...keyset };
    return { filter: both, sort: { [field]: direction, _id: direction }, skip: 0, limit };
  });

const freeQuery = fc
  .record({
    filter: fc.oneof(smallFilter, fc.tuple(smallFilter, smallFilter).map(([a, b]) => ({ $or: [a, b] })), fc.tuple(smallFilter, smallFilter).map(([a, b]) => ({ $and: [a, b] }))),
    first: fc.option(fc.constantFrom('status', 'queueName', 'taskId', 'errorCategory', 'retryCount'), { nil: undefined }),
    order,
    direction: fc.constantFrom<1 | -1>(1, -1),
    idDirection: fc.constantFrom<1 | -1>(1, -1),
    onlyId: fc.boolean(),
    skip: fc.constantFrom(0, 0, 0, 5, 20),
    limit: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 60 })),
  })
  .map(({ filter, first, order: [field, fieldDirection], direction, idDirection, onlyId, skip, limit }): TaskQuery => {
    if (onlyId && first === 'taskId') return { filter: { ...filter, executionId: { $in: ['e3', 'e30', 'e7', 'e500', 'e1'] } }, sort: { executionId: direction }, skip: 0, limit };
    const sort = onlyId && first === undefined ? {} : { ...(first === undefined ? {} : { [first]: direction }), [field]: fieldDirection };
    return { filter, sort: { ...sort, _id: idDirection }, skip, limit };
  });

/** Any read whose answer is one list only: every sort ends in _id, or is by a field that no two documents share. */
export const taskQuery: fc.Arbitrary<TaskQuery> = fc.oneof(pageQuery, freeQuery);

/** A change of one document that keeps to the unique indexes. */
export const taskWrite: fc.Arbitrary<{ id: unknown; update: Doc } | { remove: unknown }> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      id: fc.integer({ min: 0, max: 500 }).map(idOf),
      update: fc.record({ $set: fc.record({ queueName: fc.constantFrom(...QUEUES), enqueuedAt: fc.option(instant), updatedAt: instant }) }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ remove: fc.integer({ min: 0, max: 500 }).map(idOf) }) },
);
