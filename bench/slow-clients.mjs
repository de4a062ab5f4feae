/**
 * Clients that never read their socket, among many that do: what the server holds for them, second by second, and whether
 * the others are slowed. `tasktracker serve` with its default limits on a database; changes come from a writer beside it.
 *   node bench/slow-clients.mjs [--readers 900] [--deaf 100] [--rate 20] [--seconds 100] [--kilobytes 16]
 *
 * Half of the clients that do not read answer pings all the same: only their queue ends them. The others are cut by the
 * pings. Everybody is sent the same changes; these clients ask for a field of so many KB, the readers do not.
 */
import { setTimeout as delay } from 'node:timers/promises';

import { QUEUE } from './lib/fan-out.mjs';
import { median, nowMs, openSockets, residentMb, round } from './lib/measure.mjs';
import { ask, startApi, startScript, stop } from './lib/processes.mjs';
import { atMost, report } from './lib/report.mjs';
import { argument, openBenchDatabase, sampleDocument } from './lib/setup.mjs';

const settings = {
  readers: argument('readers', 900),
  deaf: argument('deaf', 100),
  rate: argument('rate', 20),
  seconds: argument('seconds', 100),
  kilobytes: argument('kilobytes', 16),
};
const WINDOW_SECONDS = 10;
/** The feed keeps the last changes in memory, at most 64 MiB of them: full before anything is compared. */
const WARM_UP_CHANGES = 2_000;

const database = await openBenchDatabase();
const startedAt = nowMs();
/** Instants in seconds since they stopped reading. */
const events = { slowConsumers: 0, first: null, last: null };
const secondsSince = (at) => round((nowMs() - at) / 1_000, 1);
let deafSince = null;
const { child: api, url } = await startApi(database.uri, ({ level, msg, ...rest }) => {
  if (level >= 40) console.log(msg, rest);
  if (!msg.includes('reads too slowly')) return;
  events.slowConsumers += 1;
  events.first ??= secondsSince(deafSince);
  events.last = secondsSince(deafSince);
});
const ownSockets = openSockets(api.pid);

const curve = [];
let phase = 'start';
const sampling = setInterval(() => {
  const sample = { second: Math.round((nowMs() - startedAt) / 1_000), phase, rssMb: round(residentMb(api.pid), 1) };
  curve.push({ ...sample, connections: openSockets(api.pid) - ownSockets, slowConsumers: events.slowConsumers });
}, 1_000);

const { insertedId } = await database.collection.insertOne({ ...sampleDocument(1), queueName: QUEUE });
let written = 0;
/** One change: a large text of its own, and the instant at which it is sent. */
async function write() {
  written += 1;
  const errorStack = String(written).padStart(8, '0').repeat(settings.kilobytes * 128);
  await database.collection.updateOne({ _id: insertedId }, { $set: { status: written % 2 ? 'failed' : 'dlq', errorStack, 'metadata.sentAt': Math.round(nowMs() * 1_000) / 1_000 } });
}

const readers = await startScript('subscribers.mjs', { port: Number(new URL(url).port), subscribers: settings.readers, perConnection: 1, filters: 'equal' });
for (let there = false; !there; ) {
  const arrived = ask(readers.child, { expected: settings.readers, timeoutMs: 1_000 });
  await write();
  there = (await arrived).deliveries === settings.readers;
}

phase = 'warm-up';
const warm = ask(readers.child, { expected: WARM_UP_CHANGES * settings.readers, timeoutMs: 300_000 });
for (let index = 0; index < WARM_UP_CHANGES; index++) await write();
await warm;

/** Writes at the rate for a window; what the readers saw of it. */
async function measure() {
  const changes = settings.rate * WINDOW_SECONDS;
  const arrived = ask(readers.child, { expected: changes * settings.readers, timeoutMs: WINDOW_SECONDS * 3_000, timed: true });
  const begin = nowMs();
  for (let index = 0; index < changes; index++) {
    await delay(Math.max(0, begin + (index * 1_000) / settings.rate - nowMs()));
    await write();
  }
  const { deliveries, p50, p99 } = await arrived;
  if (deliveries !== changes * settings.readers) throw new Error(`${deliveries} of ${changes * settings.readers} deliveries arrived`);
  return { p50, p99 };
}

const windows = [];
async function during(name, seconds) {
  phase = name;
  for (let at = 0; at < seconds; at += WINDOW_SECONDS) {
    const { p50, p99 } = await measure();
    const { rssMb, connections, slowConsumers } = curve.at(-1);
    windows.push({ phase, 'until s': curve.at(-1).second, 'p50 ms': round(p50), 'p99 ms': round(p99), 'RSS MB': rssMb, connections, 'SLOW_CONSUMER': slowConsumers });
    console.log(JSON.stringify(windows.at(-1)));
  }
}

const large = (subscribers, reads, answersPings) => startScript('large-subscribers.mjs', { url, subscribers, reads, answersPings });
const DEAF = `${settings.deaf} never read`;

/** The same clients, all of which read: before and after, as the machine is not the same all the time. */
async function allRead() {
  const { child } = await large(settings.deaf, true, true);
  await during('all read', 4 * WINDOW_SECONDS);
  await stop(child);
}

await allRead();
const half = Math.floor(settings.deaf / 2);
const deaf = [await large(half, false, false), await large(settings.deaf - half, false, true)];
deafSince = nowMs();
await during(DEAF, settings.seconds);
for (const { child } of deaf) await stop(child);
await allRead();
clearInterval(sampling);

const of = (name) => curve.filter((sample) => sample.phase === name);
const mostOf = (some) => Math.max(...some.map(({ rssMb }) => rssMb));
const samples = of(DEAF);
const most = Math.max(...samples.map(({ connections }) => connections));
const since = (sample) => sample && round(sample.second - (deafSince - startedAt) / 1_000, 0);
const cut = since(samples.find(({ connections }) => connections <= most - half));
const middle = (phaseName, key) => median(windows.filter((window) => window.phase === phaseName).map((window) => window[key]));
const targets = [
  atMost('MB resident at most while they never read, above the most while all read', round(mostOf(samples) - mostOf(of('all read')), 1), 64),
  atMost('p50 of the readers to that while all read', round(middle(DEAF, 'p50 ms') / middle('all read', 'p50 ms')), 1.2),
  atMost('p99 of the readers to that while all read', round(middle(DEAF, 'p99 ms') / middle('all read', 'p99 ms')), 1.2),
  atMost('s until those that answer no ping were cut', cut, 26),
];
console.log('SLOW_CONSUMER', events);
report('slow-clients', { database: database.description, settings, rows: windows, rounds: { events, curve }, targets });
await stop(readers.child);
await stop(api);
await database.close();
process.exit(0);
