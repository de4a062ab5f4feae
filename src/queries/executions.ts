import type { mongo } from 'mongoose';

import type { QueueScope } from '../access/queue-scope.js';
import type { TaskTrackerModel } from '../model/task-tracker.js';
import type { StoredDocument } from '../model/execution.js';
import { limitedRead, type ReadDeadline, type ReadLimit } from './deadline.js';
import { conjunction, type MongoFilter } from './filter-to-mongo.js';
import { scopeCondition } from './scope.js';

/** How long a read may take in the database, in ms, unless the caller says otherwise. */
export const DEFAULT_MAX_TIME_MS = 10_000;

/** Figures of a thousand queues come with one answer of the database. */
const AGGREGATE_BATCH = 10_000;

export interface FindOptions {
  readonly sort?: Readonly<Record<string, 1 | -1>>;
  readonly limit?: number;
  /** How many documents come with each answer. Default: all of `limit`. */
  readonly batchSize?: number;
  readonly projection?: Readonly<Record<string, 1>>;
  /** One that `inOneCut` or `withSession` gave. */
  readonly session?: mongo.ClientSession;
  /** Only what a majority of the replica set has acknowledged, and from the primary. */
  readonly acknowledged?: boolean;
}

/** The server or the moment has no snapshot to read from: an option it does not take, one that is too old, or none. */
const NO_SNAPSHOT = new Set([72, 239, 246]);

/**
 * The collection as stored: the driver's, so that no schema casts what old tools have written, nor what is asked for.
 * Every read has the time limit, and ends with QueryTimeoutError when it is over. Within a scope, every read sees the
 * documents in it and no others.
 */
export class StoredExecutions {
  constructor(
    private readonly model: TaskTrackerModel,
    private readonly maxTimeMs: number,
    private readonly scope: MongoFilter | null = null,
    private readonly deadline: ReadDeadline | null = null,
  ) {}

  within(scope: QueueScope): StoredExecutions {
    return new StoredExecutions(this.model, this.maxTimeMs, this.seen(scopeCondition(scope)), this.deadline);
  }

  /** The same reads, for one operation: none goes on beyond its deadline. */
  until(deadline: ReadDeadline): StoredExecutions {
    return new StoredExecutions(this.model, this.maxTimeMs, this.scope, deadline);
  }

  /** Waits for a turn to read, no longer than a read may take. */
  async enter(gate: { enter(signal?: AbortSignal): Promise<void> }): Promise<void> {
    return this.limited(({ signal }) => gate.enter(signal));
  }

  private seen(filter: MongoFilter): MongoFilter {
    return this.scope === null ? filter : conjunction([filter, this.scope]);
  }

  async find(filter: MongoFilter, options: FindOptions & { readonly limit: number }): Promise<StoredDocument[]> {
    return this.limited((limit) => this.cursor(filter, options, limit).toArray());
  }

  async findOne(filter: MongoFilter, sort?: FindOptions['sort']): Promise<StoredDocument | null> {
    const [found] = await this.find(filter, { limit: 1, ...(sort && { sort }) });
    return found ?? null;
  }

  /** Each matching document, until `visit` returns false. */
  async each(filter: MongoFilter, options: FindOptions, visit: (document: StoredDocument) => boolean): Promise<void> {
    return this.limited(async (limit) => {
      const cursor = this.cursor(filter, options, limit);
      try {
        for (let document = await cursor.next(); document !== null; document = await cursor.next()) {
          if (!visit(document)) return;
        }
      } finally {
        await cursor.close();
      }
    });
  }

  async count(filter: MongoFilter): Promise<number> {
    return this.limited((limit) => this.collection().countDocuments(this.seen(filter), limit));
  }

  async aggregate(
    pipeline: readonly Readonly<Record<string, unknown>>[],
    { session, fromPrimary = false }: { readonly session?: mongo.ClientSession | undefined; readonly fromPrimary?: boolean } = {},
  ): Promise<StoredDocument[]> {
    const options: mongo.AggregateOptions = {
      batchSize: AGGREGATE_BATCH,
      ...(session && { session }),
      ...(fromPrimary && { readPreference: 'primary' }),
    };
    return this.limited((limit) => this.collection().aggregate([...(this.scope === null ? [] : [{ $match: this.scope }]), ...pipeline], { ...options, ...limit }).toArray());
  }

  /** Reads with the given session see the collection as of one instant, where the server can (readConcern snapshot). */
  async inOneCut<T>(read: (session: mongo.ClientSession | undefined) => Promise<T>): Promise<T> {
    const session = this.model.db.getClient().startSession({ snapshot: true }) as unknown as mongo.ClientSession;
    try {
      return await read(session);
    } catch (error) {
      if (!NO_SNAPSHOT.has(Number((error as { code?: unknown }).code))) throw error;
      return await read(undefined);
    } finally {
      await session.endSession();
    }
  }

  /** About how many documents there are; at no cost, but within a scope. */
  async estimatedCount(): Promise<number> {
    if (this.scope !== null) return this.count({});
    return this.limited(({ maxTimeMS }) => this.collection().estimatedDocumentCount({ maxTimeMS }));
  }

  /** A (causally consistent) session tells the database's time of the last answer, as `operationTime`. */
  async withSession<T>(read: (session: mongo.ClientSession) => Promise<T>): Promise<T> {
    const session = this.model.db.getClient().startSession() as unknown as mongo.ClientSession;
    try {
      return await read(session);
    } finally {
      await session.endSession();
    }
  }

  private cursor(filter: MongoFilter, options: FindOptions, readLimit: ReadLimit): mongo.FindCursor<mongo.Document> {
    const { sort, limit, batchSize = limit, projection, session, acknowledged } = options;
    return this.collection().find(this.seen(filter), {
      ...readLimit,
      ...(sort && { sort }),
      ...(limit !== undefined && { limit }),
      ...(batchSize !== undefined && { batchSize }),
      ...(projection && { projection: { ...projection } }),
      ...(session && { session }),
      ...(acknowledged && { readConcern: { level: 'majority' }, readPreference: 'primary' }),
    });
  }

  private collection(): mongo.Collection<mongo.Document> {
    const { db } = this.model.db;
    if (!db) throw new Error('The connection of the model is not open.');
    return db.collection(this.model.collection.collectionName);
  }

  private limited<T>(read: (limit: ReadLimit) => Promise<T>): Promise<T> {
    return limitedRead(this.deadline, this.maxTimeMs, read);
  }
}
