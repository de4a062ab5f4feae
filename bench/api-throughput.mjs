/**
 * A page of 50 and a lookup through the API, against the driver plus JSON.stringify over node:http, on one database.
 *   node bench/api-throughput.mjs [--documents 10000] [--rounds 3] [--seconds 5] [--connections 16]
 */
import { cpuSeconds, median, round } from './lib/measure.mjs';
import { ask, startApi, startScript, stop } from './lib/processes.mjs';
import { report } from './lib/report.mjs';
import { argument, openBenchDatabase, sampleDocument } from './lib/setup.mjs';

const settings = { documents: argument('documents', 10_000), rounds: argument('rounds', 3), seconds: argument('seconds', 5), connections: argument('connections', 16) };

const FIELDS = `taskId executionId queueName messageVersion status enqueuedAt processingStartedAt completedAt failedAt
  retryCount maxRetries errorMessage errorCategory metadata createdAt updatedAt`;
const PAGE = `query Page($queueName: [String!]!, $status: [TaskStatus!]!, $first: Int!) {
  tasks(filter: { queueName: $queueName, status: $status }, first: $first) { nodes { ${FIELDS} } pageInfo { hasNextPage } }
}`;
const LOOKUP = `query Lookup($executionId: ID!) { task(executionId: $executionId) { ${FIELDS} } }`;

const database = await openBenchDatabase();
const documents = Array.from({ length: settings.documents }, (_, index) => sampleDocument(index));
for (let at = 0; at < documents.length; at += 1_000) await database.collection.insertMany(documents.slice(at, at + 1_000));

const queues = Array.from({ length: 5 }, (_, index) => `bench_queue_${index}`);
const ids = documents.filter((_, index) => index % 37 === 0).map((document) => document.executionId);
const variables = {
  page: queues.map((queueName) => ({ queueName, status: 'COMPLETED', first: 50 })),
  lookup: ids.map((executionId) => ({ executionId })),
};
const operations = { page: PAGE, lookup: LOOKUP };
const bodies = {
  api: (kind) => variables[kind].map((each) => JSON.stringify({ query: operations[kind], variables: each })),
  raw: (kind) => variables[kind].map((each) => JSON.stringify({ variables: each })),
};

const api = await startApi(database.uri);
const raw = await startScript('raw-server.mjs', { uri: database.uri });
const load = await startScript('load.mjs', {});
const targets = {
  api: { pid: api.child.pid, port: Number(new URL(api.url).port), path: () => '/graphql' },
  raw: { pid: raw.child.pid, port: raw.ready.port, path: (kind) => `/${kind}` },
};

async function measure(name, kind, seconds) {
  const { pid, port, path } = targets[name];
  const before = cpuSeconds(pid);
  const result = await ask(load.child, { port, path: path(kind), bodies: bodies[name](kind), connections: settings.connections, seconds });
  if (result.errors > 0) throw new Error(`${name} ${kind}: ${result.errors} answers were errors`);
  return {
    perSecond: result.requests / seconds,
    p50: result.p50,
    p99: result.p99,
    cpuMs: ((cpuSeconds(pid) - before) * 1000) / result.requests,
  };
}

/** Both must answer the same rows before they are compared. */
async function assertSameAnswers() {
  const post = async (url, body) => (await (await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).json()).data;
  const rawUrl = `http://127.0.0.1:${targets.raw.port}`;
  const rowsOf = (list) => list.map((row) => JSON.stringify({ ...row, status: row.status.toLowerCase(), errorCategory: row.errorCategory?.toLowerCase() ?? null }));
  const page = await post(api.url, bodies.api('page')[0]);
  const rawPage = await post(`${rawUrl}/page`, bodies.raw('page')[0]);
  const lookup = await post(api.url, bodies.api('lookup')[0]);
  const rawLookup = await post(`${rawUrl}/lookup`, bodies.raw('lookup')[0]);
  const same = (a, b) => JSON.stringify(rowsOf(a)) === JSON.stringify(rowsOf(b));
  if (page.tasks.nodes.length !== 50 || !same(page.tasks.nodes, rawPage.nodes)) throw new Error('the pages differ');
  if (!same([lookup.task], [rawLookup])) throw new Error('the lookups differ');
}

await assertSameAnswers();
const rounds = [];
for (const kind of ['page', 'lookup']) for (const name of ['raw', 'api']) await measure(name, kind, 2);
for (let index = 0; index < settings.rounds; index++) {
  for (const kind of ['page', 'lookup']) {
    // The order alternates, so that neither always runs on a warmer machine.
    const order = index % 2 === 0 ? ['raw', 'api'] : ['api', 'raw'];
    const result = { kind };
    for (const name of order) result[name] = await measure(name, kind, settings.seconds);
    rounds.push(result);
    console.log(`round ${index + 1} ${kind}: raw ${round(result.raw.perSecond, 0)}/s, API ${round(result.api.perSecond, 0)}/s`);
  }
}

const rows = ['page', 'lookup'].map((kind) => {
  const own = rounds.filter((each) => each.kind === kind);
  const of = (name, figure) => median(own.map((each) => each[name][figure]));
  return {
    operation: kind === 'page' ? 'page of 50' : 'lookup by executionId',
    'raw/s': round(of('raw', 'perSecond'), 0),
    'api/s': round(of('api', 'perSecond'), 0),
    ratio: round(median(own.map((each) => each.api.perSecond / each.raw.perSecond))),
    'raw p50 ms': round(of('raw', 'p50')),
    'api p50 ms': round(of('api', 'p50')),
    'raw p99 ms': round(of('raw', 'p99')),
    'api p99 ms': round(of('api', 'p99')),
    'raw CPU ms': round(of('raw', 'cpuMs')),
    'api CPU ms': round(of('api', 'cpuMs')),
  };
});
report('api-throughput', { database: database.description, settings, rows, rounds });
for (const child of [load.child, raw.child, api.child]) await stop(child);
await database.close();
process.exit(0);
