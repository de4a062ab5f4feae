/** What the fan-out benches send and ask for, and how one delivery run is measured. Used by both sides. */
import { randomUUID } from 'node:crypto';

import { nowMs } from './measure.mjs';
import { ask, startScript, stop } from './processes.mjs';

export const QUEUE = 'bench_live';

/** Eight fields; `metadata` carries the instant at which the change was published. */
export const SUBSCRIPTION = `subscription Watch($filter: TaskFilter) {
  taskChanged(filter: $filter) { executionId status previousStatus at task { taskId queueName retryCount metadata } }
}`;

/** The filter of one subscriber: all match every published change. */
export const filterOf = (index, filters) => ({ queueName: filters === 'equal' ? [QUEUE] : [QUEUE, `bench_other_${index}`] });

let published = 0;

/** One execution that completes, published now. */
export function nextMove() {
  published += 1;
  return {
    taskId: `partner_tasks:SATLOC:695d:${String(published).padStart(8, '0')}`,
    executionId: randomUUID(),
    retryCount: published % 3,
    at: new Date(),
    sentAt: Math.round(nowMs() * 1000) / 1000,
  };
}

/** The change as a subscriber to SUBSCRIPTION is sent it: what the yardsticks send. */
export const shownMove = ({ taskId, executionId, retryCount, at, sentAt }) => ({
  executionId,
  status: 'COMPLETED',
  previousStatus: 'PROCESSING',
  at: at.toISOString(),
  task: { taskId, queueName: QUEUE, retryCount, metadata: { sentAt } },
});

const shapeOf = (frame) =>
  frame
    .replace(/"sentAt":[\d.]+/, '"sentAt":0')
    .replace(/[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}/g, 'uuid')
    .replace(/\d/g, '0');

/** Both must send the same frame, but for ids, instants and numbers, before they are compared. */
export function assertSameFrames(samples) {
  const shapes = Object.entries(samples).map(([name, frame]) => [name, shapeOf(frame)]);
  for (const [name, shape] of shapes) {
    if (shape !== shapes[0][1]) throw new Error(`${shapes[0][0]} and ${name} send different frames:\n${shapes[0][1]}\n${shape}`);
  }
}

/** A server of bench/processes with so many raw-socket subscribers in another process. Resolves when all stand. */
export async function startTarget(kind, { subscribers, perConnection = 1, filters = 'equal', execArgv = [] }) {
  const server = await startScript(`fan-out-${kind}.mjs`, { subscribers }, execArgv);
  const clients = await startScript('subscribers.mjs', { port: server.ready.port, subscribers, perConnection, filters });
  const target = { kind, subscribers, port: server.ready.port, server: server.child, clients: clients.child };
  await settle(target);
  return target;
}

export async function stopTarget({ server, clients }) {
  await stop(clients);
  await stop(server);
}

/** graphql-ws does not acknowledge a subscribe message: single changes are published until one reaches everybody. */
export async function settle({ kind, server, clients, subscribers }) {
  for (let tries = 0; tries < 100; tries++) {
    const arrived = ask(clients, { expected: subscribers, timeoutMs: 1_000 });
    await ask(server, { publish: 1 });
    if ((await arrived).deliveries === subscribers) return;
  }
  throw new Error(`${kind}: a change does not reach all ${subscribers} subscribers`);
}

/**
 * Publishes so many changes and waits until every subscriber has every one of them.
 * @param plan { changes, burst } for full speed (the event loop turns after each burst), { changes, rate } for a pace
 */
export async function deliver(target, plan) {
  const expected = plan.changes * target.subscribers;
  const timeoutMs = 60_000 + (plan.rate ? (plan.changes / plan.rate) * 1000 : 0);
  const arrived = ask(target.clients, { expected, timeoutMs, timed: plan.rate !== undefined });
  const before = await ask(target.server, { usage: true });
  const { startedAt } = await ask(target.server, { publish: plan.changes, burst: plan.burst, rate: plan.rate });
  const result = await arrived;
  const after = await ask(target.server, { usage: true });
  if (result.deliveries !== expected) throw new Error(`${target.kind}: ${result.deliveries} of ${expected} deliveries arrived`);
  const seconds = (result.finishedAt - startedAt) / 1000;
  return {
    perSecond: expected / seconds,
    cpuUs: ((after.cpuMs - before.cpuMs) * 1000) / expected,
    clientCpu: result.cpuMs / 1000 / seconds,
    bytes: result.bytes / expected,
    p50: result.p50,
    p99: result.p99,
    sample: result.sample,
  };
}
