/**
 * Our server as it is: feed, ring, subscribers, schema, limits and WebSocket. Only the change stream is replaced, by one
 * in memory that hands over changes as the database's driver reports them.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { pino } from 'pino';

import { nextMove, QUEUE } from '../lib/fan-out.mjs';
import { DIST } from '../lib/processes.mjs';
import { serveHarness } from '../lib/publisher.mjs';

const load = (file) => import(pathToFileURL(path.join(DIST, file)).href);
const { loadConfig } = await load('config.js');
const { createFeed } = await load('feed/feed.js');
const { createSurface } = await load('graphql/surface.js');
const { createServer } = await load('server/server.js');

let changes = 0;
const queued = [];
let waiting = null;
const tokenOf = (number) => number.toString(16).padStart(64, '0');

const live = {
  next: () => (queued.length > 0 ? Promise.resolve(queued.shift()) : new Promise((resolve) => (waiting = resolve))),
  get token() {
    return tokenOf(changes);
  },
  get lastAnswerAt() {
    return performance.now();
  },
  close: () => Promise.resolve(),
};
const source = {
  open: () => Promise.resolve(live),
  replay: () => ({ tryNext: () => Promise.resolve(null), close: () => Promise.resolve() }),
  lookup: () => Promise.resolve(null),
};

/** What a change stream with pre-images reports of a worker that completes an execution. */
function rawChange({ taskId, executionId, retryCount, at, sentAt }) {
  changes += 1;
  const enqueuedAt = new Date(at.getTime() - 900);
  return {
    _id: { _data: tokenOf(changes) },
    operationType: 'update',
    clusterTime: { t: Math.floor(at.getTime() / 1000), i: changes },
    wallTime: at,
    documentKey: { _id: changes },
    fullDocumentBeforeChange: {
      _id: changes,
      taskId,
      executionId,
      queueName: QUEUE,
      messageVersion: '1.0',
      status: 'processing',
      enqueuedAt,
      processingStartedAt: enqueuedAt,
      retryCount,
      maxRetries: 5,
      metadata: { sentAt: 0 },
      createdAt: enqueuedAt,
      updatedAt: enqueuedAt,
    },
    updateDescription: { updatedFields: { status: 'completed', completedAt: at, updatedAt: at, 'metadata.sentAt': sentAt }, removedFields: [], truncatedArrays: [] },
  };
}

function publish() {
  const change = rawChange(nextMove());
  if (waiting === null) {
    queued.push(change);
    return;
  }
  const resolve = waiting;
  waiting = null;
  resolve(change);
}

const log = pino({ level: 'warn' }, pino.destination(2));
// All subscribers of a bench come from one address, and many at once.
const config = { ...loadConfig({}), maxConnectionsPerAddress: 0, connectionInitTimeoutMs: 60_000 };
const feed = createFeed({ source, namespace: 'bench.task_trackers', log, ringEvents: config.feedRingSize, subscriberQueue: config.subscriberQueue });
await feed.start();
const surface = await createSurface({ feed, log }, config);
const server = await createServer({
  ...config,
  surface,
  health: { ping: () => Promise.resolve(), feedStatus: () => feed.status(), deduplication: { mode: 'index', reason: null } },
  log,
});
const url = await server.listen({ host: '127.0.0.1', port: 0 });
serveHarness(Number(new URL(url).port), publish);
