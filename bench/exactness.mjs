/**
 * Nothing missed, nothing wrong: writers of every kind write at random while the API is killed (-9) and restarted again
 * and again and the database once; at the end the list that each `watchTasks` client has folded must be what the database
 * has, every change must have come as it was written and in order, and clients that may see everything must have seen
 * every acknowledged state; and every figure in memory must be what a count of the documents gives. `test/fault/feed-exactness.test.ts` runs it at a smaller size.
 *   node bench/exactness.mjs [--writes 20000] [--writers 50] [--api-kills 5] [--database-kills 1] [--mutations-between 50] [--think-ms 0] [--seed 1] [--output FILE]
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { openExactnessDatabase } from './lib/exactness/database.mjs';
import { MortalApi } from './lib/exactness/faults.mjs';
import { compareFigures } from './lib/exactness/figures.mjs';
import { Ledger } from './lib/exactness/ledger.mjs';
import { rowOf } from './lib/exactness/state.mjs';
import { difference, judge } from './lib/exactness/verdict.mjs';
import { watchesFor } from './lib/exactness/watches.mjs';
import { mutateAt, runWriters } from './lib/exactness/writers.mjs';
import { round } from './lib/measure.mjs';
import { ask, startScript, stop } from './lib/processes.mjs';
import { atMost, report } from './lib/report.mjs';
import { argument } from './lib/setup.mjs';

const PROCESSES = 2;
const SETTLE_MS = 120_000;
const output = process.argv.includes('--output') ? process.argv[process.argv.indexOf('--output') + 1] : undefined;
const settings = {
  writes: argument('writes', 20_000),
  writers: argument('writers', 50),
  apiKills: argument('api-kills', 5),
  databaseKills: argument('database-kills', 1),
  /** How many mutations must be acknowledged between two kills: the API is to be there for a while. */
  mutationsBetween: argument('mutations-between', 50),
  /** Mean wait of a writer between two writes, in ms. */
  thinkMs: argument('think-ms', 0),
  seed: argument('seed', 1),
  /** Small, so that what is behind memory, and who is too slow, is met with too. */
  ringSize: argument('ring', 1_000),
  subscriberQueue: argument('queue', 250),
};

const startedAt = new Date();
const database = await openExactnessDatabase();
const killsDatabase = database.kill !== undefined;
const api = new MortalApi({
  MONGODB_URI: database.uri,
  TASKTRACKER_FEED_RING_SIZE: String(settings.ringSize),
  TASKTRACKER_SUBSCRIBER_QUEUE: String(settings.subscriberQueue),
});
await api.start();

const watches = watchesFor(startedAt);
const processes = [];
for (let n = 0; n < PROCESSES; n += 1) {
  const own = watches.filter((_, index) => index % PROCESSES === n);
  const { child } = await startScript('watchers.mjs', { url: api.url, watches: own });
  processes.push({ child, own });
}
const ofAll = async (message) => {
  const answers = await Promise.all(processes.map(({ child }) => ask(child, message)));
  return watches.map((_, index) => answers[index % PROCESSES][Math.floor(index / PROCESSES)]);
};
const startWatches = (late) => Promise.all(processes.map(({ child }) => ask(child, { ask: 'start', late })));

/** Every client has its first list: from here on it is told of everything. */
async function untilListed(late) {
  for (;;) {
    const states = await ofAll({ ask: 'rows' });
    if (states.every(({ lists, error }, index) => error !== null || lists > 0 || ((watches[index].late ?? false) && !late))) return;
    await delay(50);
  }
}

await startWatches(false);
await untilListed(false);

const ledger = new Ledger();
let faultsDone = false;
/** When the database was away. */
const outages = [];
const begun = performance.now();
const writing = runWriters(
  settings.writers,
  { seed: settings.seed, ledger, thinkMs: settings.thinkMs, outages, ways: { collection: database.collection, client: database.client, model: database.model, mutate: mutateAt(api.url) } },
  () => ledger.acknowledged < settings.writes || !faultsDone,
);

