import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ShownStatus } from '../../../src/model/status.js';
import { createTaskTrackerModel, type TaskTrackerModel } from '../../../src/model/task-tracker.js';
import { createTaskQueries } from '../../../src/queries/task-queries.js';
import type { Page, TaskFilter, TaskOrder, TaskQueries } from '../../../src/queries/types.js';
import { type FreshDatabase, freshDatabase } from '../../support/database.js';
import { buildLooseIndexes, documents, fill, nameOfId, strangeValue } from './strange-documents.js';

const ORDERS: readonly TaskOrder[] = (['enqueuedAt', 'updatedAt', 'failedAt', 'processingStartedAt'] as const).flatMap((field) =>
  (['ASC', 'DESC'] as const).map((direction) => ({ field, direction })),
);

const names = (page: Page): string[] => page.edges.map(({ node }) => nameOfId(node._id));

async function walk(queries: TaskQueries, orderBy: TaskOrder, size: number): Promise<string[]> {
  const rows: string[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await queries.page({ orderBy, first: size, after });
    rows.push(...names(page));
    expect(page.hasPreviousPage).toBe(after !== undefined);
    if (!page.hasNextPage) return rows;
    expect(page.edges).toHaveLength(size);
    after = page.edges.at(-1)?.cursor;
  }
}

async function walkBack(queries: TaskQueries, orderBy: TaskOrder, size: number): Promise<string[]> {
  const rows: string[] = [];
  let before: string | undefined;
  for (;;) {
    const page = await queries.page({ orderBy, last: size, before });
    rows.unshift(...names(page));
    expect(page.hasNextPage).toBe(before !== undefined);
    if (!page.hasPreviousPage) return rows;
    expect(page.edges).toHaveLength(size);
    before = page.edges[0]?.cursor;
  }
}

describe('Pages', () => {
  let database: FreshDatabase;
  let model: TaskTrackerModel;
  let queries: TaskQueries;
  const commands: string[] = [];

  beforeAll(async () => {
    database = await freshDatabase({ monitorCommands: true });
    model = createTaskTrackerModel(database.connection);
    queries = createTaskQueries({ model });
    await buildLooseIndexes(model);
    database.connection.getClient().on('commandStarted', ({ commandName }) => commands.push(commandName));
  });
  afterAll(() => database.close());

  const wholeList = async (field: string, order: 1 | -1): Promise<string[]> => {
    const all = await model.collection.find({}).sort({ [field]: order, _id: order }).toArray();
    return all.map(({ _id }) => nameOfId(_id));
  };

  async function expectExactPages(size: number): Promise<void> {
    for (const order of ORDERS) {
      const direction = order.direction === 'ASC' ? 1 : -1;
      expect(await walk(queries, order, size), `forwards by ${order.field} ${order.direction}`).toEqual(await wholeList(order.field, direction));
      // MongoDB's opposite order: for rows that hold lists it is not the reverse.
      const back = (await wholeList(order.field, direction === 1 ? -1 : 1)).reverse();
      expect(await walkBack(queries, order, size), `backwards by ${order.field} ${order.direction}`).toEqual(back);
    }
  }

  it('give every row once, in the order of the whole list, forwards and backwards, whatever the documents hold', async () => {
    await fc.assert(
      fc.asyncProperty(documents(14), fc.integer({ min: 1, max: 5 }), async (list, size) => {
        await fill(model, list);
        await expectExactPages(size);
      }),
      { numRuns: 6, endOnFailure: true },
    );
  });

  it('cross the borders between values of every type', async () => {
    const values = fc.sample(strangeValue, { numRuns: 200, seed: 1 }).filter((value) => value !== '');
    await fill(model, [...new Set(values)].flatMap((value, index) => [
      { _id: index, enqueuedAt: value, updatedAt: [value ?? null], failedAt: [value ?? null, new Date(5)], processingStartedAt: value },
      { _id: `id-${index}`, enqueuedAt: value, updatedAt: [], failedAt: value },
    ]));
    await expectExactPages(7);
  });

  it('neither repeat nor lose rows that were there from the start while others are inserted', async () => {
    const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute));
    await fill(model, Array.from({ length: 20 }, (_, index) => ({ _id: `old-${index}`, enqueuedAt: at(index) })));
    const seen: string[] = [];
    let after: string | undefined;
    for (let round = 0; ; round += 1) {
      const page = await queries.page({ first: 3, after });
      seen.push(...page.edges.map(({ node }) => String(node._id)));
      if (!page.hasNextPage) break;
      after = page.edges.at(-1)?.cursor;
      await model.collection.insertMany([{ _id: `new-${round}`, enqueuedAt: at(60 + round) }, { _id: `same-${round}`, enqueuedAt: at(10) }] as never[]);
    }
    expect(seen.filter((id) => id.startsWith('old-'))).toEqual(Array.from({ length: 20 }, (_, index) => `old-${19 - index}`));
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('go on behind a cursor whose row was deleted', async () => {
    await fill(model, [1, 2, 3, 4].map((minute) => ({ _id: minute, enqueuedAt: new Date(minute * 60_000) })));
    const page = await queries.page({ first: 2 });
    await model.collection.deleteMany({ _id: { $in: [3, 4] } } as never);
    const next = await queries.page({ first: 2, after: page.edges[1]?.cursor });
    expect(next.edges.map(({ node }) => node._id)).toEqual([2, 1]);
  });

  it('cost one database read each, at whatever depth', async () => {
    await fill(model, Array.from({ length: 700 }, (_, index) => ({ _id: index, enqueuedAt: new Date(index * 1000), queueName: 'q', status: 'queued' })));
    const filter: TaskFilter = { queueName: ['q'], status: [ShownStatus.QUEUED] };
    const first = await queries.page({ first: 200, filter });
    commands.length = 0;
    const second = await queries.page({ first: 200, filter, after: first.edges.at(-1)?.cursor });
    await queries.page({ first: 200, filter, after: second.edges.at(-1)?.cursor });
    await queries.page({ last: 200, filter });
    expect(commands).toEqual(['find', 'find', 'find']);
  });

  it('say exactly whether more rows follow in their direction', async () => {
    await fill(model, [1, 2, 3].map((index) => ({ _id: index, enqueuedAt: new Date(index) })));
    expect(await queries.page({ first: 3 })).toMatchObject({ hasNextPage: false, hasPreviousPage: false });
    expect(await queries.page({ first: 2 })).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    expect(await queries.page({ last: 2 })).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const [, middle] = (await queries.page({ first: 3 })).edges;
    expect(await queries.page({ last: 1, before: middle?.cursor })).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
  });

  it('are empty, not an error, where nothing matches', async () => {
    await fill(model, []);
    expect(await queries.page({ filter: { queueName: [] } })).toEqual({ edges: [], hasNextPage: false, hasPreviousPage: false });
    expect(await queries.count({ taskId: 'none' })).toBe(0);
  });

  it('hold 50 rows unless asked otherwise, and count all that match', async () => {
    await fill(model, Array.from({ length: 60 }, (_, index) => ({ _id: index, enqueuedAt: new Date(index), status: index % 2 ? 'queued' : 'strange' })));
    expect((await queries.page({})).edges).toHaveLength(50);
    expect(await queries.count(null)).toBe(60);
    expect(await queries.count({ status: [ShownStatus.UNKNOWN] })).toBe(30);
  });
});
