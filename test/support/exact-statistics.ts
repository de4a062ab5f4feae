import type mongoose from 'mongoose';
import { expect } from 'vitest';

import { addTo } from '../../src/stats/counted.js';
import { createFold } from '../../src/stats/fold/fold.js';
import { INTERVAL_MS } from '../../src/stats/fold/windows.js';
import { Random, randomFields, randomId } from './random-tasks.js';
import type { TestStatistics } from './statistics.js';

const QUEUES = ['a', 'b', 'c', 'list'];

/** Writers of the kind that old tools are: inserts, updates, replacements and deletions of any document, by any id. */
export class Writers implements AsyncDisposable {
  readonly #collection: mongoose.mongo.Collection;
  readonly #ids: unknown[];
  #stopped = false;
  readonly #running: Promise<void>[];
  writes = 0;

  /** @param ids of documents that are there, to be changed as well */
  constructor(connection: mongoose.Connection, seed: number, count: number, ids: readonly unknown[] = []) {
    this.#ids = [...ids];
    this.#collection = connection.collection('task_trackers') as unknown as mongoose.mongo.Collection;
    this.#running = Array.from({ length: count }, (_, index) => this.#write(new Random(seed * 100 + index)));
  }

  async #write(random: Random): Promise<void> {
    while (!this.#stopped) {
      this.writes += 1;
      const now = Date.now();
      const filter = { _id: random.pick(this.#ids) as never };
      const kind = this.#ids.length < 20 ? 0 : random.below(10);
      if (kind < 3) {
        const _id = randomId(random);
        await this.#collection.insertOne({ _id, ...randomFields(random, now, QUEUES) } as never).then(
          () => this.#ids.push(_id),
          () => undefined,
        );
      } else if (kind < 7) await this.#collection.updateOne(filter, { $set: randomFields(random, now, QUEUES) });
      else if (kind === 7) await this.#collection.replaceOne(filter, randomFields(random, now, QUEUES));
      else if (kind === 8) await this.#collection.updateOne(filter, { $unset: { failedAt: 1 }, $set: { 'metadata.weight': random.below(10) } });
      else await this.#collection.deleteOne(filter);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** @returns the ids of the documents */
export async function seedTasks(connection: mongoose.Connection, count: number, random: Random): Promise<readonly unknown[]> {
  const documents = Array.from({ length: count }, () => ({ _id: randomId(random), ...randomFields(random, Date.now(), QUEUES) }));
  await connection.collection('task_trackers').insertMany(documents as never[], { ordered: false }).catch(() => undefined);
  return documents.map(({ _id }) => _id);
}

/** Every figure against a fold that is made anew from the documents as they are. */
export async function expectExact(connection: mongoose.Connection, { statistics, settled }: TestStatistics): Promise<void> {
  await settled();
  const documents = await connection.collection('task_trackers').find().toArray();
  const fresh = createFold({ clock: Date.now });
  for (const document of documents) addTo(fresh, document);
  expect(await statistics.queueNames()).toEqual(fresh.queueNames());
  for (const counts of await statistics.manyQueueCounts([...fresh.queueNames(), 'none'])) {
    const { queued, processing, completed, failed, dlq, archived, unknown } = counts;
    const { exact: _, ...expected } = fresh.counts(counts.queueName) ?? { queued: 0, processing: 0, completed: 0, failed: 0, dlq: 0, archived: 0, unknown: 0, exact: true };
    expect({ queued, processing, completed, failed, dlq, archived, unknown }).toEqual(expected);
    expect(counts).toMatchObject({ source: 'STREAM', exact: true });
  }
  const now = Date.now();
  for (const queueName of [...QUEUES, null]) {
    for (const [interval, span] of [['MINUTE', 24], ['HOUR', 30 * 24]] as const) {
      const to = Math.ceil(now / INTERVAL_MS[interval]) * INTERVAL_MS[interval];
      const from = to - span * 60 * 60_000 + INTERVAL_MS[interval];
      const range = { queueName, from: new Date(from), to: new Date(to), interval };
      expect(await statistics.throughput(range)).toEqual(fresh.throughput(queueName, from, to, interval));
      expect(await statistics.history(range)).toEqual(fresh.history(queueName, from, to, interval));
    }
  }
  expect(await statistics.oldestQueuedAt(QUEUES)).toEqual(QUEUES.map((name) => fresh.oldestQueuedAt(name)));
  const groups = await statistics.errorGroups({ first: 200 });
  const byFingerprint = (a: { fingerprint: string }, b: { fingerprint: string }): number => (a.fingerprint < b.fingerprint ? -1 : 1);
  const counted = ({ fingerprint, count, queueNames, lastSeenAt }: (typeof groups)[number]) => ({ fingerprint, count, queueNames, lastSeenAt });
  const expectedGroups = fresh.errorGroups(null, now - 30 * 24 * 60 * 60_000, now + 60_000);
  expect([...groups].sort(byFingerprint).map(counted)).toEqual([...expectedGroups].sort(byFingerprint).map(counted));
  expect(await statistics.reconcile()).toEqual([]);
}
