/**
 * How fast the figures in memory are filled by a scan, beside the driver's own scan of the same fields, in turns in one
 * process; and what a restart from a checkpoint costs, beside one over an empty database.
 *   node bench/bootstrap.mjs [--documents 100000] [--rounds 3]
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { pino } from 'pino';

import { median, nowMs, round } from './lib/measure.mjs';
import { DIST, startApi, stop } from './lib/processes.mjs';
import { atLeast, atMost, report } from './lib/report.mjs';
import { argument, openBenchDatabase, sampleDocument } from './lib/setup.mjs';

const settings = { documents: argument('documents', 100_000), rounds: argument('rounds', 3) };
const BATCH = 1_000;

const load = (file) => import(pathToFileURL(path.join(DIST, file)).href);
const { connectDatabase } = await load('database/connect.js');
const { createTaskTrackerModel } = await load('model/task-tracker.js');
const { createAppFeed } = await load('app/app-feed.js');
const { createStatistics } = await load('stats/statistics.js');
const { COUNTED_FIELDS } = await load('stats/counted.js');

const log = pino({ level: 'warn' }, pino.destination(2));
const database = await openBenchDatabase();
const { collection } = database;
console.log(`loading ${settings.documents} executions into ${database.description}`);
for (let at = 0; at < settings.documents; at += BATCH) {
  const count = Math.min(BATCH, settings.documents - at);
  await collection.insertMany(Array.from({ length: count }, (_, index) => sampleDocument(at + index)));
}
const connection = await connectDatabase(database.uri, { log });
const model = createTaskTrackerModel(connection);
const discardCheckpoint = () => connection.collection('task_tracker_checkpoints').drop().catch(() => undefined);

async function rawScan() {
  const startedAt = nowMs();
  let documents = 0;
  await model.collection.find({}, { projection: COUNTED_FIELDS }).forEach(() => {
    documents += 1;
  });
  if (documents !== settings.documents) throw new Error(`the scan found ${documents} documents`);
  return nowMs() - startedAt;
}

/** From nothing to figures that hold everything and are known to be up to date. */
async function fill() {
  await discardCheckpoint();
  const { feed, preImages } = createAppFeed(connection, { feedRingSize: 10_000, subscriberQueue: 1_000, bookmarkIntervalMs: 10_000 }, log);
  await feed.start();
  const statistics = createStatistics({ model, feed, log, stream: { preImages } });
  const startedAt = nowMs();
  statistics.start();
  for await (const { state } of statistics.watchStatus()) if (state === 'READY') break;
  const ms = nowMs() - startedAt;
  await statistics.close(10_000);
  await feed.close();
  return ms;
}

/** From the start of `serve` until it answers from memory, and how it got there. */
async function restart(uri) {
  const startedAt = nowMs();
  const { child, url } = await startApi(uri);
  const health = new URL('/health/ready', url);
  const upMs = nowMs() - startedAt;
  while ((await (await fetch(health)).json()).statistics.state !== 'READY') await new Promise((resolve) => setTimeout(resolve, 20));
  const readyMs = nowMs() - startedAt;
  await stop(child);
  return { upMs, readyMs };
}

const emptyUri = String(Object.assign(new URL(database.uri), { pathname: '/tasktracker_bench_empty' }));
const rounds = [];
for (let index = 0; index < settings.rounds; index += 1) {
  const result = {};
  for (const kind of index % 2 === 0 ? ['raw', 'fill'] : ['fill', 'raw']) result[kind] = await (kind === 'raw' ? rawScan() : fill());
  result.withCheckpoint = await restart(database.uri);
  result.empty = await restart(emptyUri);
  rounds.push(result);
  const rate = (ms) => Math.round((settings.documents * 1_000) / ms);
  console.log(`round ${index + 1}: raw ${rate(result.raw)}/s, figures ${rate(result.fill)}/s; ready after ${round(result.withCheckpoint.readyMs, 0)} ms, empty ${round(result.empty.readyMs, 0)} ms`);
}

const perSecond = (kind) => Math.round(median(rounds.map((each) => (settings.documents * 1_000) / each[kind])));
const ratio = round(median(rounds.map(({ raw, fill: filled }) => raw / filled)));
const readyMs = (kind) => round(median(rounds.map((each) => each[kind].readyMs)), 0);
const more = round(median(rounds.map(({ withCheckpoint, empty }) => withCheckpoint.readyMs - empty.readyMs)), 0);
const rows = [
  { what: "the driver's scan of the same fields", 'documents/s': perSecond('raw') },
  { what: 'figures in memory, up to date', 'documents/s': perSecond('fill'), ratio },
  { what: 'serve with a checkpoint, ready', ms: readyMs('withCheckpoint') },
  { what: 'serve over an empty database, ready', ms: readyMs('empty') },
];
const targets = [atLeast('figures beside the raw scan', ratio, 0.7), atMost('ms that a restart takes longer than without data', more, 2_000)];
report('bootstrap', { database: database.description, settings, rows, rounds, targets });
await connection.useDb('tasktracker_bench_empty').dropDatabase();
await connection.close();
await database.close();
process.exit(0);
