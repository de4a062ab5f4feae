/**
 * For a long time: writes through the API by worker keys, subscribers that come and go, dashboards that ask what the
 * dashboard asks; authentication, rules and metrics are on. Does memory stay, is nothing missed, are the figures right, do
 * answers stay as fast as they were? At the end the driver alone makes the same writes, to the collection as it is by then.
 *   node bench/soak.mjs [--minutes 20] [--rate 75] [--subscribers 200] [--dashboards 5] [--warm-up-share 0.25]
 */
import { setTimeout as delay } from 'node:timers/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { cpuSeconds, median, nowMs, percentile, residentMb, round } from './lib/measure.mjs';
import { DIST, startApi, startScript, stop } from './lib/processes.mjs';
import { atLeast, atMost, report } from './lib/report.mjs';
import { argument, openBenchDatabase } from './lib/setup.mjs';
import { dashboardQueries } from './lib/soak/dashboard-documents.mjs';
import { driverWrites } from './lib/soak/driver-writes.mjs';
import { explain } from './lib/soak/explain.mjs';
import { SoakLedger } from './lib/soak/ledger.mjs';

const settings = {
  minutes: argument('minutes', 20),
  rate: argument('rate', 75),
  subscribers: argument('subscribers', 200),
  dashboards: argument('dashboards', 5),
  warmUpShare: argument('warm-up-share', 0.25),
  /** What a dashboard waits between two questions, in ms. */
  dashboardEveryMs: argument('dashboard-every', 500),
  maxInFlight: argument('in-flight', 64),
  /** How often the API compares its figures with a count of the whole collection, in ms: by itself every 15 minutes. */
  reconcileEveryMs: argument('reconcile-every', 240_000),
  driverSeconds: argument('driver-seconds', 20),
};
const QUEUES = Array.from({ length: 5 }, (_, index) => `soak_queue_${index}`);
const SAMPLE_MS = 5_000;
const SETTLE_MS = 5_000;

const { createApiKey } = await import(pathToFileURL(path.join(DIST, 'server/auth/api-key.js')).href);
const keys = Object.fromEntries(['WORKER', 'VIEWER', 'OPERATOR', 'ADMIN'].map((role) => [role, createApiKey({ name: `soak ${role.toLowerCase()}`, role })]));
const database = await openBenchDatabase();
const apiSettings = {
  TASKTRACKER_API_KEYS: JSON.stringify(Object.values(keys).map(({ entry }) => entry)),
  TASKTRACKER_RECONCILE_INTERVAL_MS: String(settings.reconcileEveryMs),
  // As it is by default: benches have it switched off.
  TASKTRACKER_MAX_OPERATIONS_PER_SECOND: '500',
  TASKTRACKER_MAX_CONNECTIONS_PER_ADDRESS: '2000',
};
const { child: api, url } = await startApi(database.uri, undefined, apiSettings, ['--import', new URL('./lib/soak/tell-heap.mjs', import.meta.url).href]);

