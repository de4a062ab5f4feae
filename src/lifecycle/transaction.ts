import type { Connection, mongo } from 'mongoose';

/** One snapshot, acknowledged by a majority: what was answered is not rolled back. */
export const TRANSACTION: mongo.TransactionOptions = {
  readConcern: { level: 'snapshot' },
  writeConcern: { w: 'majority' },
  readPreference: 'primary',
};

/** Runs `work` in one transaction; again, on a new snapshot, after a write conflict or a lost connection. */
export async function inTransaction<T>(connection: Connection, work: (session: mongo.ClientSession) => Promise<T>): Promise<T> {
  const session = (await connection.startSession()) as unknown as mongo.ClientSession;
  try {
    return await session.withTransaction(() => work(session), TRANSACTION);
  } finally {
    await session.endSession();
  }
}
