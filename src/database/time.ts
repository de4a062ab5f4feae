import type { Connection } from 'mongoose';

import { databaseOf } from './images.js';

/**
 * The database's time now (`operationTime`): whatever is committed already was so at or before it. Null where the server
 * does not say.
 */
export async function databaseTime(connection: Connection): Promise<{ t: number; i: number } | null> {
  const session = connection.getClient().startSession();
  try {
    await databaseOf(connection).command({ ping: 1 }, { session, readPreference: 'primary' });
    const time = session.operationTime;
    return time === undefined ? null : { t: time.t, i: time.i };
  } finally {
    await session.endSession();
  }
}
