import type { Connection, mongo } from 'mongoose';

/**
 * Who works on something, for now. Renewed with each piece of work; when it has expired anybody may take it, in one
 * conditional write. Times are the database's own (`$$NOW` of the primary), so the clocks of the replicas do not matter.
 *
 * A lease only keeps two from doing the same work in vain. That nothing is done twice rests on `term`: it grows each time
 * the lease is taken, and every write of the work has it as a condition, in the transaction that does the work.
 */
export interface Lease {
  readonly owner: string | null;
  readonly term: number;
  readonly expiresAt: Date;
  /** Of its transactions: what a process that was killed left open is in the way of everybody for up to a minute. */
  readonly session: mongo.Binary | null;
}

/** One term of a lease, as its holder knows it. */
export interface Held {
  readonly owner: string;
  readonly term: number;
}

/** Nobody's: anybody may take it. */
export const FREE: Lease = Object.freeze({ owner: null, term: 0, expiresAt: new Date(0), session: null });

/** An expression: the database's time has come to a stored instant. As numbers, because SecantusDB 0.7 takes any date for earlier than `$$NOW`. */
export function hasPassed(field: string): mongo.Document {
  return { $lte: [{ $toLong: field }, { $toLong: '$$NOW' }] };
}

/** Documents whose lease has expired. */
export const EXPIRED: mongo.Document = { $expr: hasPassed('$lease.expiresAt') };

/** Documents that are held in this term still. */
export function heldBy({ owner, term }: Held): mongo.Document {
  return { 'lease.owner': owner, 'lease.term': term };
}

/** For the `$set` of an update pipeline: takes what has EXPIRED, in the next term. */
export function taking(owner: string, leaseMs: number, session: mongo.ClientSession): mongo.Document {
  const id = session.id?.id ?? null;
  return { lease: { owner: { $literal: owner }, term: { $add: ['$lease.term', 1] }, expiresAt: { $add: ['$$NOW', leaseMs] }, session: { $literal: id } } };
}

/**
 * Ends the transaction that the last holder of an expired lease may have left open: its documents, the one with the lease
 * among them, could not be written until the database has given it up. A holder that lives loses its chunk, no more.
 */
export async function abandon(connection: Connection, { session }: Lease): Promise<void> {
  if (session === null) return;
  // Where it is not allowed, the database's own limit (a minute) does it.
  await connection.db?.command({ killSessions: [{ id: session }] }).catch(() => undefined);
}

/** For the `$set` of an update pipeline: holds it for as long again. */
export function renewing(leaseMs: number): mongo.Document {
  return { 'lease.expiresAt': { $add: ['$$NOW', leaseMs] } };
}

/** For the `$set` of an update pipeline: whoever wants it may have it at once. */
export function releasing(): mongo.Document {
  return { 'lease.owner': null, 'lease.expiresAt': { $literal: new Date(0) }, 'lease.session': null };
}
