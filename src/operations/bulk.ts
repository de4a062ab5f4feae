import mongoose, { type Connection, type mongo } from 'mongoose';
import type { Logger } from 'pino';

import type { AuditSink } from '../audit/types.js';
import { CollectionWatch } from '../feed/collection-watch.js';
import { createLifecycleContext, type LifecycleOptions } from '../lifecycle/lifecycle.js';
import { inTransaction } from '../lifecycle/transaction.js';
import { toExecution } from '../model/execution.js';
import { limitedRead, type ReadDeadline } from '../queries/deadline.js';
import type { MongoFilter } from '../queries/filter-to-mongo.js';
import { text } from '../queries/validate.js';
import { auditOf } from './audit.js';
import { OperationEndedError, OperationNotFoundError, TooManyMatchesError } from './errors.js';
import { conditionOf, readRequest, type RequestLimits } from './request.js';
import { BulkRunner } from './runner.js';
import { OperationStore, toOperation } from './store.js';
import { OperationTargets } from './targets.js';
import type { BulkOperations } from './types.js';

const { EJSON } = mongoose.mongo.BSON;

export interface BulkOptions extends Omit<LifecycleOptions, 'audit'> {
  readonly audit: AuditSink;
  readonly connection: Connection;
  readonly log: Logger;
  readonly limits: RequestLimits;
  /** Whether an error says that the database is away for now. */
  readonly isTransient: (error: unknown) => boolean;
  /** How long an operation whose replica has died is left alone, in ms. Default 15,000. */
  readonly leaseMs?: number | undefined;
  /** How often operations are looked for that were left, in ms. Default a third of `leaseMs`. */
  readonly pollMs?: number | undefined;
}

const DEFAULT_LEASE_MS = 15_000;
const SAMPLE = 20;
/** Listing the executions of an operation may take this long in the database, in ms. */
const LIST_LIMIT_MS = 60_000;
const COUNT_LIMIT_MS = 10_000;

/** Each once, in an order that is the same every time. */
function inOrder(ids: readonly unknown[]): unknown[] {
  const byText = new Map(ids.map((id) => [id instanceof mongoose.Types.ObjectId ? id.toHexString() : EJSON.stringify(id, { relaxed: false }), id]));
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, id]) => id);
}

/** Bulk operations over the model's connection. This replica works on them from `run()` on. */
export function createBulkOperations(options: BulkOptions): BulkOperations & { run(): void } {
  const { connection, audit, limits, log, isTransient, leaseMs = DEFAULT_LEASE_MS } = options;
  const context = createLifecycleContext(options);
  const store = new OperationStore(connection, leaseMs);
  const targets = new OperationTargets(connection);
  const runner = new BulkRunner({ connection, context, store, targets, audit, log, isTransient, pollMs: options.pollMs ?? leaseMs / 3 });
  const watch = new CollectionWatch({ collection: () => store.documents as unknown as mongo.Collection, log });

  /** One more than the limit where there are more. */
  const list = async (condition: MongoFilter, limit: number, firstOnly: boolean): Promise<unknown[]> => {
    const found = await context.documents
      .find(condition, {
        projection: { _id: 1 },
        maxTimeMS: LIST_LIMIT_MS,
        readPreference: 'primary',
        // The order in which they came matters only where not all are meant.
        ...(firstOnly ? { sort: { _id: 1 }, limit } : { limit: limit + 1 }),
      })
      .toArray();
    return inOrder(found.map(({ _id }) => _id));
  };

  const reads = (deadline: ReadDeadline | null): Pick<BulkOperations, 'preview' | 'byId' | 'recent'> => ({
    async preview(request, requester) {
      const valid = readRequest(request, limits, context.clock(), false);
      const condition = conditionOf(valid, requester.queues);
      const [matched, sample] = await Promise.all([
        limitedRead(deadline, COUNT_LIMIT_MS, (limit) => context.documents.countDocuments(condition, limit)),
        limitedRead(deadline, COUNT_LIMIT_MS, (limit) => context.documents.find(condition, { sort: { _id: 1 }, limit: SAMPLE, ...limit }).toArray()),
      ]);
      const obstacle = valid.limit === null && matched > limits.defaultLimit ? new TooManyMatchesError(limits.defaultLimit) : null;
      return { action: valid.action, matched, sample: sample.map(toExecution), obstacle };
    },

    async byId(id, requester) {
      const found = await store.byId(text(id, ['id']), requester, deadline);
      return found && toOperation(found);
    },

    async recent(first, requester) {
      return (await store.recent(first, requester, deadline)).map(toOperation);
    },
  });

  const whole: BulkOperations & { run(): void } = {
    run: () => runner.start(),

    ...reads(null),
    until: (deadline) => ({ ...whole, ...reads(deadline) }),

    async start(request, requester) {
      const now = context.clock();
      const valid = readRequest(request, limits, now, true);
      const most = valid.limit ?? limits.defaultLimit;
      const ids = await list(conditionOf(valid, requester.queues), most, valid.limit !== null);
      if (ids.length > most) throw new TooManyMatchesError(most);
      const document = store.newDocument(valid, requester, ids.length, now);
      await targets.write(document._id, ids, now);
      await inTransaction(connection, async (session) => {
        await store.insert(document, session);
        await audit.record([auditOf(document, requester.name, now)], session);
      });
      runner.wake();
      return toOperation(document);
    },

    async cancel(id, requester) {
      const found = await store.byId(text(id, ['id']), requester);
      if (found === null) throw new OperationNotFoundError(id);
      const at = context.clock();
      const cancelled = await inTransaction(connection, async (session) => {
        if (!(await store.end(id, 'CANCELLED', { at, cancelledBy: requester.name }, session))) return false;
        const document = await store.documents.findOne({ _id: id }, { session });
        if (document !== null) await audit.record([auditOf(document, requester.name, at)], session);
        return true;
      });
      const now = await store.byId(id);
      if (now === null) throw new OperationNotFoundError(id);
      if (!cancelled && now.state !== 'CANCELLED') throw new OperationEndedError(toOperation(now));
      if (cancelled) await targets.remove(id).catch((error: unknown) => log.debug({ err: error }, 'the list of an operation could not be removed; it expires'));
      return toOperation(now);
    },

    onChange: (listener) =>
      watch.listen((change) => {
        if (change === 'anything') listener(null);
        else if (typeof change.id === 'string') listener(change.id);
      }),

    async close() {
      await runner.close();
      await watch.close();
    },
  };
  return whole;
}
