import assert from 'node:assert/strict';

import { documentKey } from '../../../../src/stats/fold/document-key.js';
import { type FoldReading, OTHER_QUEUES, type ProcessingEntry } from '../../../../src/stats/fold/types.js';
import type { ErrorGroup, LatencySummary } from '../../../../src/stats/types.js';
import type { StoredDocument } from '../../../../src/model/execution.js';
import { otherFingerprintOf } from '../../../../src/model/fingerprint/fingerprint.js';
import { ascending, failedAt, type NaiveGroup, NaiveStatistics, queuesOf, type Width, WIDTHS } from '../../../support/naive-statistics.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const keysOf = (documents: readonly StoredDocument[]): string[] => documents.map(({ _id }) => documentKey(_id));

type Depth = ReturnType<NaiveStatistics['depth']>;
const STATUSES = ['queued', 'processing', 'completed', 'failed', 'dlq', 'archived'] as const;
const EMPTY_DEPTH: Depth = { queued: 0, processing: 0, completed: 0, failed: 0, dlq: 0, archived: 0 };

function compareLatency(found: LatencySummary, exact: readonly number[], where: string): void {
  assert.equal(found.count, exact.length, `${where}: count`);
  if (exact.length === 0) {
    assert.deepEqual(found, { count: 0, p50: null, p95: null, p99: null, max: null }, where);
    return;
  }
  const quantiles = [
    [found.p50, 0.5],
    [found.p95, 0.95],
    [found.p99, 0.99],
    [found.max, 1],
  ] as const;
  for (const [value, quantile] of quantiles) {
    const expected = exact[Math.floor(quantile * (exact.length - 1))] ?? NaN;
    assert.ok(value !== null && Math.abs(value - expected) <= expected * 0.01 * (1 + 1e-9), `${where}: q${quantile} is ${value}, exactly ${expected}`);
  }
}

/** A series against the buckets of documents: over all of its window, and a bucket beyond each end. */
function compareSeries(fold: FoldReading, naive: NaiveStatistics, queueName: string | null, documents: readonly StoredDocument[]): void {
  for (const interval of Object.keys(WIDTHS) as Width[]) {
    const width = WIDTHS[interval];
    const from = Math.floor((width < HOUR ? naive.minuteStart : naive.hourStart) / width) * width - width;
    const to = Math.ceil(naive.end / width) * width + width;
    const buckets = fold.throughput(queueName, from, to, interval);
    const depths = fold.history(queueName, from, to, interval);
    assert.equal(buckets.length, (to - from) / width);
    assert.equal(depths.length, buckets.length);

    // Only buckets where something may have happened are recomputed; the others must be empty.
    const touched = new Set(documents.flatMap((document) => Object.values(document).map((value) => (value instanceof Date ? Math.floor(value.getTime() / width) : -1))));
    for (const [index, bucket] of buckets.entries()) {
      const { start, enqueued, started, completed, failed, dlq, archived, wait, run } = bucket;
      const instant = from + index * width;
      if (start.getTime() === instant && !touched.has(instant / width)) {
        const sum = enqueued + started + completed + failed + dlq + archived + wait.count + run.count;
        if (sum === 0 && wait.max === null && run.max === null) continue;
      }
      const where = `${String(queueName)} ${interval} ${start.toISOString()}`;
      assert.equal(start.getTime(), instant, where);
      const expected = naive.bucket(documents, instant, width);
      assert.deepEqual({ enqueued, started, completed, failed, dlq, archived }, expected.events, where);
      compareLatency(wait, expected.wait, `${where}: wait`);
      compareLatency(run, expected.run, `${where}: run`);
    }

    const begin = width < HOUR ? naive.minuteStart : naive.hourStart;
    let previous: Depth | null = null;
    for (const [index, depth] of depths.entries()) {
      const instant = from + index * width;
      // Where nothing happened in the bucket before, the depth is what it was.
      const expected: Depth = instant < begin || instant > naive.end ? EMPTY_DEPTH : previous !== null && !touched.has(instant / width - 1) ? previous : naive.depth(documents, instant);
      if (depth.at.getTime() !== instant || STATUSES.some((status) => depth[status] !== expected[status])) {
        assert.deepEqual(depth, { at: new Date(instant), ...expected }, `${String(queueName)} ${interval}`);
      }
      previous = instant < begin ? null : expected;
    }
  }
}

function compareActive(fold: FoldReading, naive: NaiveStatistics, queueName: string | null): void {
  const expected = naive.processing(queueName);
  const walked: ProcessingEntry[] = [];
  for (let after: ProcessingEntry | null = null; ; after = walked.at(-1) ?? null) {
    const page = fold.processing(queueName, after, 2);
    walked.push(...page);
    if (page.length < 2) break;
  }
  const startOf = (document: StoredDocument): number => (document['processingStartedAt'] as Date).getTime();
  assert.deepEqual(walked.map(({ startedAt }) => startedAt), expected.map(startOf).sort(ascending));
  assert.deepEqual(
    walked.map(({ startedAt, documentId }) => `${startedAt} ${documentKey(documentId)}`).sort(),
    expected.map((document) => `${startOf(document)} ${documentKey(document._id)}`).sort(),
  );
  if (queueName === null) return;
  for (const instant of [0, naive.now - HOUR, naive.now, ...expected.map(startOf)]) {
    assert.equal(fold.startedBefore(queueName, new Date(instant)), expected.filter((document) => startOf(document) < instant).length);
  }
}

