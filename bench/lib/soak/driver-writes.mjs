/** The writes of a soak without the API: what the database takes from the driver alone, with what is in the collection by then. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { nowMs, percentile, round } from '../measure.mjs';
import { DIST } from '../processes.mjs';

const load = (file) => import(pathToFileURL(path.join(DIST, 'lifecycle', file)).href);
const { literal, updateIfIn } = await load('store.js');
const { newExecutionDocument } = await load('new-execution.js');

const newExecution = (id, queueName, now) =>
  newExecutionDocument({ executionId: id, taskId: id, queueName, messageVersion: '1.0', enqueuedAt: now, retryCount: 0, maxRetries: 5, metadata: { partner: 'p1', file: 'f1' }, createdAt: now });

/**
 * So many writers, each of which enqueues, starts and completes one execution after the other as fast as it is answered.
 * @returns { documents: how many there were before, rate: writes acknowledged a second, p50Ms, p99Ms }
 */
export async function driverWrites(collection, { writers, seconds, queues }) {
  const documents = await collection.countDocuments({});
  const startedAt = nowMs();
  const endsAt = startedAt + seconds * 1_000;
  const times = [];
  const timed = async (write) => {
    const begunAt = nowMs();
    await write();
    times.push(nowMs() - begunAt);
  };
  const move = (id, from, to, at) => () => {
    const now = new Date();
    return updateIfIn({ documents: collection, scope: null }, id, [from], { status: literal(to), [at]: literal(now) }, now);
  };
  const writer = async (number) => {
    for (let turn = 0; nowMs() < endsAt; turn += 1) {
      const id = `driver:${number}:${turn}`;
      await timed(() => collection.insertOne(newExecution(id, queues[turn % queues.length], new Date())));
      await timed(move(id, 'queued', 'processing', 'processingStartedAt'));
      await timed(move(id, 'processing', 'completed', 'completedAt'));
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, number) => writer(number)));
  const took = (nowMs() - startedAt) / 1_000;
  return { documents, rate: round(times.length / took, 0), p50Ms: round(percentile(times, 0.5), 1), p99Ms: round(percentile(times, 0.99), 1) };
}
