/**
 * From a write to its subscribers: an old-style updateOne by the driver, seen by one taskChanged subscriber over graphql-ws,
 * and by many, against one change stream of the driver's own that sees the same kind of write, and against one that
 * bare `ws` passes on to as many.
 *   node bench/change-latency.mjs [--documents 5000] [--rounds 3] [--rate 20] [--seconds 8] [--subscribers 500]
 */
import { setTimeout as delay } from 'node:timers/promises';

import { QUEUE } from './lib/fan-out.mjs';
import { median, nowMs, percentile, round } from './lib/measure.mjs';
import { ask, startApi, startScript, stop } from './lib/processes.mjs';
import { atMost, report } from './lib/report.mjs';
import { argument, openBenchDatabase, sampleDocument } from './lib/setup.mjs';

const settings = {
  documents: argument('documents', 5_000),
  rounds: argument('rounds', 3),
  rate: argument('rate', 20),
  seconds: argument('seconds', 8),
  subscribers: argument('subscribers', 500),
};
const WRITTEN = 200;

const database = await openBenchDatabase();
const documents = Array.from({ length: settings.documents }, (_, index) => sampleDocument(index));
for (let at = 0; at < documents.length; at += 1_000) await database.collection.insertMany(documents.slice(at, at + 1_000));
const live = Array.from({ length: WRITTEN }, (_, index) => ({ ...sampleDocument(settings.documents + index), queueName: QUEUE, status: 'archived' }));
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

const relay = await startScript('relay.mjs', { uri: database.uri });
const crowdOn = (port) => () => startScript('subscribers.mjs', { port, subscribers: settings.subscribers, perConnection: 1, filters: 'equal' });
const OBSERVERS = {
  raw: { count: 1, start: () => startScript('subscriber.mjs', { kind: 'raw', uri: database.uri }) },
  one: { count: 1, start: () => startScript('subscriber.mjs', { kind: 'api', url: api.url }) },
  relayed: { count: settings.subscribers, start: crowdOn(relay.ready.port) },
  many: { count: settings.subscribers, start: crowdOn(Number(new URL(api.url).port)) },
};

/** graphql-ws does not acknowledge a subscribe message: writes go on until one reaches everybody. */
async function settle(observer, count) {
  for (let tries = 0; tries < 100; tries++) {
    const seen = ask(observer, { expected: count, timeoutMs: 500 });
    await write();
    if ((await seen).deliveries === count) return;
  }
  throw new Error(`a change does not reach all ${count} subscribers`);
}

async function measure(kind) {
  const { count, start } = OBSERVERS[kind];
  const { child } = await start();
  await settle(child, count);
  const writes = settings.rate * settings.seconds;
  const warm = ask(child, { expected: 50 * count, timeoutMs: 20_000, timed: true });
  for (let index = 0; index < 50; index++) await write();
  await warm;
  const answer = ask(child, { expected: writes * count, timeoutMs: settings.seconds * 1000 + 10_000, timed: true });
  const startedAt = nowMs();
  for (let index = 0; index < writes; index++) {
    const wait = startedAt + (index * 1000) / settings.rate - nowMs();
    if (wait > 0) await delay(wait);
    await write();
  }
  const { deliveries, p50, p99 } = await answer;
  await stop(child);
  if (deliveries !== writes * count) throw new Error(`${kind}: ${deliveries} of ${writes * count} changes arrived`);
  return { p50, p99 };
}

const rounds = [];
for (let index = 0; index < settings.rounds; index++) {
  const kinds = Object.keys(OBSERVERS);
  const order = index % 2 === 0 ? kinds : kinds.toReversed();
  const result = {};
  for (const kind of order) result[kind] = await measure(kind);
  rounds.push(result);
  const shown = (kind) => `${round(result[kind].p50)} ms`;
  console.log(`round ${index + 1}, p50: raw stream ${shown('raw')}, one subscriber ${shown('one')}, ${settings.subscribers} subscribers ${shown('many')} (bare ws ${shown('relayed')})`);
}

const figures = (kind) => Object.fromEntries(['p50', 'p99'].map((figure) => [`${figure} ms`, round(median(rounds.map((each) => each[kind][figure])))]));
/** The median of the ratios of each round. */
const ratio = (kind, figure, base = 'raw') => round(median(rounds.map((each) => each[kind][figure] / each[base][figure])));
const ours = (kind) => ({ ...figures(kind), 'p50 to raw': ratio(kind, 'p50'), 'p99 to raw': ratio(kind, 'p99') });
const rows = [
  { observer: 'the writer itself (acknowledged)', 'p50 ms': round(percentile(acknowledged, 0.5)), 'p99 ms': round(percentile(acknowledged, 0.99)) },
  { observer: "the driver's own change stream", ...figures('raw') },
  { observer: 'one taskChanged subscriber', ...ours('one') },
  { observer: `${settings.subscribers} subscribers of bare ws behind a change stream`, ...ours('relayed') },
  { observer: `${settings.subscribers} taskChanged subscribers`, ...ours('many') },
];
const targets = [
  atMost('1 subscriber: p50 to the raw stream', ratio('one', 'p50'), 1.5),
  atMost(`${settings.subscribers} subscribers: p50 to the raw stream`, ratio('many', 'p50'), 1.5),
  atMost(`${settings.subscribers} subscribers: p50 to bare ws behind a stream`, ratio('many', 'p50', 'relayed'), 1.3),
];
report('change-latency', { database: database.description, settings, rows, rounds, targets });
for (const { child } of [relay, api]) await stop(child);
await database.close();
process.exit(0);
