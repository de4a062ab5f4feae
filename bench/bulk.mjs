/**
 * A bulk operation while the API is killed (-9): every execution archived exactly once, and counts that are right after
 * each death and at the end, though rivals archive some of the same executions by hand meanwhile. Three witnesses that
 * know nothing of one another: the documents, a change stream of the bench's own, and the audit log.
 * `test/fault/bulk.test.ts` runs it at a smaller size.
 *   node bench/bulk.mjs [--executions 10000] [--kills 1] [--replicas 1] [--rivals 100] [--seed 1] [--output FILE]
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { openExactnessDatabase } from './lib/exactness/database.mjs';
import { MortalApi } from './lib/exactness/faults.mjs';
import { round } from './lib/measure.mjs';
import { report } from './lib/report.mjs';
import { argument } from './lib/setup.mjs';

const REASON = 'archived by the bulk operation';
const LEASE_MS = 2_000;
const output = process.argv.includes('--output') ? process.argv[process.argv.indexOf('--output') + 1] : undefined;
const settings = {
  executions: argument('executions', 10_000),
  kills: argument('kills', 1),
  replicas: argument('replicas', 1),
  rivals: argument('rivals', 100),
  seed: argument('seed', 1),
};

/** Mulberry32: the same numbers for the same seed. */
let state = settings.seed;
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

const database = await openExactnessDatabase();
const { collection, client } = database;
const db = client.db(collection.dbName);
const audit = db.collection('task_tracker_audit');
const operations = db.collection('task_tracker_operations');

const now = new Date();
for (let start = 0; start < settings.executions; start += 1_000) {
  const count = Math.min(1_000, settings.executions - start);
  await collection.insertMany(
    Array.from({ length: count }, (_, index) => {
      const name = `bulk:${start + index}`;
      return { taskId: name, executionId: name, queueName: 'bulk', messageVersion: '1.0', status: 'dlq', enqueuedAt: now, failedAt: now, errorMessage: 'no', errorCategory: 'transient', retryCount: 5, maxRetries: 5, metadata: {}, createdAt: now, updatedAt: now };
    }),
  );
}

const apis = Array.from({ length: settings.replicas }, () => new MortalApi({ MONGODB_URI: database.uri, TASKTRACKER_BULK_LEASE_MS: String(LEASE_MS), TASKTRACKER_BULK_LIMIT: '100000' }));
for (const api of apis) await api.start();

/** How often each document became archived, as the database tells it. */
const archivals = new Map();
const stream = collection.watch([], { maxAwaitTimeMS: 250 });
stream.on('change', ({ operationType, documentKey, updateDescription }) => {
  if (operationType !== 'update' || updateDescription?.updatedFields?.status !== 'archived') return;
  const key = String(documentKey._id);
  archivals.set(key, (archivals.get(key) ?? 0) + 1);
});
await new Promise((resolve) => stream.once('resumeTokenChanged', resolve));

async function ask(query, variables) {
  const response = await fetch(apis[0].url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query, variables }) });
  const { data, errors } = await response.json();
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data;
}

const begun = performance.now();
const { bulk } = await ask('mutation ($input: BulkInput!) { bulk(input: $input) { operation { id matched } userErrors { message } } }', { input: { action: 'ARCHIVE', filter: { queueName: ['bulk'] }, reason: REASON } });
if (bulk.operation === null) throw new Error(JSON.stringify(bulk.userErrors));
const { id, matched } = bulk.operation;
const look = () => operations.findOne({ _id: id });

/** What the operation says that it has done, and what the others say; all of one cut, since nothing runs. */
async function witnesses() {
  const { processed, succeeded, skipped, failed, state: name } = await look();
  const [archived, entries] = await Promise.all([collection.countDocuments({ status: 'archived', archivedReason: REASON }), audit.countDocuments({ operationId: id, action: 'ARCHIVE' })]);
  return { state: name, processed, succeeded, skipped, failed, archived, entries };
}

let rivalry = 0;
let ended = false;
const rivals = (async () => {
  for (let tries = 0; tries < settings.rivals && !ended; tries += 1) {
    const executionId = `bulk:${Math.floor(random() * settings.executions)}`;
    const set = { status: 'archived', archivedReason: 'by hand', archivedBy: 'rival', archivedAt: new Date(), updatedAt: new Date() };
    const { modifiedCount } = await collection.updateOne({ executionId, status: 'dlq' }, { $set: set });
    rivalry += modifiedCount;
    await delay(random() * 20);
  }
})();

const rows = [];
for (let kill = 0; kill < settings.kills; kill += 1) {
  const wanted = Math.floor((matched * (kill + 1)) / (settings.kills + 1));
  for (let current = await look(); current.processed < wanted && current.state === 'RUNNING'; current = await look()) await delay(10);
  // Anywhere in a chunk.
  await delay(random() * 300);
  const victim = apis[kill % apis.length];
  const others = apis.filter((api) => api !== victim);
  if (others.length > 0) {
    await victim.die();
    rows.push({ after: `death ${kill + 1}, another replica alive`, ...(await look().then(({ state: name, processed, succeeded, skipped, failed }) => ({ state: name, processed, succeeded, skipped, failed }))) });
    continue;
  }
  await victim.kill();
  // What it left open is given up by the database when it sees that the connection is gone.
  await delay(1_000);
  rows.push({ after: `death ${kill + 1}`, ...(await witnesses()) });
  await victim.revive();
}
for (let current = await look(); current.state === 'RUNNING'; current = await look()) await delay(50);
const seconds = (performance.now() - begun) / 1_000;
ended = true;
await rivals;
// The stream has told everything that was committed by now when it has told of every document.
for (const deadline = Date.now() + 60_000; archivals.size < matched && Date.now() < deadline; ) await delay(100);
rows.push({ after: 'the end', ...(await witnesses()) });

const last = rows.at(-1);
const executionIds = await audit.distinct('executionId', { operationId: id, action: 'ARCHIVE' });
const twice = [...archivals.values()].filter((times) => times !== 1).length;
const unlike = rows.filter((row) => row.archived !== undefined && (row.succeeded !== row.archived || row.succeeded !== row.entries)).length;
const exactly = (target, measured, wanted) => ({ target: `${target} = ${wanted}`, measured, ok: measured === wanted });
const targets = [
  exactly('matched', matched, settings.executions),
  exactly('state', last.state, 'COMPLETED'),
  exactly('processed', last.processed, matched),
  exactly('failed', last.failed, 0),
  exactly('succeeded, where rivals had some', last.succeeded, matched - rivalry),
  exactly('skipped: what rivals had', last.skipped, rivalry),
  exactly('documents archived by it', last.archived, last.succeeded),
  exactly('entries of the audit log', last.entries, last.succeeded),
  exactly('executions that the entries name', executionIds.length, last.succeeded),
  exactly('documents that became archived, by the change stream', archivals.size, matched),
  exactly('of them more than once', twice, 0),
  exactly('moments at which the witnesses disagree', unlike, 0),
];
const totals = { seconds: round(seconds), perSecond: round(matched / seconds), kills: apis.reduce((sum, { deaths }) => sum + deaths, 0), rivalry };
console.log(totals);
if (output === undefined) report('bulk', { database: database.description, settings: { ...settings, leaseMs: LEASE_MS }, rows, rounds: [totals], targets });
else writeFileSync(output, JSON.stringify({ totals, rows, targets }));
for (const api of apis) await api.stop();
await stream.close();
await database.close();
process.exit(targets.every(({ ok }) => ok) ? 0 : 1);
