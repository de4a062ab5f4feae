import { randomUUID } from 'node:crypto';

/** Made-up tasks with a past, the same in every run but for the time: what pictures and large lists are made from. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const QUEUES = [
  { name: 'partner_tasks', perHour: 260, runMs: 5_200, waitMs: 1_400, failing: 0.06, type: 'partner', waiting: 14, running: 5 },
  { name: 'jobs', perHour: 420, runMs: 900, waitMs: 250, failing: 0.012, type: 'jobs', waiting: 3, running: 4 },
  { name: 'notifications', perHour: 700, runMs: 140, waitMs: 60, failing: 0.02, type: 'notifications', waiting: 0, running: 2 },
  { name: 'thumbnails', perHour: 310, runMs: 2_300, waitMs: 8_000, failing: 0.004, type: 'thumbnails', waiting: 231, running: 8 },
  { name: 'invoices', perHour: 45, runMs: 12_000, waitMs: 3_000, failing: 0.03, type: 'invoices', waiting: 2, running: 1 },
  { name: 'search_index', perHour: 150, runMs: 420, waitMs: 90, failing: 0, type: 'search', waiting: 0, running: 0 },
  { name: 'nightly_reports', perHour: 3, runMs: 340_000, waitMs: 900, failing: 0.1, type: 'reports', waiting: 1, running: 2, stuck: 2 },
  { name: 'webhooks.outgoing.eu-central-1', perHour: 380, runMs: 310, waitMs: 70, failing: 0.09, type: 'webhooks', waiting: 6, running: 3 },
  { name: 'data_export.customer_requested.gdpr_article_20.very_large_archives', perHour: 2, runMs: 95_000, waitMs: 20_000, failing: 0, type: 'export', waiting: 1, running: 1 },
  { name: 'übersetzungen/de-AT', perHour: 12, runMs: 1_800, waitMs: 600, failing: 0.05, type: 'i18n', waiting: 0, running: 0 },
];

const FAILURES = [
  { category: 'partner_api', message: (n) => `SATLOC answered 503 Service Unavailable for log ${n}` },
  { category: 'transient', message: (n) => `connect ETIMEDOUT 10.4.${n % 200}.17:443` },
  { category: 'validation', message: (n) => `field "aircraft.id" is missing in log ${n}` },
  { category: 'processing', message: (n) => `Cannot read properties of undefined (reading 'rows') in job ${n}` },
  { category: 'infrastructure', message: (n) => `ENOSPC: no space left on device, write '/data/out/${n}.zip'` },
];

/** A generator of numbers in [0, 1) that begins the same each time (mulberry32). */
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Long-tailed around a middle, as waits and run times are. */
function spread(random, middle) {
  return Math.max(1, Math.round(middle * Math.exp((random() + random() + random() - 1.5) * 1.1)));
}

function base(queue, number, enqueuedAt) {
  return {
    taskId: `${queue.type}:${queue.tenant ?? ''}${20_000 + number}:userId${100 + (number % 37)}:process`,
    executionId: randomUUID(),
    queueName: queue.name,
    messageVersion: '1.0',
    enqueuedAt,
    retryCount: 0,
    maxRetries: 5,
    metadata: { partnerCode: ['SATLOC', 'AGNAV', 'TRIMBLE'][number % 3], logId: String(number).padStart(5, '0'), customerId: `userId${100 + (number % 37)}` },
    createdAt: enqueuedAt,
  };
}

