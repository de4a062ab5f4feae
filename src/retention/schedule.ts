import type { Connection, mongo } from 'mongoose';

import { abandon, FREE, hasPassed, type Held, heldBy, type Lease, releasing, renewing, taking } from '../operations/lease.js';
import { OPERATIONS_COLLECTION } from '../operations/store.js';
import { NO_COUNTS, type RetentionCounts, type RuleName } from './rules.js';

const ID = 'retention';

/** When retention last ran and when it is to run next, whoever runs it: one document for all replicas. */
export interface ScheduleDocument {
  readonly _id: string;
  readonly kind: 'retention';
  /** A run has begun and not ended. */
  readonly running: boolean;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  /** Of the run that is under way, or of the last one. */
  readonly counts: RetentionCounts;
  /** The database's time from which on the next run may begin. */
  readonly nextAt: Date;
  readonly lease: Lease;
}

const LEASE_EXPIRED = hasPassed('$lease.expiresAt');
const IS_DUE = hasPassed('$nextAt');

export class RetentionSchedule {
  readonly #connection: Connection;
  readonly #leaseMs: number;

  constructor(connection: Connection, leaseMs: number) {
    this.#connection = connection;
    this.#leaseMs = leaseMs;
  }

  /**
   * Takes the next run, or goes on with one whose replica has died; null where neither is to be done now. The first run of
   * all is due one interval after the first look, so that who has just installed it can say otherwise.
   * @param atOnce whether a run is wanted although none is due
   */
  async take(owner: string, intervalMs: number, now: Date, atOnce: boolean, session: mongo.ClientSession): Promise<{ readonly held: Held; readonly schedule: ScheduleDocument } | null> {
    const fresh = { kind: 'retention', running: false, startedAt: null, finishedAt: null, counts: NO_COUNTS, nextAt: new Date(now.getTime() + intervalMs), lease: FREE };
    await this.#documents.updateOne({ _id: ID }, { $setOnInsert: fresh } as unknown as mongo.UpdateFilter<ScheduleDocument>, { upsert: true });
    const found = await this.#find();
    if (found === null) return null;
    const due = atOnce ? LEASE_EXPIRED : { $and: [LEASE_EXPIRED, { $or: ['$running', IS_DUE] }] };
    const begins = { $cond: ['$running', '$startedAt', { $literal: now }] };
    const counts = { $cond: ['$running', '$counts', { $literal: NO_COUNTS }] };
    if (await this.#isExpired(found)) await abandon(this.#connection, found.lease);
    const set = { ...taking(owner, this.#leaseMs, session), running: true, startedAt: begins, counts, nextAt: { $add: ['$$NOW', intervalMs] } };
    const { modifiedCount } = await this.#documents.updateOne({ _id: ID, 'lease.term': found.lease.term, $expr: due } as mongo.Filter<ScheduleDocument>, [{ $set: set }]);
    if (modifiedCount === 0) return null;
    const held = { owner, term: found.lease.term + 1 };
    const schedule = await this.#find();
    return schedule !== null && schedule.lease.owner === owner && schedule.lease.term === held.term ? { held, schedule } : null;
  }

  /** Counts what was done; false where the run is no longer this replica's. */
  async advance(held: Held, rule: RuleName, count: number, session: mongo.ClientSession): Promise<boolean> {
    const set = { [`counts.${rule}`]: { $add: [`$counts.${rule}`, count] }, ...renewing(this.#leaseMs) };
    const { matchedCount } = await this.#documents.updateOne(this.#mine(held), [{ $set: set }], { session });
    return matchedCount === 1;
  }

  /** Ends the run, and tells what it came to; null where it is no longer this replica's. */
  async end(held: Held, now: Date, session: mongo.ClientSession): Promise<ScheduleDocument | null> {
    const set = { ...releasing(), running: false, finishedAt: { $literal: now } };
    const { matchedCount } = await this.#documents.updateOne(this.#mine(held), [{ $set: set }], { session });
    return matchedCount === 1 ? ((await this.#documents.findOne({ _id: ID }, { session })) as ScheduleDocument | null) : null;
  }

  async release(held: Held): Promise<void> {
    await this.#documents.updateOne(this.#mine(held), [{ $set: releasing() }]);
  }

  async #isExpired({ lease }: ScheduleDocument): Promise<boolean> {
    const expired = { _id: ID, 'lease.term': lease.term, $expr: LEASE_EXPIRED } as mongo.Filter<ScheduleDocument>;
    return (await this.#documents.countDocuments(expired, { readPreference: 'primary' })) === 1;
  }

  async #find(): Promise<ScheduleDocument | null> {
    return (await this.#documents.findOne({ _id: ID }, { readPreference: 'primary' })) as ScheduleDocument | null;
  }

  #mine(held: Held): mongo.Filter<ScheduleDocument> {
    return { _id: ID, ...heldBy(held) } as mongo.Filter<ScheduleDocument>;
  }

  get #documents(): mongo.Collection<ScheduleDocument> {
    if (this.#connection.db === undefined) throw new Error('the connection is not open');
    return this.#connection.db.collection(OPERATIONS_COLLECTION) as unknown as mongo.Collection<ScheduleDocument>;
  }
}
