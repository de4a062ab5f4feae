/** The figures that the API has in memory, against a plain count of the documents: docs/statistics.md says what each means. */
import { setTimeout as delay } from 'node:timers/promises';

const MINUTE = 60_000;
/** By which a quantile may differ from the exact one (DDSketch). */
const BOUND = 0.01;
const QUANTILES = { p50: 0.5, p95: 0.95, p99: 0.99, max: 1 };
const STATUSES = ['queued', 'processing', 'completed', 'failed', 'dlq', 'archived'];
const EVENTS = {
  enqueued: ({ enqueuedAt }) => enqueuedAt,
  started: ({ processingStartedAt }) => processingStartedAt,
  completed: ({ completedAt }) => completedAt,
  failed: ({ failedAt }) => failedAt,
  dlq: ({ status, failedAt }) => (status === 'dlq' || status === 'archived' ? failedAt : undefined),
  archived: ({ status, archivedAt }) => (status === 'archived' ? archivedAt : undefined),
};
const SPANS = {
  wait: ({ status, enqueuedAt, processingStartedAt }) => (status === 'queued' ? undefined : [enqueuedAt, processingStartedAt]),
  run: ({ status, processingStartedAt, completedAt, failedAt }) =>
    ({ completed: [processingStartedAt, completedAt], failed: [processingStartedAt, failedAt], dlq: [processingStartedAt, failedAt], archived: [processingStartedAt, failedAt] })[status],
};
const FAILURE = (document) => document.failedAt && typeof document.errorMessage === 'string';

const QUERY = `query ($from: DateTime!, $to: DateTime!) {
  queues {
    name
    stats { ${STATUSES.join(' ')} unknown total exact source }
    throughput(from: $from, to: $to) { start ${Object.keys(EVENTS).join(' ')} wait { count max p50 p95 p99 } run { count max p50 p95 p99 } }
  }
  errorGroups(from: $from, first: 200) { category count queueNames }
}`;

async function answered(url, variables) {
  const response = await fetch(new URL('/graphql', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: QUERY, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(errors[0].message);
  return data;
}

async function untilFromMemory(url) {
  const health = new URL('/health/ready', url);
  for (let tries = 0; tries < 600; tries += 1) {
    if ((await (await fetch(health)).json()).statistics.state === 'READY') return;
    await delay(100);
  }
  throw new Error('the figures were not READY within a minute');
}

const minuteOf = (instant) => Math.floor(instant.getTime() / MINUTE) * MINUTE;

/** How often each value is there. */
function tally(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** A quantile may be that of either neighbour in rank. */
function withinBound(shown, sorted, quantile) {
  const rank = quantile * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(rank)], sorted[Math.ceil(rank)]];
  return shown >= low * (1 - BOUND) - 1e-6 && shown <= high * (1 + BOUND) + 1e-6;
}

/**
 * @returns `compared`: how many figures; `differences`: one text for each that is not what the documents say.
 */
export async function compareFigures(url, collection, since) {
  await untilFromMemory(url);
  const from = new Date(minuteOf(since));
  const to = new Date(minuteOf(new Date()) + MINUTE);
  const { queues, errorGroups } = await answered(url, { from, to });
  const documents = await collection.find({}).toArray();
  const differences = [];
  let compared = 0;
  const compare = (what, shown, right, agrees = shown === right) => {
    compared += 1;
    if (!agrees) differences.push(`${what}: ${JSON.stringify(shown)}, and ${JSON.stringify(right)} by the documents`);
  };

  const names = [...new Set(documents.map(({ queueName }) => queueName))].sort();
  compare('queues', queues.map(({ name }) => name).sort().join(), names.join());
  for (const { name, stats, throughput } of queues) {
    const own = documents.filter(({ queueName }) => queueName === name);
    const byStatus = tally(own.map(({ status }) => status));
    for (const status of STATUSES) compare(`${name} ${status}`, stats[status], byStatus.get(status) ?? 0);
    compare(`${name} total`, stats.total, own.length);
    compare(`${name} unknown`, stats.unknown, 0);
    compare(`${name} source`, `${stats.source}, exact: ${stats.exact}`, 'STREAM, exact: true');
    for (const [event, at] of Object.entries(EVENTS)) {
      const byMinute = tally(own.flatMap((document) => (at(document) instanceof Date ? [minuteOf(at(document))] : [])));
      for (const bucket of throughput) compare(`${name} ${event} ${bucket.start}`, bucket[event], byMinute.get(Date.parse(bucket.start)) ?? 0);
    }
    for (const [span, ends] of Object.entries(SPANS)) {
      for (const bucket of throughput) {
        const sorted = own
          .flatMap((document) => {
            const [begin, end] = ends(document) ?? [];
            const measured = begin instanceof Date && end instanceof Date && minuteOf(end) === Date.parse(bucket.start);
            return measured ? [Math.max(0, end.getTime() - begin.getTime())] : [];
          })
          .sort((a, b) => a - b);
        compare(`${name} ${span} ${bucket.start}`, bucket[span].count, sorted.length);
        if (sorted.length === 0) continue;
        for (const [figure, quantile] of Object.entries(QUANTILES)) {
          compare(`${name} ${span} ${figure} ${bucket.start}`, bucket[span][figure], sorted[Math.floor(quantile * (sorted.length - 1))], withinBound(bucket[span][figure], sorted, quantile));
        }
      }
    }
  }

  const failures = documents.filter(FAILURE);
  const byCategory = tally(failures.map(({ errorCategory }) => (errorCategory ?? 'unknown').toUpperCase()));
  const categories = new Set([...byCategory.keys(), ...errorGroups.map(({ category }) => category)]);
  for (const category of categories) {
    const shown = errorGroups.filter((group) => group.category === category).reduce((sum, { count }) => sum + count, 0);
    compare(`failures ${category}`, shown, byCategory.get(category) ?? 0);
  }
  return { compared, differences };
}
