/**
 * From a write to a subscriber: an old-style updateOne by the driver, seen by one taskChanged subscriber over graphql-ws,
 * against the driver's own change stream seeing the same kind of write.
 *   node bench/change-latency.mjs [--documents 5000] [--rounds 3] [--rate 50] [--seconds 8]
 */
import { setTimeout as delay } from 'node:timers/promises';

import { median, nowMs, percentile, round } from './lib/measure.mjs';
import { ask, startApi, startScript, stop } from './lib/processes.mjs';
import { report } from './lib/report.mjs';
import { argument, openBenchDatabase, sampleDocument } from './lib/setup.mjs';

const settings = { documents: argument('documents', 5_000), rounds: argument('rounds', 3), rate: argument('rate', 50), seconds: argument('seconds', 8) };
const WRITTEN = 200;
const SUBSCRIBE_MS = 500;

const database = await openBenchDatabase();
const documents = Array.from({ length: settings.documents }, (_, index) => sampleDocument(index));
for (let at = 0; at < documents.length; at += 1_000) await database.collection.insertMany(documents.slice(at, at + 1_000));
const live = Array.from({ length: WRITTEN }, (_, index) => ({ ...sampleDocument(settings.documents + index), queueName: 'bench_live', status: 'archived' }));
await database.collection.insertMany(live);
const api = await startApi(database.uri);

const acknowledged = [];
let turn = 0;
/** The write of an old worker: fields of one document, by its _id. */
async function write() {
  const sentAt = nowMs();
  const { _id } = live[turn % WRITTEN];
  const status = Math.floor(turn / WRITTEN) % 2 === 0 ? 'failed' : 'archived';
  turn += 1;
  await database.collection.updateOne({ _id }, { $set: { status, failedAt: new Date(), updatedAt: new Date(), 'metadata.sentAt': sentAt } });
  acknowledged.push(nowMs() - sentAt);
}

async function measure(kind) {
  const observer = await startScript('subscriber.mjs', { kind, uri: database.uri, url: api.url });
  await delay(SUBSCRIBE_MS); // graphql-ws does not acknowledge a subscribe message.
  for (let index = 0; index < 20; index++) await write();
  await ask(observer.child, { expected: 20, timeoutMs: 5_000 });
  const expected = settings.rate * settings.seconds;
  const answer = ask(observer.child, { expected, timeoutMs: settings.seconds * 1000 + 10_000 });
  const start = nowMs();
  for (let index = 0; index < expected; index++) {
    const wait = start + (index * 1000) / settings.rate - nowMs();
    if (wait > 0) await delay(wait);
    await write();
  }
  const { latencies } = await answer;
  await stop(observer.child);
  if (latencies.length !== expected) throw new Error(`${kind}: ${latencies.length} of ${expected} changes arrived`);
  return { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99), max: Math.max(...latencies) };
}

const rounds = [];
for (let index = 0; index < settings.rounds; index++) {
  const order = index % 2 === 0 ? ['raw', 'api'] : ['api', 'raw'];
  const result = {};
  for (const kind of order) result[kind] = await measure(kind);
  rounds.push(result);
  console.log(`round ${index + 1}: raw p50 ${round(result.raw.p50)} ms, API p50 ${round(result.api.p50)} ms`);
}

const figures = (kind) => Object.fromEntries(['p50', 'p99', 'max'].map((figure) => [`${figure} ms`, round(median(rounds.map((each) => each[kind][figure])))]));
const ratio = (figure) => round(median(rounds.map((each) => each.api[figure] / each.raw[figure])));
const rows = [
  { observer: 'the writer itself (acknowledged)', 'p50 ms': round(percentile(acknowledged, 0.5)), 'p99 ms': round(percentile(acknowledged, 0.99)), 'max ms': round(Math.max(...acknowledged)) },
  { observer: "the driver's own change stream", ...figures('raw') },
  { observer: 'taskChanged over graphql-ws', ...figures('api'), 'p50 ratio': ratio('p50'), 'p99 ratio': ratio('p99') },
];
report('change-latency', { database: database.description, settings, rows, rounds });
await stop(api.child);
await database.close();
process.exit(0);