async function ask(role, query, variables) {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${keys[role].key}` }, body: JSON.stringify({ query, variables }) });
  const { data, errors } = await response.json();
  if (errors !== undefined) throw new Error(`${errors[0].extensions?.code}: ${errors[0].message}`);
  return data;
}

const count = (map, key) => map.set(key, (map.get(key) ?? 0) + 1);

/** Times and failures of one kind of request, by the minute. */
class Times {
  #minutes = [];
  failures = new Map();

  async take(what, startedAt) {
    const minute = Math.floor((nowMs() - begun) / 60_000);
    try {
      return await what();
    } catch (error) {
      count(this.failures, explain(error));
      return null;
    } finally {
      (this.#minutes[minute] ??= []).push(nowMs() - startedAt);
    }
  }

  byMinute() {
    return [...this.#minutes].map((times = []) => ({ count: times.length, p50: round(percentile(times, 0.5), 1), p99: round(percentile(times, 0.99), 1) }));
  }

  get failed() {
    return [...this.failures.values()].reduce((sum, count) => sum + count, 0);
  }
}

const begun = nowMs();
const endsAt = begun + settings.minutes * 60_000;
const writeTimes = new Times();
const queryTimes = new Times();
const ledger = new SoakLedger();

/** Moves that are due: the next of each execution, oldest first. */
const due = [];
let created = 0;
const MOVES = {
  enqueue: ['mutation Enqueue($input: EnqueueTaskInput!) { enqueueTask(input: $input) { deduplicated } }', 'QUEUED'],
  start: ['mutation Start($id: ID!) { startTask(executionId: $id) { changed } }', 'PROCESSING'],
  complete: ['mutation Complete($id: ID!) { completeTask(executionId: $id) { changed } }', 'COMPLETED'],
  fail: ['mutation Fail($input: FailTaskInput!) { failTask(input: $input) { changed } }', 'FAILED'],
};

function nextMove() {
  const moved = due.shift();
  if (moved !== undefined && created > 0) return moved;
  created += 1;
  return { move: 'enqueue', id: `soak:${begun.toFixed(0)}:${created}`, queueName: QUEUES[created % QUEUES.length] };
}

async function write() {
  const { move, id, queueName } = nextMove();
  const [text, status] = MOVES[move];
  const metadata = { partner: `p${created % 7}`, file: `f${created}` };
  const input = move === 'enqueue' ? { executionId: id, taskId: id, queueName, metadata } : { executionId: id, errorMessage: `Log ${created % 20} is not valid`, errorCategory: 'VALIDATION' };
  const startedAt = nowMs();
  const done = await writeTimes.take(() => ask('WORKER', text, move === 'start' || move === 'complete' ? { id } : { input }), startedAt);
  if (done === null) return;
  ledger.add(queueName, id, status, startedAt, nowMs());
  if (move === 'enqueue') due.push({ move: 'start', id, queueName });
  if (move === 'start') due.push({ move: created % 10 === 0 ? 'fail' : 'complete', id, queueName });
}

/** So many writes a second, as long as no more than so many are under way. @returns how many could not be begun in time */
async function writeAll() {
  const inFlight = new Set();
  let late = 0;
  for (let number = 0; ; number += 1) {
    const at = begun + (number * 1_000) / settings.rate;
    if (at > endsAt) break;
    const wait = at - nowMs();
    if (wait > 1) await delay(wait);
    while (inFlight.size >= settings.maxInFlight) {
      late += 1;
      await Promise.race(inFlight);
    }
    // Behind for good: the clock goes on without what was not begun.
    if (nowMs() > endsAt) break;
    const writing = write().finally(() => inFlight.delete(writing));
    inFlight.add(writing);
  }
  await Promise.all(inFlight);
  return late;
}

const queries = dashboardQueries();
async function dashboard(index) {
  for (let turn = index; nowMs() < endsAt; turn += 1) {
    const { text, variables } = queries[turn % queries.length];
    await queryTimes.take(() => ask('OPERATOR', text, variables(Date.now(), QUEUES[turn % QUEUES.length])), nowMs());
    await delay(settings.dashboardEveryMs * (0.5 + Math.random()));
  }
}

const resident = [];
/** What the API's heap holds after each full collection that V8 found due. */
const heap = [];
api.on('message', ({ heapMb }) => heap.push({ at: (nowMs() - begun) / 60_000, mb: heapMb }));
async function sample() {
  while (nowMs() < endsAt) {
    resident.push({ at: (nowMs() - begun) / 60_000, mb: residentMb(api.pid) });
    await delay(SAMPLE_MS);
  }
}

/** MB a minute, by least squares. */
function slope(samples) {
  if (samples.length < 2) return Number.NaN;
  const mean = (of) => samples.reduce((sum, each) => sum + of(each), 0) / samples.length;
  const [x, y] = [mean(({ at }) => at), mean(({ mb }) => mb)];
  return samples.reduce((sum, { at, mb }) => sum + (at - x) * (mb - y), 0) / samples.reduce((sum, { at }) => sum + (at - x) ** 2, 0);
}

/** What /metrics says of each name; NaN for what it does not say. */
async function metrics(...names) {
  const response = await fetch(new URL('/metrics', url), { headers: { authorization: `Bearer ${keys.ADMIN.key}` } });
  const text = await response.text();
  return names.map((name) => Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN));
}

let worstDrift = 0;
let comparisons = 0;
async function watchDrift() {
  let lastAge = Number.POSITIVE_INFINITY;
  while (nowMs() < endsAt) {
    await delay(SAMPLE_MS);
    const [drift, age] = await metrics('tasktracker_statistics_drift_counts', 'tasktracker_statistics_reconciliation_age_seconds');
    if (Number.isNaN(drift) || Number.isNaN(age)) continue;
    // Younger than at the last look: there was another one.
    if (age < lastAge) comparisons += 1;
    lastAge = age;
    worstDrift = Math.max(worstDrift, drift);
  }
}

const lives = { ended: 0, judged: 0, required: 0, seen: 0, missed: 0, starved: 0, gaps: 0, reconnects: new Map(), errors: new Map() };
const examples = [];
const { child: subscribers } = await startScript('soak-subscribers.mjs', {
  url,
  token: keys.VIEWER.key,
  count: settings.subscribers,
  queues: QUEUES,
  minLifeMs: 5_000,
  maxLifeMs: 90_000,
});
const unjudged = [];
const subscribersEnded = new Promise((resolve, reject) => {
  subscribers.once('exit', () => reject(new Error('the subscribers ended by themselves')));
  subscribers.on('message', ({ life, ended }) => {
    if (ended) resolve();
    else unjudged.push(life);
  });
});

function judge(life) {
  lives.ended += 1;
  lives.gaps += life.gaps;
  life.reconnects.forEach((reason) => count(lives.reconnects, reason));
  if (life.error !== null) count(lives.errors, life.error);
  if (life.listedAt === null) return;
  const { required, missed, starved } = ledger.judge(life);
  lives.judged += 1;
  lives.required += required;
  lives.seen += life.seen.length;
  lives.missed += missed.length;
  if (starved) lives.starved += 1;
  if (missed.length > 0 && examples.length < 10) examples.push({ queueName: life.queueName, missed: missed.slice(0, 5), of: required });
}

/** When what they have seen has surely been acknowledged to whoever wrote it. */
async function judgeAll() {
  while (nowMs() < endsAt + SETTLE_MS) {
    await delay(1_000);
    const old = nowMs() - SETTLE_MS;
    for (let at = unjudged.length - 1; at >= 0; at -= 1) if (unjudged[at].endedAt < old) judge(...unjudged.splice(at, 1));
  }
}

async function tell() {
  for (let minute = 1; minute <= settings.minutes; minute += 1) {
    await delay(Math.max(0, begun + minute * 60_000 - nowMs()));
    const [writes, asked] = [writeTimes.byMinute().at(minute - 1), queryTimes.byMinute().at(minute - 1)];
    console.log(`minute ${minute}: ${writes?.count} writes, p50 ${writes?.p50} ms, p99 ${writes?.p99} ms; ${asked?.count} queries, p99 ${asked?.p99} ms; resident ${round(resident.at(-1).mb, 0)} MB, heap after a collection ${round(heap.at(-1)?.mb, 0)} MB; ${lives.ended} subscribers have gone, ${lives.missed} events missed`);
  }
}

const running = Promise.all([sample(), watchDrift(), judgeAll(), tell(), ...Array.from({ length: settings.dashboards }, (_, index) => dashboard(index))]);
const cpuBefore = cpuSeconds(api.pid);
const late = await writeAll();
const wroteForS = (nowMs() - begun) / 1_000;
/** Cores that the API kept busy, of those that the machine has. */
const apiCores = round((cpuSeconds(api.pid) - cpuBefore) / wroteForS);
await running;
subscribers.send({ end: true });
await subscribersEnded;
await delay(SETTLE_MS);
unjudged.splice(0).forEach(judge);

/** The documents have the last word: each acknowledged write is there, and nothing else is counted. */
const stored = await database.collection.countDocuments({});
const { queues } = await ask('VIEWER', 'query Totals { queues { stats { total source } } }');
const counted = queues.reduce((sum, { stats }) => sum + stats.total, 0);

const rate = round(ledger.acknowledged / wroteForS, 0);
for (const child of [subscribers, api]) await stop(child);
const alone = await driverWrites(database.collection, { writers: settings.maxInFlight, seconds: settings.driverSeconds, queues: QUEUES });
console.log(`through the API: ${rate} writes a second, by ${apiCores} cores of it; the driver alone, over ${alone.documents} documents: ${alone.rate} writes a second, p50 ${alone.p50Ms} ms, p99 ${alone.p99Ms} ms`);

const afterWarmUp = (samples) => samples.filter(({ at }) => at >= settings.minutes * settings.warmUpShare && at <= settings.minutes);
const [writeMinutes, queryMinutes] = [writeTimes.byMinute(), queryTimes.byMinute()].map((minutes) => minutes.slice(0, Math.ceil(settings.minutes)));
/** What could not be measured stays NaN, and reaches no target. */
const figure = (value) => round(value) ?? Number.NaN;
/** The median of the minutes' p99: the last third's, as a multiple of the first third's. */
function drifted(minutes) {
  const third = Math.max(1, Math.floor(minutes.length / 3));
  const of = (some) => median(some.map(({ p99 }) => p99));
  return figure(of(minutes.slice(-third)) / of(minutes.slice(0, third)));
}
const targets = [
  atLeast('writes a second, acknowledged', rate, settings.rate * 0.95),
  atMost('heap after full collections, after the warm-up: growth in MB a minute', figure(slope(afterWarmUp(heap))), 0.5),
  atMost('resident memory after the warm-up: growth in MB a minute', figure(slope(afterWarmUp(resident))), 0.5),
  atLeast('events that subscribers had to see', lives.required, 1),
  atMost('events missed', lives.missed, 0),
  atMost('subscribers that were told nothing', lives.starved, 0),
  atMost('gaps told to subscribers', lives.gaps, 0),
  atMost('subscribers that ended with an error', [...lives.errors.values()].reduce((sum, count) => sum + count, 0), 0),
  atLeast('comparisons of the figures with the database', comparisons, Math.max(1, Math.floor((settings.minutes * 60_000) / settings.reconcileEveryMs) - 1)),
  atMost('counts that a comparison with the database found wrong', worstDrift, 0),
  atMost('executions stored, less those that the figures count', Math.abs(stored - counted), 0),
  atMost('requests that failed', writeTimes.failed + queryTimes.failed, 0),
  atMost('p99 of writes: last third ÷ first third', drifted(writeMinutes), 1.5),
  atMost('p99 of queries: last third ÷ first third', drifted(queryMinutes), 1.5),
];
if (lives.reconnects.size > 0) console.log('subscribers connected again:', Object.fromEntries(lives.reconnects));
const failures = Object.fromEntries([...writeTimes.failures, ...queryTimes.failures, ...lives.errors]);
if (Object.keys(failures).length > 0) console.log(failures);
if (examples.length > 0) console.log(JSON.stringify(examples, null, 1));
const inMinute = (samples, minute) => round(median(samples.filter(({ at }) => Math.floor(at) === minute).map(({ mb }) => mb)), 0);
const rows = writeMinutes.map((writes, index) => ({
  minute: index + 1,
  writes: writes.count,
  'write p50 ms': writes.p50,
  'write p99 ms': writes.p99,
  queries: queryMinutes[index]?.count ?? 0,
  'query p50 ms': queryMinutes[index]?.p50 ?? null,
  'query p99 ms': queryMinutes[index]?.p99 ?? null,
  'resident MB': inMinute(resident, index),
  'heap MB': inMinute(heap, index),
}));
const kept = ({ at, mb }) => [round(at), round(mb, 1)];
report('soak', {
  database: database.description,
  settings: { ...settings, queries: queries.map(({ name }) => name) },
  targets,
  rows,
  rounds: [{ acknowledged: ledger.acknowledged, rate, apiCores, driverAlone: alone, lateBegins: late, stored, counted, comparisons, lives: { ...lives, reconnects: Object.fromEntries(lives.reconnects), errors: Object.fromEntries(lives.errors) }, failures, resident: resident.map(kept), heap: heap.map(kept) }],
});
await database.close();
process.exit(0);
