import { randomBytes } from 'node:crypto';

import { inject } from 'vitest';

import { createTaskTracker, type TaskTrackerApp, type TaskTrackerOptions } from '../../src/app.js';
import { uriOf } from './database.js';

export interface RunningApp {
  readonly app: TaskTrackerApp;
  /** URL of /graphql. */
  readonly url: string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A whole application, on any free port and a database of its own that is dropped after. */
export async function runningApp(options: TaskTrackerOptions = {}): Promise<RunningApp> {
  const app = await createTaskTracker({
    mongodbUri: uriOf(`tt_${randomBytes(8).toString('hex')}`),
    cacheDir: inject('cacheDir'),
    port: 0,
    ...options,
  });
  const url = await app.start();
  return {
    app,
    url,
    async [Symbol.asyncDispose]() {
      await app.model.db.dropDatabase();
      await app.close();
    },
  };
}
