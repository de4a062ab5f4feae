import { describe, expect, it } from 'vitest';

import type { TaskTrackerModel } from '../../../src/model/task-tracker.js';
import { QueryTimeoutError } from '../../../src/queries/errors.js';
import { createTaskQueries } from '../../../src/queries/task-queries.js';

/** A connection whose every read fails like this: a database cannot be made to run out of time at will. */
function failingModel(error: Error): TaskTrackerModel {
  const toArray = () => Promise.reject(error);
  const collection = { find: () => ({ toArray, next: toArray, close: () => Promise.resolve() }), countDocuments: toArray };
  return { db: { db: { collection: () => collection } }, collection: { collectionName: 'task_trackers' } } as unknown as TaskTrackerModel;
}

describe('A read that the database gave up', () => {
  const expired = Object.assign(new Error('operation exceeded time limit'), { code: 50 });

  it('ends with an error that says how long it had and what to do', async () => {
    const queries = createTaskQueries({ model: failingModel(expired), maxTimeMs: 25 });
    for (const read of [queries.page({}), queries.count(null), queries.retryChains(['t']), queries.byExecutionId('e')]) {
      await expect(read).rejects.toThrow(QueryTimeoutError);
      await expect(read).rejects.toMatchObject({ code: 'QUERY_TIMEOUT', limit: 25, cause: expired, message: expect.stringContaining('narrower filter') as string });
    }
  });

  it('is told apart from any other failure, which is passed on as it is', async () => {
    const failure = new Error('connection closed');
    await expect(createTaskQueries({ model: failingModel(failure) }).page({})).rejects.toBe(failure);
  });
});
