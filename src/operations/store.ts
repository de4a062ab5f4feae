import { randomUUID } from 'node:crypto';

import type { Connection, mongo } from 'mongoose';

import { QueueScope } from '../access/queue-scope.js';
import type { Role } from '../access/role.js';
import { limitedRead, type ReadDeadline } from '../queries/deadline.js';
import type { TaskFilter } from '../queries/types.js';
import { abandon, EXPIRED, FREE, type Held, heldBy, type Lease, releasing, renewing, taking } from './lease.js';
import type { ValidRequest } from './request.js';
import type { BulkAction, BulkFailure, BulkOperation, BulkState, Requester } from './types.js';

export const OPERATIONS_COLLECTION = 'task_tracker_operations';

export const OPERATIONS_INDEXES = [
  { key: { kind: 1, state: 1, startedAt: 1 }, options: { name: 'kind_state_startedAt' } },
  { key: { kind: 1, startedAt: -1 }, options: { name: 'kind_startedAt' } },
  { key: { expireAt: 1 }, options: { name: 'expireAt', expireAfterSeconds: 0 } },
] as const;

/** How long an operation that has ended can be looked at. */
const KEPT_MS = 30 * 24 * 60 * 60_000;
const MAX_FAILURES = 20;
const READ_LIMIT_MS = 10_000;

/** An operation as it is stored. */
export interface OperationDocument {
  readonly _id: string;
  readonly kind: 'bulk';
  readonly action: BulkAction;
  readonly filter: TaskFilter;
  readonly reason: string | null;
  readonly limit: number | null;
  readonly timeoutMs: number | null;
  readonly startedBefore: Date | null;
  readonly requestedBy: string;
  readonly role: Role;
  /** Patterns of queue names; null: all queues. */
  readonly queues: readonly string[] | null;
  readonly state: BulkState;
  readonly matched: number;
  readonly processed: number;
  readonly succeeded: number;
  readonly skipped: number;
  readonly failed: number;
  readonly failures: readonly BulkFailure[];
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly cancelledBy: string | null;
  readonly error: string | null;
  readonly lease: Lease;
  readonly expireAt: Date | null;
}

/** An operation whose lease was taken. */
export interface Taken {
  readonly operation: OperationDocument;
  readonly held: Held;
  /** For all its transactions; who took it ends it. */
  readonly session: mongo.ClientSession;
}

/** What a chunk has come to. */
export interface ChunkCounts {
  readonly succeeded: number;
  readonly skipped: number;
  readonly failures: readonly BulkFailure[];
}

export function scopeOf({ queues }: Pick<OperationDocument, 'queues'>): QueueScope | null {
  return queues === null ? null : new QueueScope(queues);
}

/** As callers see it. */
export function toOperation(document: OperationDocument): BulkOperation {
  const { _id, action, state, matched, processed, succeeded, skipped, failed, filter, reason, limit, requestedBy, startedAt, finishedAt, cancelledBy, error, failures } = document;
  return { id: _id, action, state, matched, processed, succeeded, skipped, failed, filter, reason, limit, requestedBy, startedAt, finishedAt, cancelledBy, error, failures };
}

/** Operations that somebody may know of: their own, or all where they have no scope. */
function visibleTo({ name, queues }: Requester): mongo.Document {
  return queues === null ? {} : { requestedBy: name };
}

/** The documents of bulk operations. Each write that follows from work being done has the term of the lease as a condition. */
export class OperationStore {
  readonly #connection: Connection;
  readonly #leaseMs: number;

  constructor(connection: Connection, leaseMs: number) {
    this.#connection = connection;
    this.#leaseMs = leaseMs;
  }

