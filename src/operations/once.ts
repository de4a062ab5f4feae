import type { mongo } from 'mongoose';

import { TRANSACTION } from '../lifecycle/transaction.js';

const COMMIT_TRIES = 3;

function hasLabel(error: unknown, label: string): boolean {
  const { hasErrorLabel } = error as { hasErrorLabel?: unknown };
  return typeof hasErrorLabel === 'function' && (error as mongo.MongoError).hasErrorLabel(label);
}

/** Whether the same transaction may succeed when it is made again, on a new snapshot: another writer was in the way. */
export function isConflict(error: unknown): boolean {
  return hasLabel(error, 'TransientTransactionError');
}

/**
 * Runs `work` in one transaction of the session, once: what to do after a conflict is the caller's to say, who may want to do less at a
 * time. Where it throws the commit may have come through all the same: look before anything is repeated.
 */
export async function inOneTransaction<T>(session: mongo.ClientSession, work: () => Promise<T>): Promise<T> {
  session.startTransaction(TRANSACTION);
  let result: T;
  try {
    result = await work();
  } catch (error) {
    await session.abortTransaction().catch(() => undefined);
    throw error;
  }
  await commit(session);
  return result;
}

async function commit(session: mongo.ClientSession): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await session.commitTransaction();
      return;
    } catch (error) {
      if (tries === COMMIT_TRIES || !hasLabel(error, 'UnknownTransactionCommitResult')) throw error;
    }
  }
}