function ended(random, queue, number, at) {
  const wait = spread(random, queue.waitMs);
  const run = spread(random, queue.runMs);
  const processingStartedAt = new Date(at - run);
  const task = { ...base(queue, number, new Date(at - run - wait)), processingStartedAt, updatedAt: new Date(at) };
  if (random() >= queue.failing) return { ...task, status: 'completed', completedAt: new Date(at) };
  const failure = FAILURES[Math.floor(random() * random() * FAILURES.length)];
  const fate = random();
  const failed = {
    ...task,
    failedAt: new Date(at),
    errorMessage: failure.message(number),
    errorCategory: failure.category,
    errorStack: `Error: ${failure.message(number)}\n    at process (/app/workers/${queue.type}.js:${40 + (number % 50)}:11)\n    at async run (/app/queue.js:88:5)`,
  };
  if (fate < 0.45) return { ...failed, status: 'failed', retryCount: number % 4 };
  if (fate < 0.8) return { ...failed, status: 'dlq', retryCount: 5 };
  return { ...failed, status: 'archived', retryCount: 5, archivedAt: new Date(at), archivedReason: 'Known outage of the partner', archivedBy: 'operator' };
}

/** More by day than by night, and a dip now and then. */
function load(random, at) {
  const hour = new Date(at).getUTCHours() + new Date(at).getUTCMinutes() / 60;
  return (0.65 + 0.35 * Math.sin(((hour - 8) / 24) * 2 * Math.PI)) * (0.75 + 0.5 * random());
}

function* tasksOf(queue, { random, now, scale }) {
  let number = 0;
  const spans = [
    { from: 24 * HOUR, to: 0, every: 5 * MINUTE, part: 1 },
    { from: 30 * 24 * HOUR, to: 24 * HOUR, every: 3 * HOUR, part: 0.015 },
  ];
  for (const { from, to, every, part } of spans) {
    for (let at = now - from; at < now - to; at += every) {
      const wanted = queue.perHour * scale * part * load(random, at) * (every / HOUR);
      const count = Math.floor(wanted + random());
      for (let index = 0; index < count; index += 1) yield ended(random, queue, (number += 1), Math.min(now - 500, at + random() * every));
    }
  }
  for (let index = 0; index < queue.waiting; index += 1) {
    const enqueuedAt = new Date(now - spread(random, queue.waitMs * 4) - index * 400);
    yield { ...base(queue, (number += 1), enqueuedAt), status: 'queued', updatedAt: enqueuedAt };
  }
  for (let index = 0; index < queue.running; index += 1) {
    const ran = index < (queue.stuck ?? 0) ? 50 * MINUTE + index * 17 * MINUTE : random() * queue.runMs;
    const startedAt = new Date(now - ran);
    yield { ...base(queue, (number += 1), new Date(now - ran - queue.waitMs)), status: 'processing', processingStartedAt: startedAt, updatedAt: startedAt };
  }
}

/**
 * Inserts tasks of ten queues over the last 30 days.
 *
 * @param collection `task_trackers`, of the driver
 * @param {{ scale?: number, queues?: number, now?: number }} options scale: 1 is about 45,000 tasks; queues: how many in all, the
 *   further ones small
 * @returns how many tasks there are now
 */
export async function seedTasks(collection, { scale = 0.15, queues = QUEUES.length, now = Date.now() } = {}) {
  const random = randomFrom(20_261_124);
  const more = Array.from({ length: Math.max(0, queues - QUEUES.length) }, (_, index) => ({
    ...QUEUES[index % 6],
    name: `tenant_${String(index + 1).padStart(3, '0')}.${QUEUES[index % 6].name}`,
    tenant: `t${index + 1}-`,
    perHour: QUEUES[index % 6].perHour / 60,
    waiting: index % 4,
    running: index % 3,
  }));
  let batch = [];
  let total = 0;
  const flush = async () => {
    if (batch.length > 0) await collection.insertMany(batch, { ordered: false });
    total += batch.length;
    batch = [];
  };
  for (const queue of [...QUEUES, ...more]) {
    for (const task of tasksOf(queue, { random, now, scale })) {
      batch.push(task);
      if (batch.length === 1_000) await flush();
    }
  }
  await flush();
  return total;
}

