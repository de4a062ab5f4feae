/**
 * The overview of five queues over HTTP: ours at 10,000, 100,000 and 1,000,000 executions, beside Bull Board and
 * Agendash over 100,000 jobs. Needs `redis-server` and, once, `npm install --prefix bench/peers`.
 *   node bench/overview.mjs [--rounds 7] [--seconds 3] [--connections 16] [--peers 1]
 *
 * The embedded database takes too long to load and index a million: that size is generated into the figures of a server
 * without a database, and so are the smaller ones once more, to compare like with like.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { MongoClient } from './lib/driver.mjs';
import { cpuSeconds, median, nowMs, round } from './lib/measure.mjs';
import { ask, startApi, startScript, stop } from './lib/processes.mjs';
import { atLeast, atMost, report } from './lib/report.mjs';
import { argument, openBenchDatabase, sampleDocument } from './lib/setup.mjs';

const settings = { rounds: argument('rounds', 7), seconds: argument('seconds', 3), connections: argument('connections', 16), peers: argument('peers', 1) };
const SERVED = [10_000, 100_000];
const GENERATED = [10_000, 100_000, 1_000_000];
const PEER_JOBS = 100_000;
const QUEUES = 5;
const BATCH = 1_000;
const OVERVIEW = JSON.stringify({ query: '{ queues { name stats { queued processing completed failed dlq archived total exact source } } }' });

const database = await openBenchDatabase();
const client = await MongoClient.connect(database.uri);

/** `serve` over a database of its own with so many documents, once it answers from memory. */
async function startServe(documents) {
  const name = `tasktracker_bench_${documents}`;
  await client.db(name).dropDatabase();
  const collection = client.db(name).collection('task_trackers');
  for (let at = 0; at < documents; at += BATCH) await collection.insertMany(Array.from({ length: BATCH }, (_, index) => sampleDocument(at + index)));
  const uri = new URL(database.uri);
  uri.pathname = `/${name}`;
  const { child, url } = await startApi(String(uri));
  // Asking for figures before they are in memory would have the database count them meanwhile.
  const health = new URL('/health/ready', url);
  while ((await (await fetch(health)).json()).statistics?.state !== 'READY') await delay(200);
  return { child, url };
}

async function overviewOf(url) {
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: OVERVIEW });
  return (await answer.json()).data;
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function startRedis() {
  const folder = mkdtempSync(path.join(tmpdir(), 'tasktracker-bench-redis-'));
  const port = await freePort();
  const child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'], { stdio: 'ignore' });
  await new Promise((resolve, reject) => {
    child.once('error', () => reject(new Error('redis-server was not found: install it, or leave the peers out with --peers 0')));
    child.once('spawn', resolve);
  });
  await delay(500);
  return { child, port, folder };
}

const load = await startScript('load.mjs', {});
const targets = {};
for (const documents of SERVED) {
  const { child, url } = await startServe(documents);
  targets[`TaskTracker, ${documents}`] = { child, url, executions: documents };
  console.log(`${documents} executions are loaded`);
}
for (const documents of GENERATED) {
  const { child, ready } = await startScript('overview-generated.mjs', { documents });
  targets[`generated, ${documents}`] = { child, url: ready.url, executions: documents };
}
for (const [name, { url, executions }] of Object.entries(targets)) {
  const { queues } = await overviewOf(url);
  const total = queues.reduce((sum, { stats }) => sum + stats.total, 0);
  if (queues.length !== QUEUES || total !== executions) throw new Error(`${name} shows ${total} executions in ${queues.length} queues`);
}

const redis = settings.peers ? await startRedis() : null;
let agendash = null;
if (redis !== null) {
  const board = await startScript('../peers/bull-board.mjs', { redisPort: redis.port, queues: QUEUES, jobs: PEER_JOBS });
  targets['Bull Board, 100000'] = { child: board.child, url: `http://127.0.0.1:${board.ready.port}${board.ready.path}`, method: 'GET', helpers: [redis.child.pid] };
  agendash = await startScript('../peers/agendash.mjs', { uri: database.uri, queues: QUEUES, jobs: PEER_JOBS });
  console.log('the peers are loaded');
}

