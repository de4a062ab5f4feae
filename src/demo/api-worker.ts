/** A worker process that knows TaskTracker only by its URL: it finds, claims, works and settles through GraphQL. */
import { setTimeout as delay } from 'node:timers/promises';

import { GraphQLClient } from './graphql-client.js';
import { shuffled } from './files.js';
import { TaskApi, type WorkItem } from './task-api.js';
import { doWork, WorkError } from './work.js';
import type { ApiWorkerSettings, FromWorker, ToWorker } from './worker-messages.js';

const LOOK_AHEAD = 8;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 500;
/** How long a worker goes on whose orchestrator is gone. */
const ORPHAN_MS = 2_000;

const stopping = new AbortController();

process.on('SIGINT', () => undefined); // Ctrl-C reaches the whole group: the orchestrator stops its workers in its own order.
process.on('SIGHUP', () => undefined);
process.on('SIGTERM', () => stopping.abort());
process.on('disconnect', () => {
  stopping.abort();
  // Without an orchestrator there is no API either: what is in flight gets no answer.
  setTimeout(() => process.exit(), ORPHAN_MS).unref();
});
process.on('message', (message: ToWorker) => {
  if (message.kind === 'stop') stopping.abort();
  else void run(message.settings as ApiWorkerSettings);
});

async function run(settings: ApiWorkerSettings): Promise<void> {
  // A running request is not aborted: what was claimed is settled before the process ends.
  const api = new TaskApi(new GraphQLClient(settings.url));
  try {
    let pause = FIRST_PAUSE_MS;
    while (!stopping.signal.aborted) {
      const worked = await workOnBatch(api, settings);
      pause = worked ? FIRST_PAUSE_MS : Math.min(pause * 2, LONGEST_PAUSE_MS);
      if (!worked) await delay(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
    process.exitCode = 0;
  } catch (error) {
    if (!stopping.signal.aborted) {
      process.stderr.write(`worker ${process.pid}: ${String(error)}\n`);
      process.exitCode = 1;
    }
  }
  if (process.connected) process.disconnect();
}

/** Whether there was anything to work on. In random order, so that two workers rarely reach for the same execution. */
async function workOnBatch(api: TaskApi, settings: ApiWorkerSettings): Promise<boolean> {
  let worked = false;
  for (const item of shuffled(await api.queued(settings.queueNames, LOOK_AHEAD))) {
    if (stopping.signal.aborted) break;
    if (!(await api.start(item.executionId))) continue;
    worked = true;
    await settle(api, item, settings);
  }
  return worked;
}

async function settle(api: TaskApi, item: WorkItem, settings: ApiWorkerSettings): Promise<void> {
  const long = item.metadata['jobType'] === 'bundle';
  report({ kind: 'started', executionId: item.executionId, long });
  try {
    await doWork(item, settings);
  } catch (error) {
    if (!(error instanceof WorkError)) throw error;
    await api.fail(item.executionId, {
      errorMessage: error.message,
      errorCategory: error.category,
      errorStack: error.stack,
      recoverable: error.recoverable,
    });
    report({ kind: 'settled', executionId: item.executionId, long });
    return;
  }
  await api.complete(item.executionId);
  report({ kind: 'settled', executionId: item.executionId, long });
}

function report(message: FromWorker): void {
  if (process.connected) process.send?.(message);
}