async function killDatabase() {
  const outage = { until: Number.POSITIVE_INFINITY };
  outages.push(outage);
  await database.kill();
  outage.until = performance.now();
}

/** In the order of their turn: kills of the API, that of the database in the middle, and the clients that come late. */
async function faults() {
  const turns = [...Array(settings.apiKills).fill(['the API is killed', () => api.die()])];
  if (killsDatabase) for (let n = 0; n < settings.databaseKills; n += 1) turns.splice(Math.ceil(turns.length / 2), 0, ['the database is killed', killDatabase]);
  turns.splice(Math.floor(turns.length / 2), 0, ['clients join late', () => startWatches(true)]);
  for (const [turn, [what, act]] of turns.entries()) {
    await ledger.reaches(((turn + 1) * settings.writes) / (turns.length + 1), settings.mutationsBetween);
    const since = performance.now();
    await act();
    console.error(`${round(since - begun, 0)} ms: ${what}, after ${ledger.acknowledged} writes; it took ${round(performance.now() - since, 0)} ms`);
  }
  await ledger.reaches(settings.writes, settings.mutationsBetween);
  faultsDone = true;
}

await Promise.all([writing, faults()]);
const wroteFor = performance.now() - begun;
await untilListed(true);

const expected = await Promise.all(
  watches.map(async ({ query }) => (await database.collection.find(query).toArray()).map(rowOf).sort()),
);
const settlingSince = performance.now();
let states;
const agrees = ({ rows }, index) => rows.length === expected[index].length && rows.every((row, n) => row === expected[index][n]);
do {
  states = await ofAll({ ask: 'rows' });
  if (states.every(agrees)) break;
  await delay(100);
} while (performance.now() - settlingSince < SETTLE_MS);
const settledAfter = performance.now() - settlingSince;

const ends = await ofAll({ ask: 'end' });
const figures = await compareFigures(api.url, database.collection, startedAt);
for (const wrong of figures.differences.slice(0, 20)) console.error(wrong);
const clients = watches.map((watch, index) => {
  const { seen, counts, error } = ends[index];
  const { examples, ...verdict } = judge(watch, seen, ledger);
  const right = agrees(states[index], index);
  return { client: watch.name, rows: expected[index].length, right, error, ...verdict, ...counts, examples, ...(right ? {} : difference(expected[index], states[index].rows)) };
});
const figuresOf = (client) => Object.fromEntries(Object.entries(client).filter(([, value]) => !Array.isArray(value)));
const sum = (figure) => clients.reduce((total, client) => total + client[figure], 0);
const totals = {
  acknowledged: ledger.acknowledged,
  unsure: ledger.unsure,
  byWay: ledger.byWay,
  executions: ledger.executions.size,
  apiKills: api.deaths,
  databaseKills: killsDatabase ? settings.databaseKills : 0,
  changesDelivered: sum('changes'),
  wrongLists: clients.filter(({ right }) => !right).length,
  failedClients: clients.filter(({ error }) => error !== null).length,
  missed: sum('missed'),
  backwards: sum('backwards'),
  phantoms: sum('phantoms'),
  relists: sum('relists'),
  figuresCompared: figures.compared,
  wrongFigures: figures.differences.length,
  repeated: sum('repeated'),
  reconnects: sum('reconnects'),
  pauses: sum('pauses'),
  clientRestarts: sum('restarts'),
  writesPerSecond: round(ledger.acknowledged / (wroteFor / 1000), 0),
  settledAfterMs: round(settledAfter, 0),
};

for (const { child } of processes) await stop(child);
await api.stop();
await database.close();
if (output === undefined) {
  const targets = ['wrongLists', 'failedClients', 'missed', 'backwards', 'phantoms', 'relists', 'wrongFigures'].map((name) => atMost(name, totals[name], 0));
  report('exactness', { database: database.description, settings: { command: 'node bench/exactness.mjs', ...settings }, targets, rows: clients.map(figuresOf), rounds: [{ totals, clients }] });
  console.log(totals);
} else {
  writeFileSync(output, JSON.stringify({ settings, totals, clients }, null, 1));
}
process.exit(0);
