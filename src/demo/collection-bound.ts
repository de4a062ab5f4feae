import type { Connection } from 'mongoose';

import { TaskStatus } from '../model/status.js';
import { COLLECTION_NAME } from '../model/task-tracker.js';

const SETTLED = [TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.DLQ, TaskStatus.ARCHIVED];
/** Deleting goes in small bites, so that readers and writers are not held up. */
const BITE = 200;

/** Deletes the oldest settled executions until at most `keep` documents are left; says how many it deleted. */
export async function keepBelow(connection: Connection, keep: number): Promise<number> {
  const collection = connection.collection(COLLECTION_NAME);
  let excess = (await collection.estimatedDocumentCount()) - keep;
  let deleted = 0;
  while (excess > 0) {
    const oldest = await collection
      .find({ status: { $in: SETTLED } }, { projection: { _id: 1 }, sort: { enqueuedAt: 1 }, limit: Math.min(excess, BITE) })
      .toArray();
    if (oldest.length === 0) break;
    const { deletedCount } = await collection.deleteMany({ _id: { $in: oldest.map(({ _id }) => _id) } });
    deleted += deletedCount;
    excess -= oldest.length;
  }
  return deleted;
}
