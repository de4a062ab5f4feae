import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { ANONYMOUS } from '../../../src/access/caller.js';
import { createLifecycleContext } from '../../../src/lifecycle/lifecycle.js';
import { ACTIONS } from '../../../src/operations/actions.js';
import { dealWith, OperationLostError } from '../../../src/operations/chunk.js';
import { OperationStore } from '../../../src/operations/store.js';
import { OperationTargets } from '../../../src/operations/targets.js';
import type { BulkAction } from '../../../src/operations/types.js';
import { silentLogger } from '../../support/database.js';
import { bulkHarness, type BulkHarness } from './harness.js';

let harness: BulkHarness;

beforeAll(async () => {
  harness = await bulkHarness();
  await harness.bulk.close();
});
afterAll(async () => {
  await harness[Symbol.asyncDispose]();
});

type Status = 'queued' | 'processing' | 'completed' | 'failed' | 'dlq' | 'archived';

/** An execution in the naive model. */
interface Row {
  status: Status;
  queueName: string;
  retryCount: number;
  readonly taskId: string;
  readonly order: number;
}

interface Counts {
  succeeded: number;
  skipped: number;
  failed: number;
}

const STATUSES: readonly Status[] = ['queued', 'processing', 'completed', 'failed', 'dlq', 'archived'];
const MAX_RETRIES = 2;
const START = Date.UTC(2026, 0, 1);

/** What the documents and an operation over them come to, one execution after the other, in the plainest words. */
class Model {
  readonly rows = new Map<string, Row>();
  made = 0;

  act(action: BulkAction, queue: string | null, executionId: string, counts: Counts): void {
    const row = this.rows.get(executionId);
    const fits = row !== undefined && (queue === null || row.queueName === queue) && (ACTIONS[action].from as readonly string[]).includes(row.status);
    if (!fits) counts.skipped += 1;
    else if (action === 'RETRY') this.retry(row, counts);
    else {
      if (action === 'ARCHIVE') row.status = 'archived';
      else if (action === 'MOVE_TO_DLQ') row.status = 'dlq';
      else this.remove(executionId, row);
      counts.succeeded += 1;
    }
  }

  retry(row: Row, counts: Counts): void {
    const chain = [...this.rows.values()].filter(({ taskId }) => taskId === row.taskId);
    const isActive = chain.some(({ status }) => status === 'queued' || status === 'processing');
    const isSuperseded = row.status === 'failed' && chain.some(({ order }) => order > row.order);
    if (isActive || isSuperseded) counts.skipped += 1;
    else if (row.status === 'failed' && row.retryCount >= MAX_RETRIES) counts.failed += 1;
    else {
      const retryCount = row.status === 'dlq' ? 0 : row.retryCount + 1;
      if (row.status === 'dlq') row.status = 'archived';
      this.made += 1;
      this.rows.set(`made ${this.made}`, { status: 'queued', queueName: row.queueName, retryCount, taskId: row.taskId, order: 1_000 + this.made });
      counts.succeeded += 1;
    }
  }

  remove(executionId: string, { taskId, queueName, order }: Row): void {
    this.rows.delete(executionId);
    for (const [id, row] of [...this.rows]) {
      if (row.taskId === taskId && row.queueName === queueName && row.status === 'failed' && row.order < order) this.rows.delete(id);
    }
  }

  summary(): string[] {
    return [...this.rows.values()].map(({ status, queueName, taskId, retryCount }) => `${taskId} ${queueName} ${status} ${retryCount}`).sort();
  }
}

/** What happens between two chunks. */
type Between =
  | { readonly kind: 'write'; readonly index: number; readonly status: Status }
  | { readonly kind: 'move queue'; readonly index: number; readonly queueName: string }
  | { readonly kind: 'delete'; readonly index: number }
  | { readonly kind: 'insert'; readonly status: Status }
  | { readonly kind: 'take over' };

const status = fc.constantFrom(...STATUSES);
const queueName = fc.constantFrom('a', 'b');
const between: fc.Arbitrary<Between> = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), index: fc.nat(29), status: fc.constantFrom('completed' as const, 'failed' as const, 'dlq' as const, 'archived' as const) }),
  fc.record({ kind: fc.constant('move queue' as const), index: fc.nat(29), queueName }),
  fc.record({ kind: fc.constant('delete' as const), index: fc.nat(29) }),
  fc.record({ kind: fc.constant('insert' as const), status: fc.constantFrom('completed' as const, 'failed' as const, 'dlq' as const, 'archived' as const) }),
  fc.record({ kind: fc.constant('take over' as const) }),
);

const scenario = fc.record({
  action: fc.constantFrom<BulkAction>('RETRY', 'ARCHIVE', 'MOVE_TO_DLQ', 'DELETE_ARCHIVED'),
  queue: fc.option(queueName, { nil: null }),
  // Of few tasks, so that attempts of one meet; at most one active each, as the index keeps it.
  rows: fc.array(fc.record({ task: fc.nat(9), status, queueName, retryCount: fc.nat(3) }), { maxLength: 30 }),
  steps: fc.array(fc.record({ size: fc.integer({ min: 1, max: 8 }), between: fc.array(between, { maxLength: 3 }) }), { minLength: 1, maxLength: 40 }),
});