/** Inserts dead letters of one queue, the last two hours full of them: something to do for a bulk operation. */
export async function seedDeadLetters(collection, count, { now = Date.now() } = {}) {
  const random = randomFrom(20_261_124);
  const queue = QUEUES.find(({ name }) => name === 'partner_tasks');
  const [{ category, message }] = FAILURES;
  const tasks = Array.from({ length: count }, (_, index) => {
    const enqueuedAt = new Date(now - 2 * HOUR + (index / count) * 110 * MINUTE);
    const processingStartedAt = new Date(enqueuedAt.getTime() + spread(random, queue.waitMs));
    const failedAt = new Date(processingStartedAt.getTime() + spread(random, queue.runMs));
    return { ...base(queue, index, enqueuedAt), status: 'dlq', processingStartedAt, failedAt, updatedAt: failedAt, retryCount: 5, errorCategory: category, errorMessage: message(20_000 + index) };
  });
  await collection.insertMany(tasks);
}

/** The executions of `seedChain`, oldest first. */
export const CHAIN = ['9a0c3f62-51b7-4c1e-8f0d-2f6f0c7c1a01', '9a0c3f62-51b7-4c1e-8f0d-2f6f0c7c1a02', '9a0c3f62-51b7-4c1e-8f0d-2f6f0c7c1a03', '9a0c3f62-51b7-4c1e-8f0d-2f6f0c7c1a04'];

/** Inserts a task that failed three times, of which the last attempt is dead, and whose metadata changed on the way. */
export async function seedChain(collection, { now = Date.now() } = {}) {
  const taskId = 'partner:SATLOC:aircraft-D-EWEB:log-20222:import-flight-data';
  const stack = (message) =>
    `${message}\n    at PartnerClient.#request (/app/node_modules/@fleet/partner-client/dist/http/request.js:214:17)\n    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)\n    at async importFlightData (/app/workers/partner/import-flight-data.js:88:20)\n    at async Worker.#run (/app/queue/worker.js:141:7)`;
  const attempts = [
    { ago: 47 * MINUTE, wait: 4_200, run: 31_000, status: 'failed', category: 'transient', message: 'connect ETIMEDOUT 10.4.17.20:443' },
    { ago: 31 * MINUTE, wait: 9_800, run: 30_200, status: 'failed', category: 'transient', message: 'connect ETIMEDOUT 10.4.17.20:443' },
    { ago: 9 * MINUTE, wait: 2_100, run: 12_400, status: 'failed', category: 'partner_api', message: 'SATLOC answered 503 Service Unavailable for log 20222' },
    { ago: 6 * MINUTE, wait: 14_000, run: 8_300, status: 'dlq', category: 'validation', message: 'field "aircraft.id" is missing in log 20222' },
  ];
  await collection.insertMany(
    attempts.map(({ ago, wait, run, status, category, message }, index) => {
      const at = (ms) => new Date(now - ago + ms);
      return {
        taskId,
        executionId: CHAIN[index],
        queueName: 'partner_tasks',
        messageVersion: index < 3 ? '1.0' : '1.1',
        status,
        enqueuedAt: at(0),
        processingStartedAt: at(wait),
        failedAt: at(wait + run),
        retryCount: index,
        maxRetries: 3,
        errorCategory: category,
        errorMessage: message,
        errorStack: stack(`Error: ${message}`),
        lastRetryAt: index === 0 ? undefined : at(0),
        metadata: {
          partnerCode: 'SATLOC',
          logId: '20222',
          customerId: 'userId117',
          aircraft: index < 3 ? { id: 'D-EWEB', type: 'AT-802' } : { type: 'AT-802' },
          files: [{ name: 'flight-20222.log', bytes: 1_482_211, checksum: '5e884898da28047151d0e56f8dc62927' }, { name: 'boundary.kml', bytes: 8_210 }],
          options: { dryRun: false, notify: true, host: index < 2 ? '10.4.17.20' : 'api.satloc.example' },
        },
        createdAt: at(0),
        updatedAt: at(wait + run),
      };
    }),
  );
}
