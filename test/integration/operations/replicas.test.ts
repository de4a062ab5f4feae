import { expect, it } from 'vitest';

import { ANONYMOUS } from '../../../src/access/caller.js';
import { createLifecycleContext } from '../../../src/lifecycle/lifecycle.js';
import { dealWith, OperationLostError } from '../../../src/operations/chunk.js';
import { OperationStore } from '../../../src/operations/store.js';
import { OperationTargets } from '../../../src/operations/targets.js';
import { silentLogger } from '../../support/database.js';
import { bulkHarness, type BulkHarness, ended } from './harness.js';

const LONG_MS = 60_000;
/** A lease that has expired as soon as it is taken. */
const NO_TIME_MS = 0;

const letters = (count: number, name = 'd') => Array.from({ length: count }, (_, index) => ({ id: `${name}${index}`, status: 'dlq' }));

/** Without a replica that works by itself. */
async function stillHarness(): Promise<BulkHarness> {
  const harness = await bulkHarness();
  await harness.bulk.close();
  return harness;
}

function partsOf({ lifecycle, audit }: BulkHarness, leaseMs: number) {
  const context = createLifecycleContext({ model: lifecycle.model, deduplication: () => 'index', audit, log: silentLogger() });
  return { context, store: new OperationStore(lifecycle.database.connection, leaseMs) };
}

it('two replicas that look for the same operations at once run each of them once', async () => {
  await using harness = await stillHarness();
  await harness.insert(letters(300));
  const replicas = [harness.replica(), harness.replica()];
  const [one, two] = replicas as [(typeof replicas)[0], (typeof replicas)[0]];
  const started = [];
  for (let index = 0; index < 6; index += 1) {
    const filter = { taskIdPrefix: `jobs:d${index}` };
    started.push(await (index % 2 === 0 ? one : two).start({ action: 'ARCHIVE', filter, reason: 'r' }, ANONYMOUS));
  }
  one.run();
  two.run();
  const operations = await Promise.all(started.map(({ id }) => ended(one, id)));
  for (const { state, matched, processed, succeeded } of operations) expect({ state, processed, succeeded }).toEqual({ state: 'COMPLETED', processed: matched, succeeded: matched });
  const entries = await harness.entries({ action: 'ARCHIVE' });
  const total = operations.reduce((sum, { succeeded }) => sum + succeeded, 0);
  expect(total).toBeGreaterThan(100);
  expect(entries).toHaveLength(total);
  expect(new Set(entries.map(({ executionId }) => executionId)).size).toBe(total);
});

it('of many that take an operation at the same moment one gets it', async () => {
  await using harness = await stillHarness();
  await harness.insert(letters(1));
  await harness.replica().start({ action: 'ARCHIVE', filter: {}, reason: 'r' }, ANONYMOUS);
  const { store } = partsOf(harness, LONG_MS);
  const taken = await Promise.all(Array.from({ length: 20 }, (_, index) => store.take(`replica ${index}`, [])));
  expect(taken.filter((each) => each !== null)).toHaveLength(1);
});

it('a replica that was thought dead can do nothing more once another has taken over', async () => {
  await using harness = await stillHarness();
  await harness.insert(letters(4));
  const { id } = await harness.replica().start({ action: 'ARCHIVE', filter: {}, reason: 'r' }, ANONYMOUS);
  const slow = partsOf(harness, NO_TIME_MS);
  const first = await slow.store.take('slow', []);
  const other = partsOf(harness, LONG_MS);
  const second = await other.store.take('other', []);
  if (first === null || second === null) throw new Error('not taken');
  expect(second.held.term).toBe(first.held.term + 1);
  const ids = (await new OperationTargets(harness.lifecycle.database.connection).from(id, 0, 2)) ?? [];
  const { session } = second;
  await expect(dealWith({ ...slow, session: first.session }, first.operation, first.held, ids)).rejects.toThrow(OperationLostError);
  expect(new Set(Object.values(await harness.statuses()))).toEqual(new Set(['dlq']));
  expect(await harness.entries({ action: 'ARCHIVE' })).toEqual([]);
  expect(await dealWith({ ...other, session }, second.operation, second.held, ids)).toMatchObject({ succeeded: 2 });
  // The same chunk once more, by the same replica: the place has moved on, so it is refused as a whole.
  await expect(dealWith({ ...other, session }, second.operation, second.held, ids)).rejects.toThrow(OperationLostError);
  expect(await harness.entries({ action: 'ARCHIVE' })).toHaveLength(2);
});

it('a transaction that a dead replica left open is given up before its operation is gone on with', async () => {
  await using harness = await stillHarness();
  await harness.insert(letters(3));
  const replica = harness.replica({ leaseMs: LONG_MS });
  const { id } = await replica.start({ action: 'ARCHIVE', filter: {}, reason: 'r' }, ANONYMOUS);
  const dead = partsOf(harness, NO_TIME_MS);
  const taken = await dead.store.take('dead', []);
  if (taken === null) throw new Error('not taken');
  // As far as a chunk has come when its process is killed.
  taken.session.startTransaction();
  const { documents } = dead.context;
  await documents.updateMany({ status: 'dlq' }, { $set: { status: 'archived' } }, { session: taken.session });
  await dead.store.advance(taken.operation, taken.held, { succeeded: 3, skipped: 0, failures: [] }, taken.session);
  const begun = performance.now();
  replica.run();
  expect(await ended(replica, id)).toMatchObject({ state: 'COMPLETED', processed: 3, succeeded: 3 });
  expect(performance.now() - begun).toBeLessThan(15_000);
  expect(await harness.entries({ action: 'ARCHIVE' })).toHaveLength(3);
  await taken.session.endSession();
});

it('a replica that closes hands its operation over at once, where it stands', async () => {
  await using harness = await stillHarness();
  await harness.insert(letters(1_000));
  const one = harness.replica({ leaseMs: LONG_MS });
  const two = harness.replica({ leaseMs: LONG_MS, pollMs: 50 });
  const { id } = await one.start({ action: 'ARCHIVE', filter: {}, reason: 'r' }, ANONYMOUS);
  one.run();
  await expect.poll(async () => (await one.byId(id, ANONYMOUS))?.processed, { interval: 5 }).toBeGreaterThan(0);
  await one.close();
  const left = await two.byId(id, ANONYMOUS);
  two.run();
  expect(await ended(two, id)).toMatchObject({ state: 'COMPLETED', processed: 1_000, succeeded: 1_000 });
  expect(left?.state).toBe('RUNNING');
  expect(await harness.entries({ action: 'ARCHIVE' })).toHaveLength(1_000);
});