it('comes to what a naive model comes to, whatever others write and however often it is taken over', { timeout: 240_000 }, async () => {
  const { connection } = harness.lifecycle.database;
  const { collection } = harness.lifecycle.model;
  let made = 0;
  const context = createLifecycleContext({
    model: harness.lifecycle.model,
    deduplication: () => 'index',
    audit: harness.audit,
    log: silentLogger(),
    clock: () => new Date(START + 100_000 + made),
    newId: () => `made ${(made += 1)}`,
  });
  const store = new OperationStore(connection, 0);
  const parts = { context, store };
  const targets = new OperationTargets(connection);
  const bulk = harness.replica();

  await fc.assert(
    fc.asyncProperty(scenario, async ({ action, queue, rows, steps }) => {
      await collection.deleteMany({});
      made = 0;
      const model = new Model();
      const names: string[] = [];
      const active = new Set<number>();
      const put = async (id: string, row: Row): Promise<void> => {
        names.push(id);
        model.rows.set(id, row);
        const createdAt = new Date(START + row.order);
        const document = { executionId: id, maxRetries: MAX_RETRIES, enqueuedAt: createdAt, createdAt, updatedAt: createdAt, messageVersion: '1.0' };
        const { order: _order, ...stored } = row;
        await collection.insertOne({ ...document, ...stored });
      };
      for (const [index, { task, ...row }] of rows.entries()) {
        const isActive = row.status === 'queued' || row.status === 'processing';
        if (isActive && active.has(task)) continue;
        if (isActive) active.add(task);
        await put(`row ${index}`, { ...row, taskId: `task ${task}`, order: index });
      }

      const started = await bulk.start({ action, filter: queue === null ? {} : { queueName: [queue] }, reason: 'r', limit: 100 }, ANONYMOUS);
      const expectedMatches = [...model.rows.values()].filter((row) => (queue === null || row.queueName === queue) && (ACTIONS[action].from as readonly string[]).includes(row.status)).length;
      expect(started.matched).toBe(expectedMatches);
      const counts: Counts = { succeeded: 0, skipped: 0, failed: 0 };
      let taken = await store.take('replica', []);
      if (taken?.operation._id !== started.id) throw new Error('another operation was taken');

      const others = async (event: Between): Promise<void> => {
        const id = 'index' in event ? names[event.index % Math.max(1, names.length)] : undefined;
        const row = id === undefined ? undefined : model.rows.get(id);
        if (event.kind === 'insert') await put(`late ${names.length}`, { status: event.status, queueName: 'a', retryCount: 0, taskId: `late ${names.length}`, order: 500 });
        else if (event.kind === 'take over') {
          const before = taken;
          taken = await store.take('another', []);
          if (before === null || taken === null) throw new Error('not taken over');
          // Its last chunk comes too late: refused, and nothing of it is written.
          const late = (await targets.from(started.id, before.operation.processed, 3)) ?? [];
          await expect(dealWith({ ...parts, session: before.session }, before.operation, before.held, late)).rejects.toThrow(OperationLostError);
          await before.session.endSession();
          made = model.made;
        } else if (row === undefined || id === undefined) return;
        else if (event.kind === 'delete') {
          model.rows.delete(id);
          await collection.deleteOne({ executionId: id });
        } else {
          const change = event.kind === 'write' ? { status: event.status } : { queueName: event.queueName };
          Object.assign(row, change);
          await collection.updateOne({ executionId: id }, { $set: change });
        }
      };

      for (let step = 0; ; step += 1) {
        const { size, between: events } = steps[step % steps.length] as (typeof steps)[number];
        if (step < steps.length) for (const event of events) await others(event);
        const { operation, held, session } = taken as NonNullable<typeof taken>;
        if (operation.processed === operation.matched) break;
        const ids = (await targets.from(started.id, operation.processed, Math.min(size, operation.matched - operation.processed))) ?? [];
        const found = await collection.find({ _id: { $in: ids as never[] } }).toArray();
        const idNames = new Map(found.map(({ _id, executionId }) => [String(_id), String(executionId)]));
        for (const id of ids) model.act(action, queue, idNames.get(String(id)) ?? '', counts);
        await dealWith({ ...parts, session }, operation, held, ids);
        taken = { operation: (await store.byId(started.id)) as typeof operation, held, session };
      }

      const stored = await collection.find({}).toArray();
      expect(stored.map(({ taskId, queueName: name, status: now, retryCount }) => `${String(taskId)} ${String(name)} ${String(now)} ${String(retryCount)}`).sort()).toEqual(model.summary());
      expect(await bulk.byId(started.id, ANONYMOUS)).toMatchObject({ ...counts, processed: counts.succeeded + counts.skipped + counts.failed });
      // A deletion also writes down the attempts that go with it.
      const entries = await harness.entries({ operationId: started.id, action: { $ne: 'BULK' } });
      if (action !== 'DELETE_ARCHIVED') expect(entries).toHaveLength(counts.succeeded);
      await taken?.session.endSession();
      await bulk.cancel(started.id, ANONYMOUS);
    }),
    { numRuns: 100 },
  );
});
