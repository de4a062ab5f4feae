/**
 * A page of 50 from memory over HTTP: TaskTracker with all rules, authentication, metrics and spans, beside stock Apollo
 * Server on Fastify, the steps from the one to the other, and raw JSON. No database. Mercurius is measured too where it is
 * there: `npm install --prefix bench/peers`.
 * Each is warmed up by the same number of pages before it is measured: the compiler of Node goes on for the first thousands.
 *   node bench/throughput.mjs [--rounds 5] [--seconds 4] [--connections 16] [--warm-up 10000]
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { cpuSeconds, median, residentMb, round } from './lib/measure.mjs';
import { ask, DIST, startScript, stop } from './lib/processes.mjs';
import { atLeast, report } from './lib/report.mjs';
import { argument } from './lib/setup.mjs';
import { OPERATION, VARIABLES } from './lib/throughput-page.mjs';

const settings = { rounds: argument('rounds', 5), seconds: argument('seconds', 4), connections: argument('connections', 16), warmUp: argument('warm-up', 10_000) };
const { createApiKey } = await import(pathToFileURL(path.join(DIST, 'server/auth/api-key.js')).href);
const { key, entry } = createApiKey({ name: 'bench', role: 'VIEWER' });

/** Each is the one before it, and what its name says. */
const LADDER = {
  stock: 'stock Apollo on Fastify',
  fewPlugins: '+ no plugins of its own',
  sharedDocuments: '+ documents by their text',
  plans: '+ executed by plans',
  tasktracker: 'TaskTracker: + rules, access, masking, metrics, spans',
};
const BESIDE = { plansAlone: 'plans on Fastify, no Apollo, no rules', raw: 'raw JSON' };
const hasMercurius = existsSync(new URL('./peers/node_modules/mercurius', import.meta.url));
const PEERS = hasMercurius ? { mercurius: { name: 'Mercurius', jit: false }, mercuriusJit: { name: 'Mercurius with JIT', jit: true } } : {};
if (!hasMercurius) console.log('without Mercurius: npm install --prefix bench/peers');

const servers = new Map();
for (const kind of [...Object.keys(LADDER), ...Object.keys(BESIDE)]) servers.set(kind, await startScript('throughput-server.mjs', { kind, apiKeys: JSON.stringify([entry]) }));
for (const [kind, { jit }] of Object.entries(PEERS)) servers.set(kind, await startScript('../peers/mercurius.mjs', { jit }));
const load = await startScript('load.mjs', {});
const nameOf = (kind) => LADDER[kind] ?? BESIDE[kind] ?? PEERS[kind].name;

const body = JSON.stringify({ query: OPERATION, variables: VARIABLES });
const headers = { authorization: `Bearer ${key}` };

/** All must answer the same rows before they are compared. */
async function assertSameAnswers() {
  const answers = new Map();
  for (const [kind, { ready }] of servers) {
    const response = await fetch(`http://127.0.0.1:${ready.port}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/json', ...headers }, body });
    const { data, errors } = await response.json();
    if (errors !== undefined) throw new Error(`${nameOf(kind)}: ${JSON.stringify(errors).slice(0, 300)}`);
    answers.set(kind, JSON.stringify(data));
  }
  const rows = (answer, rename = (row) => row) => JSON.stringify(JSON.parse(answer).tasks.nodes.map(rename));
  const shown = (row) => ({ ...row, status: row.status.toUpperCase(), errorCategory: row.errorCategory?.toUpperCase() ?? null });
  const expected = rows(answers.get('raw'), shown);
  for (const [kind, answer] of answers) if (rows(answer, shown) !== expected) throw new Error(`${nameOf(kind)} answers other rows: ${answer.slice(0, 300)}`);
}

async function measure(kind, seconds) {
  const { child, ready } = servers.get(kind);
  const before = cpuSeconds(child.pid);
  const result = await ask(load.child, { port: ready.port, path: '/graphql', headers, bodies: [body], connections: settings.connections, seconds });
  if (result.errors > 0) throw new Error(`${nameOf(kind)}: ${result.errors} answers were errors`);
  return { perSecond: result.requests / seconds, p50: result.p50, p99: result.p99, cpuMs: ((cpuSeconds(child.pid) - before) * 1000) / result.requests };
}

async function warmUp(kind) {
  for (let pages = 0; pages < settings.warmUp; ) pages += (await measure(kind, 1)).perSecond;
}

await assertSameAnswers();
for (const kind of servers.keys()) await warmUp(kind);
const rounds = [];
for (let index = 0; index < settings.rounds; index++) {
  const kinds = [...servers.keys()];
  const result = {};
  for (const kind of index % 2 === 0 ? kinds : kinds.reverse()) result[kind] = await measure(kind, settings.seconds);
  rounds.push(result);
  console.log(`round ${index + 1}: ${[...servers.keys()].map((kind) => `${kind} ${round(result[kind].perSecond, 0)}/s`).join(', ')}`);
}

const of = (kind, figure) => median(rounds.map((each) => each[kind][figure]));
const ratio = (kind, to, figure = 'perSecond') => median(rounds.map((each) => each[kind][figure] / each[to][figure]));
const ladder = Object.keys(LADDER);
const rows = [...servers].map(([kind, { child }]) => {
  const step = ladder.indexOf(kind);
  return {
    server: nameOf(kind),
    'pages/s': round(of(kind, 'perSecond'), 0),
    'of raw JSON': round(ratio(kind, 'raw')),
    'of stock': round(ratio(kind, 'stock')),
    'of the rung before': step > 0 ? round(ratio(kind, ladder[step - 1])) : null,
    'p50 ms': round(of(kind, 'p50')),
    'p99 ms': round(of(kind, 'p99')),
    'CPU ms': round(of(kind, 'cpuMs'), 3),
    'resident MB': round(residentMb(child.pid), 0),
  };
});
const targets = [
  atLeast('TaskTracker with all rules, access, metrics and spans ÷ stock Apollo on Fastify', round(ratio('tasktracker', 'stock')), 2),
  atLeast('TaskTracker with all rules, access, metrics and spans ÷ raw JSON (an aim)', round(ratio('tasktracker', 'raw')), 0.6),
];
report('throughput', { settings: { ...settings, fields: 8, rows: 50 }, targets, rows, rounds });
for (const { child } of [...servers.values(), load]) await stop(child);
process.exit(0);