/** Bounds that are known of a group whatever was deleted: the exact instants where they are kept, else their minute or hour. */
function compareSeen(group: ErrorGroup, expected: NaiveGroup, naive: NaiveStatistics): void {
  const [first, last] = [group.firstSeenAt.getTime(), group.lastSeenAt.getTime()];
  assert.ok(first <= expected.firstSeenAt && Math.floor(first / HOUR) === Math.floor(expected.firstSeenAt / HOUR), 'firstSeenAt');
  const width = expected.lastSeenAt >= naive.minuteStart ? MINUTE : HOUR;
  assert.ok(last >= expected.lastSeenAt && Math.floor(last / width) === Math.floor(expected.lastSeenAt / width), 'lastSeenAt');
}

function compareGroup(group: ErrorGroup, expected: NaiveGroup, naive: NaiveStatistics, allNames: boolean): void {
  assert.equal(group.category, expected.category);
  assert.equal(group.message, expected.message);
  assert.equal(group.count, expected.documents.length, `${group.message}: count`);
  if (allNames) assert.deepEqual(group.queueNames, expected.queueNames);
  compareSeen(group, expected, naive);
}

export interface Limits {
  /** All queues have buckets of their own, and all failures groups. */
  readonly generous: boolean;
}

export function compareGroups(fold: FoldReading, naive: NaiveStatistics, queueName: string | null, queueNames: readonly string[] | null, { generous }: Limits): void {
  const { now } = naive;
  const ranges: [number, number][] = [
    [naive.hourStart, Infinity],
    [now - 30 * DAY, now],
    [now - 7 * DAY, now - 2 * DAY],
    [now - 25 * HOUR, now - 23 * HOUR],
    [naive.minuteStart, now],
    [naive.minuteStart - 1, naive.minuteStart + 1],
    [now - 2 * HOUR - 7, now - 90 * MINUTE],
    [now - 10 * MINUTE, now + 30 * HOUR],
    [now - 40 * DAY, now - 29 * DAY],
  ];
  for (const [from, to] of ranges) {
    const expected = new Map(naive.errorGroups(queueNames, from, to).map((group) => [group.fingerprint, group]));
    const found = fold.errorGroups(queueName, from, to);
    const left = new Map<string, number>();
    for (const group of expected.values()) left.set(group.category, (left.get(group.category) ?? 0) + group.documents.length);
    for (const group of found) {
      left.set(group.category, (left.get(group.category) ?? 0) - group.count);
      if (group.fingerprint === otherFingerprintOf(group.category).fingerprint) {
        assert.ok(!generous, 'nothing goes to the others while there is room');
        continue;
      }
      const same = expected.get(group.fingerprint);
      assert.ok(same !== undefined, `${group.message} has failures in the range`);
      compareGroup(group, same, naive, generous && queueName === null);
      compareSamples(group, same, naive, queueNames);
    }
    for (const [category, count] of left) assert.equal(count, 0, `failures of ${category} are in a group or among the others`);
    if (generous) assert.equal(found.length, expected.size);
  }
}

/** The failures of each group over time, those of the present and the edges of the windows among them. */
function compareFailures(fold: FoldReading, naive: NaiveStatistics, queueName: string | null, queueNames: readonly string[] | null, { generous }: Limits): void {
  const known = new Set(fold.errorGroups(queueName, naive.hourStart, Infinity).map(({ fingerprint }) => fingerprint));
  for (const { fingerprint, documents, message } of naive.errorGroups(queueNames, naive.hourStart, Infinity)) {
    if (!known.has(fingerprint)) assert.ok(!generous, `${message} has a group of its own`);
    else {
      for (const [interval, width] of Object.entries(WIDTHS) as [Width, number][]) {
        const begin = width < HOUR ? naive.minuteStart : naive.hourStart;
        const from = Math.floor(begin / width) * width - width;
        const to = Math.ceil((naive.now + 2 * HOUR) / width) * width;
        const counts = new Map<number, number>();
        for (const at of documents.map(failedAt).filter((instant) => instant >= begin)) {
          const start = at - (at % width);
          counts.set(start, (counts.get(start) ?? 0) + 1);
        }
        const found = fold.failures(fingerprint, queueName, from, to, interval);
        assert.equal(found.length, (to - from) / width);
        found.forEach(({ start, count }, index) => {
          assert.equal(start.getTime(), from + index * width);
          assert.equal(count, counts.get(start.getTime()) ?? 0, `${message} ${interval} ${start.toISOString()}`);
        });
      }
    }
  }
}