  get documents(): mongo.Collection<OperationDocument> {
    if (this.#connection.db === undefined) throw new Error('the connection is not open');
    return this.#connection.db.collection(OPERATIONS_COLLECTION) as unknown as mongo.Collection<OperationDocument>;
  }

  newDocument(request: ValidRequest, { name, role, queues }: Requester, matched: number, startedAt: Date): OperationDocument {
    const none = { processed: 0, succeeded: 0, skipped: 0, failed: 0, failures: [], finishedAt: null, cancelledBy: null, error: null, expireAt: null };
    return {
      _id: randomUUID(),
      kind: 'bulk',
      ...request,
      requestedBy: name,
      role,
      queues: queues === null ? null : [...queues.patterns],
      state: 'RUNNING',
      matched,
      ...none,
      startedAt,
      lease: FREE,
    };
  }

  async insert(document: OperationDocument, session: mongo.ClientSession): Promise<void> {
    await this.documents.insertOne(document as mongo.OptionalUnlessRequiredId<OperationDocument>, { session });
  }

  byId(id: string, requester?: Requester, deadline: ReadDeadline | null = null): Promise<OperationDocument | null> {
    const visible = requester === undefined ? {} : visibleTo(requester);
    return limitedRead(deadline, READ_LIMIT_MS, (limit) => this.documents.findOne({ _id: { $eq: id }, kind: 'bulk', ...visible }, { ...limit, readPreference: 'primary' })) as Promise<OperationDocument | null>;
  }

  recent(first: number, requester: Requester, deadline: ReadDeadline | null): Promise<OperationDocument[]> {
    const found = { kind: 'bulk', ...visibleTo(requester) } as const;
    return limitedRead(deadline, READ_LIMIT_MS, (limit) => this.documents.find(found, { sort: { startedAt: -1 }, limit: first, ...limit }).toArray()) as Promise<OperationDocument[]>;
  }

  /** Takes an operation that is to be gone on with and that nobody works on, the oldest first. Null where there is none. */
  async take(owner: string, except: readonly string[]): Promise<Taken | null> {
    const free = { kind: 'bulk', state: 'RUNNING', _id: { $nin: [...except] }, ...EXPIRED } as mongo.Filter<OperationDocument>;
    const candidates = await this.documents.find(free, { sort: { startedAt: 1 }, limit: 10, readPreference: 'primary' }).toArray();
    if (candidates.length === 0) return null;
    const session = (await this.#connection.startSession()) as unknown as mongo.ClientSession;
    const taken = await this.#takeOne(owner, candidates as OperationDocument[], session).catch(async (error: unknown) => {
      await session.endSession();
      throw error;
    });
    if (taken === null) await session.endSession();
    return taken;
  }

  async #takeOne(owner: string, candidates: readonly OperationDocument[], session: mongo.ClientSession): Promise<Taken | null> {
    for (const { _id, lease } of candidates) {
      await abandon(this.#connection, lease);
      const one = { _id, state: 'RUNNING', 'lease.term': lease.term, ...EXPIRED } as mongo.Filter<OperationDocument>;
      const { modifiedCount } = await this.documents.updateOne(one, [{ $set: taking(owner, this.#leaseMs, session) }]);
      if (modifiedCount === 0) continue;
      const operation = await this.byId(_id);
      const held = { owner, term: lease.term + 1 };
      if (operation?.lease.owner === owner && operation.lease.term === held.term) return { operation, held, session };
    }
    return null;
  }

  /** Counts a chunk, where the operation still runs, in this term, and stands where the chunk began. */
  async advance({ _id, processed }: Pick<OperationDocument, '_id' | 'processed'>, held: Held, { succeeded, skipped, failures }: ChunkCounts, session: mongo.ClientSession): Promise<boolean> {
    const plus = (field: string, by: number): mongo.Document => ({ [field]: { $add: [`$${field}`, by] } });
    const set = {
      ...plus('processed', succeeded + skipped + failures.length),
      ...plus('succeeded', succeeded),
      ...plus('skipped', skipped),
      ...plus('failed', failures.length),
      ...(failures.length > 0 && { failures: { $slice: [{ $concatArrays: ['$failures', { $literal: failures }] }, MAX_FAILURES] } }),
      ...renewing(this.#leaseMs),
    };
    const running = { _id, processed, state: 'RUNNING', ...heldBy(held) } as mongo.Filter<OperationDocument>;
    const { matchedCount } = await this.documents.updateOne(running, [{ $set: set }], { session });
    return matchedCount === 1;
  }

  /** Ends an operation that runs, in this term of its lease or, where none is given, whoever works on it. */
  async end(id: string, state: Exclude<BulkState, 'RUNNING'>, how: { readonly at: Date; readonly held?: Held; readonly error?: string; readonly cancelledBy?: string }, session: mongo.ClientSession): Promise<boolean> {
    const { at, held, error = null, cancelledBy = null } = how;
    const running = { _id: id, kind: 'bulk', state: 'RUNNING', ...(held && heldBy(held)) } as mongo.Filter<OperationDocument>;
    const set = { state, finishedAt: at, expireAt: new Date(at.getTime() + KEPT_MS), error, cancelledBy, 'lease.owner': null, 'lease.session': null };
    const { matchedCount } = await this.documents.updateOne(running, { $set: set } as mongo.UpdateFilter<OperationDocument>, { session });
    return matchedCount === 1;
  }

  /** Lets another replica go on at once. */
  async release(id: string, held: Held): Promise<void> {
    await this.documents.updateOne({ _id: id, ...heldBy(held) } as mongo.Filter<OperationDocument>, [{ $set: releasing() }]);
  }
}