async function measure({ child, url, method = 'POST', helpers = [] }, seconds, connections) {
  const { port, pathname } = new URL(url);
  const used = () => [child.pid, ...helpers].reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  const before = used();
  const result = await ask(load.child, { port: Number(port), path: pathname, method, bodies: [method === 'GET' ? '' : OVERVIEW], connections, seconds });
  if (result.errors > 0) throw new Error(`${url}: ${result.errors} answers were errors`);
  return { perSecond: result.requests / seconds, p50: result.p50, p99: result.p99, cpuMs: ((used() - before) * 1000) / result.requests };
}

const rounds = [];
for (const target of Object.values(targets)) await measure(target, 2, settings.connections);
for (let index = 0; index < settings.rounds; index++) {
  const names = Object.keys(targets);
  // Each begins a round once, so that none always runs on a warmer machine.
  const order = [...names.slice(index % names.length), ...names.slice(0, index % names.length)];
  const result = { one: {}, many: {} };
  for (const name of order) result.one[name] = await measure(targets[name], settings.seconds, 1);
  for (const name of order) result.many[name] = await measure(targets[name], settings.seconds, settings.connections);
  rounds.push(result);
  console.log(`round ${index + 1}: ${order.map((name) => `${name}: ${round(result.one[name].p50, 3)} ms, ${round(result.many[name].perSecond, 0)}/s`).join(' · ')}`);
}

/** Agendash reads every job for an overview: its requests are counted, not timed out, while nothing else runs. */
const agendashMs = [];
if (agendash !== null) {
  const { port, path: where } = agendash.ready;
  for (let index = 0; index < 3; index++) {
    const start = nowMs();
    const answer = await fetch(`http://127.0.0.1:${port}${where}`);
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`Agendash answered ${answer.status}`);
    agendashMs.push(nowMs() - start);
  }
}

const names = Object.keys(targets);
const hundred = 'TaskTracker, 100000';
const p50 = (name) => median(rounds.map(({ one }) => one[name].p50));
const rows = names.map((name) => ({
  overview: name,
  'p50 ms, 1 connection': round(p50(name), 3),
  'p99 ms': round(median(rounds.map(({ one }) => one[name].p99)), 3),
  [`requests/s, ${settings.connections} connections`]: round(median(rounds.map(({ many }) => many[name].perSecond)), 0),
  'CPU ms a request': round(median(rounds.map(({ many }) => many[name].cpuMs)), 3),
}));
if (agendashMs.length > 0) rows.push({ overview: 'Agendash, 100000', 'p50 ms, 1 connection': round(median(agendashMs), 0) });

/** The largest of the ratios between two sizes, each the median of the ratios of each round. */
const spread = (kind) => {
  const sizes = names.filter((name) => name.startsWith(kind));
  const ratios = sizes.flatMap((a) => sizes.map((b) => median(rounds.map(({ one }) => one[a].p50 / one[b].p50))));
  return round(Math.max(...ratios), 3);
};
const reached = [
  atMost(`p50 served from a database of ${SERVED.join(', ')}, the slowest by the fastest`, spread('TaskTracker'), 1.1),
  atMost(`p50 generated, ${GENERATED.join(', ')}, the slowest by the fastest`, spread('generated'), 1.1),
];
if (agendash !== null) {
  const ratios = rounds.map(({ many }) => many[hundred].perSecond / many['Bull Board, 100000'].perSecond);
  reached.push(atLeast("requests/s, by Bull Board's, at 100,000", round(median(ratios), 3), 1));
  reached.push(atLeast("Agendash's time for one, by ours (p50), at 100,000", round(median(agendashMs) / p50(hundred), 0), 1_000));
}
report('overview', { database: database.description, settings, rows, targets: reached, rounds });

for (const { child } of Object.values(targets)) await stop(child);
await stop(load.child);
if (agendash !== null) await stop(agendash.child);
if (redis !== null) {
  await stop(redis.child);
  rmSync(redis.folder, { recursive: true, force: true });
}
for (const documents of SERVED) await client.db(`tasktracker_bench_${documents}`).dropDatabase();
await client.close();
await database.close();
process.exit(0);
