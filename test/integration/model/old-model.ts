import { createRequire } from 'node:module';

import type mongoose from 'mongoose';

import type { TaskTrackerModel } from '../../../src/model/task-tracker.js';

const require = createRequire(import.meta.url);
const requireOfOldWorker = createRequire(require.resolve('../../../demo/old-worker/model/task_tracker.js'));

/** mongoose 8, as the old-style worker has it. Its types are near enough to those of ours. */
export const oldMongoose = requireOfOldWorker('mongoose') as typeof mongoose;

const { createTaskTracker } = requireOfOldWorker('./task_tracker.js') as {
  createTaskTracker(connection: mongoose.Connection): TaskTrackerModel;
};

export interface OldWorker {
  readonly model: TaskTrackerModel;
  /** Resolves when the worker's model has built what indexes it lacked; rejects where it could not. */
  readonly started: Promise<unknown>;
  close(): Promise<void>;
}

/** The original model on a connection of its own, with mongoose's defaults: it builds its indexes by itself. */
export function startOldWorker(uri: string): OldWorker {
  const connection = oldMongoose.createConnection(uri);
  const model = createTaskTracker(connection);
  return { model, started: model.init(), close: () => connection.close() };
}