/** Samples are failures of the group that exist, the newest first. */
function compareSamples(group: ErrorGroup, expected: NaiveGroup, naive: NaiveStatistics, queueNames: readonly string[] | null): void {
  const all = naive.errorGroups(queueNames, naive.hourStart, Infinity).find(({ fingerprint }) => fingerprint === group.fingerprint)?.documents ?? [];
  const samples = group.sampleIds.map((id) => all.find((document) => documentKey(document._id) === documentKey(id)));
  assert.ok(samples.every((sample) => sample !== undefined), 'samples exist');
  const instants = samples.map(failedAt);
  assert.deepEqual(instants, [...instants].sort((a, b) => b - a));
  const within = keysOf(expected.documents);
  const inRange = keysOf(samples).filter((key) => within.includes(key));
  assert.ok(inRange.length === 0 || inRange.length === samples.length, 'samples are of the range where there are any');
}

/** All reads of the fold against a recomputation from the documents. Names may be asked for that no document has. */
export function compare(fold: FoldReading, documents: readonly StoredDocument[], now: number, names: readonly string[], limits: Limits): void {
  const naive = new NaiveStatistics(documents, now);
  compareSeries(fold, naive, null, documents);
  compareActive(fold, naive, null);
  compareGroups(fold, naive, null, null, limits);
  compareFailures(fold, naive, null, null, limits);

  const kept = naive.queueNames.filter((name) => fold.counts(name)?.exact === true);
  if (limits.generous) assert.deepEqual(kept, naive.queueNames);
  assert.deepEqual(fold.queueNames(), kept);
  assert.equal(fold.allQueuesKept, kept.length === naive.queueNames.length);
  for (const name of new Set([...names, ...naive.queueNames])) {
    const found = fold.counts(name);
    if (!naive.queueNames.includes(name) && fold.allQueuesKept) assert.equal(found, null);
    if (!kept.includes(name)) {
      if (naive.queueNames.includes(name)) assert.deepEqual(found, { queued: 0, processing: 0, completed: 0, failed: 0, dlq: 0, archived: 0, unknown: 0, exact: false });
      continue;
    }
    assert.deepEqual(found, { ...naive.counts([name]), exact: true }, `counts of ${name}`);
    assert.equal(fold.oldestQueuedAt(name)?.getTime() ?? null, naive.oldestQueuedAt(name));
    compareActive(fold, naive, name);
    if (!fold.hasOwnBuckets(name)) continue;
    compareSeries(fold, naive, name, naive.of([name]));
    compareLatency(fold.runLatency(name), naive.runs(name), `${name}: runs of 24 h`);
    compareGroups(fold, naive, name, [name], limits);
    compareFailures(fold, naive, name, [name], limits);
  }

  const others = naive.queueNames.filter((name) => !kept.includes(name) || !fold.hasOwnBuckets(name));
  if (limits.generous) assert.deepEqual(others, []);
  compareSeries(fold, naive, OTHER_QUEUES, naive.of(others));
  assert.deepEqual(fold.counts(OTHER_QUEUES), others.length === 0 ? null : { ...naive.counts(others), exact: true });
  if (others.length > 0) {
    const inOthers = documents.filter((document) => queuesOf(document).some((name) => others.includes(name)));
    assert.deepEqual(
      fold.errorGroups(OTHER_QUEUES, naive.hourStart, Infinity).reduce((sum, { count }) => sum + count, 0),
      new NaiveStatistics(inOthers, now).errorGroups(null, naive.hourStart, Infinity).reduce((sum, { documents: found }) => sum + found.length, 0),
    );
  }
}

/** Everything that can be read, as one value: for two folds that must be alike in all. */
export function observe(fold: FoldReading, now: number, names: readonly string[]): unknown {
  const naive = new NaiveStatistics([], now);
  const of = (queueName: string | null): unknown => ({
    processing: fold.processing(queueName, null, 1_000),
    failures: fold.errorGroups(queueName, naive.hourStart, Infinity).map(({ fingerprint }) => [fingerprint, fold.failures(fingerprint, queueName, naive.hourStart, naive.hourStart + 31 * DAY, 'DAY')]).sort(),
    groups: [...fold.errorGroups(queueName, naive.hourStart, Infinity)].sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1)),
    throughput: [
      fold.throughput(queueName, naive.minuteStart, now - (now % MINUTE) + 26 * HOUR, 'MINUTE'),
      fold.throughput(queueName, naive.hourStart, now - (now % DAY) + 2 * DAY, 'DAY'),
    ].map((buckets) => buckets.filter((bucket) => bucket.enqueued + bucket.started + bucket.completed + bucket.failed + bucket.archived > 0)),
    history: fold.history(queueName, naive.hourStart, now - (now % HOUR) + 25 * HOUR, 'HOUR'),
  });
  return {
    names: fold.queueNames(),
    allQueuesKept: fold.allQueuesKept,
    all: of(null),
    queues: [...names, OTHER_QUEUES].map((name) => ({
      name,
      counts: fold.counts(name),
      own: fold.hasOwnBuckets(name),
      oldest: fold.oldestQueuedAt(name),
      stuck: fold.startedBefore(name, new Date(now)),
      runs: fold.runLatency(name),
      figures: of(name),
    })),
  };
}
