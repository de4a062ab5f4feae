/**
 * What measuring and tracing cost: the same server with /metrics and without, in interleaved rounds; and, in this process,
 * what one operation's metrics and spans take where no OpenTelemetry SDK is installed.
 *   node bench/observe.mjs [--documents 2000] [--rounds 6] [--seconds 3] [--connections 16]
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { cpuSeconds, median, round } from './lib/measure.mjs';
import { ask, DIST, startApi, startScript, stop } from './lib/processes.mjs';
import { atLeast, atMost, report } from './lib/report.mjs';
import { argument, openBenchDatabase, sampleDocument } from './lib/setup.mjs';

const settings = { documents: argument('documents', 2_000), rounds: argument('rounds', 6), seconds: argument('seconds', 3), connections: argument('connections', 16) };
const load = (file) => import(pathToFileURL(path.join(DIST, file)).href);

const LOOKUP = 'query Lookup($executionId: ID!) { task(executionId: $executionId) { taskId executionId status } }';
const STATE = 'query State { feed { state } }';

const database = await openBenchDatabase();
const documents = Array.from({ length: settings.documents }, (_, index) => sampleDocument(index));
await database.collection.insertMany(documents);
const bodies = {
  // Of all operations the one that does least: measuring weighs most in it.
  state: [JSON.stringify({ query: STATE })],
  lookup: documents.filter((_, index) => index % 37 === 0).map(({ executionId }) => JSON.stringify({ query: LOOKUP, variables: { executionId } })),
};

const servers = {
  with: await startApi(database.uri, undefined, { TASKTRACKER_METRICS: 'true' }),
  without: await startApi(database.uri, undefined, { TASKTRACKER_METRICS: 'false' }),
};
const loader = await startScript('load.mjs', {});

async function measure(name, kind, seconds) {
  const { child, url } = servers[name];
  const before = cpuSeconds(child.pid);
  const result = await ask(loader.child, { port: Number(new URL(url).port), path: '/graphql', bodies: bodies[kind], connections: settings.connections, seconds });
  if (result.errors > 0) throw new Error(`${name} ${kind}: ${result.errors} answers were errors`);
  return { perSecond: result.requests / seconds, p50: result.p50, p99: result.p99, cpuMs: ((cpuSeconds(child.pid) - before) * 1000) / result.requests };
}

const rounds = [];
for (const kind of Object.keys(bodies)) for (const name of Object.keys(servers)) await measure(name, kind, 2);
for (let index = 0; index < settings.rounds; index++) {
  for (const kind of Object.keys(bodies)) {
    const result = { kind };
    for (const name of index % 2 === 0 ? ['with', 'without'] : ['without', 'with']) result[name] = await measure(name, kind, settings.seconds);
    rounds.push(result);
    console.log(`round ${index + 1} ${kind}: with ${round(result.with.perSecond, 0)}/s, without ${round(result.without.perSecond, 0)}/s`);
  }
}

async function scrapeMs() {
  const times = [];
  for (let index = 0; index < 50; index++) {
    const startedAt = performance.now();
    const response = await fetch(new URL('/metrics', servers.with.url));
    await response.text();
    times.push(performance.now() - startedAt);
  }
  return median(times);
}
const scrape = await scrapeMs();

/** Nanoseconds that `work` takes on average. */
function nanoseconds(work, times = 300_000) {
  for (let index = 0; index < times / 10; index++) work();
  const startedAt = process.hrtime.bigint();
  for (let index = 0; index < times; index++) work();
  return Number(process.hrtime.bigint() - startedAt) / times;
}

const { createMetrics } = await load('metrics/metrics.js');
const { OperationSpans } = await load('telemetry/operation-spans.js');
const { createTracer } = await load('telemetry/tracer.js');
const metrics = createMetrics({ version: '0', maxOperations: 100, maxQueues: 100 });
const spans = new OperationSpans(createTracer('0'));
const facts = { name: 'Lookup', type: 'query' };
const request = { headers: { host: 'localhost', 'content-type': 'application/json' } };
const response = { once: () => undefined };
const event = { kind: 'UPDATED', task: { taskId: 't', executionId: 'e', metadata: { partner: 'x' } } };
const micro = {
  'metrics of an operation': nanoseconds(() => metrics.operations.answered(facts, 'http', 'ok', 1.5)),
  'span of a request, no SDK': nanoseconds(() => spans.serve(request, response, () => 0)),
  'span of an event, no SDK': nanoseconds(() => spans.event(() => 'Live', event, () => 0)),
};
metrics.close();

const ratioOf = (kind, figure) => median(rounds.filter((each) => each.kind === kind).map((each) => each.with[figure] / each.without[figure]));
const rows = Object.keys(bodies).map((kind) => {
  const of = (name, figure) => median(rounds.filter((each) => each.kind === kind).map((each) => each[name][figure]));
  return {
    operation: kind,
    'with/s': round(of('with', 'perSecond'), 0),
    'without/s': round(of('without', 'perSecond'), 0),
    ratio: round(ratioOf(kind, 'perSecond'), 3),
    'with CPU ms': round(of('with', 'cpuMs'), 3),
    'without CPU ms': round(of('without', 'cpuMs'), 3),
    'CPU ratio': round(ratioOf(kind, 'cpuMs'), 3),
  };
});
console.table(Object.fromEntries(Object.entries(micro).map(([what, ns]) => [what, { ns: round(ns, 0) }])));
console.log(`a scrape takes ${round(scrape, 1)} ms`);
const targets = [
  ...rows.map((row) => atLeast(`${row.operation}: throughput with metrics ÷ without`, row.ratio, 0.95)),
  atMost('span of a request where no SDK is installed, in ns', round(micro['span of a request, no SDK'], 0), 1_000),
  atMost('a scrape, in ms', round(scrape, 1), 20),
];
report('observe', { database: database.description, settings, targets, rows: [...rows, ...Object.entries(micro).map(([operation, ns]) => ({ operation, ns: round(ns, 0) }))], rounds });
for (const { child } of [...Object.values(servers), loader]) await stop(child);
await database.close();
process.exit(0);
