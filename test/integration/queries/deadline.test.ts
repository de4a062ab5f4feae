import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createTaskTrackerModel, type TaskTrackerModel } from '../../../src/model/task-tracker.js';
import { ReadDeadline } from '../../../src/queries/deadline.js';
import { AbandonedError, QueryTimeoutError } from '../../../src/queries/errors.js';
import { StoredExecutions } from '../../../src/queries/executions.js';
import { createTaskQueries } from '../../../src/queries/task-queries.js';
import { type FreshDatabase, freshDatabase } from '../../support/database.js';

/** Every document is compared with every other: minutes for an embedded database, seconds for mongod. */
const ROWS = 3_000;
const SLOW = [
  { $lookup: { from: 'task_trackers', let: { n: '$n' }, pipeline: [{ $match: { $expr: { $gt: [{ $add: ['$n', '$$n'] }, 1e9] } } }], as: 'none' } },
  { $count: 'rows' },
];

let database: FreshDatabase;
let model: TaskTrackerModel;
let executions: StoredExecutions;
beforeAll(async () => {
  database = await freshDatabase();
  model = createTaskTrackerModel(database.connection);
  executions = new StoredExecutions(model, 60_000);
  await model.collection.insertMany(Array.from({ length: ROWS }, (_, n) => ({ executionId: `e${n}`, taskId: 't', queueName: 'q', status: 'queued', n })));
});
afterAll(() => database.close());

/** Aggregations that the database works on. */
async function working(): Promise<number> {
  const { inprog } = (await database.connection.getClient().db('admin').command({ currentOp: 1 })) as { inprog: { command?: Record<string, unknown> }[] };
  return inprog.filter(({ command }) => command !== undefined && 'aggregate' in command && !JSON.stringify(command).includes('changeStream')).length;
}

/** How long it takes until it has ended, in ms. */
async function duration(ending: Promise<unknown>): Promise<number> {
  const began = performance.now();
  await ending;
  return performance.now() - began;
}

describe('a slow read', () => {
  it('ends at the deadline of its operation, in the database too', async () => {
    const read = executions.until(new ReadDeadline(700)).aggregate(SLOW);
    expect(await duration(expect(read).rejects.toThrow(QueryTimeoutError))).toBeLessThan(5_000);
    await expect.poll(working, { timeout: 10_000 }).toBe(0);
  });

  it('ends at once when nobody waits for it any more; the database stops at the deadline at the latest', async () => {
    const deadline = new ReadDeadline(4_000);
    const read = executions.until(deadline).aggregate(SLOW);
    const ended = expect(read).rejects.toThrow(AbandonedError);
    await expect.poll(working, { timeout: 3_000 }).toBeGreaterThan(0);
    deadline.abandon();
    expect(await duration(ended)).toBeLessThan(1_000);
    await expect.poll(working, { timeout: 15_000 }).toBe(0);
  });

  it('leaves the reads of other operations alone', async () => {
    const queries = createTaskQueries({ model });
    const [one, two] = [new ReadDeadline(60_000), new ReadDeadline(60_000)];
    const abandoned = expect(executions.until(one).aggregate(SLOW)).rejects.toThrow(AbandonedError);
    const counting = queries.until(two).count(null);
    one.abandon();
    await abandoned;
    expect(await counting).toBe(ROWS);
    expect((await queries.page({ first: 5 })).edges).toHaveLength(5);
  });
});

describe('reads of one operation', () => {
  it('have what is left of its time, each in turn', async () => {
    const limits: unknown[] = [];
    await using monitored = await freshDatabase({ monitorCommands: true });
    const queries = createTaskQueries({ model: createTaskTrackerModel(monitored.connection), maxTimeMs: 4_321 }).until(new ReadDeadline(3_000));
    monitored.connection.getClient().on('commandStarted', ({ command }: { command: Record<string, unknown> }) => limits.push(command['maxTimeMS']));
    await queries.page({});
    await queries.count(null);
    await queries.retryChains(['t']);
    expect(limits).toHaveLength(3);
    for (const limit of limits) expect(limit).toBeLessThanOrEqual(3_000);
    expect(limits).toEqual([...limits].sort((a, b) => Number(b) - Number(a)));
  });
});
