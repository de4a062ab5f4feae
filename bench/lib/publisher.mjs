/** The harness' side of a server under measurement: publishes when told to, and says what the process has cost. */
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';

import { nowMs } from './measure.mjs';

async function publishAll(publish, { publish: changes, burst = 1, rate }) {
  const startedAt = nowMs();
  for (let index = 0; index < changes; index++) {
    if (rate) {
      const wait = startedAt + (index * 1000) / rate - nowMs();
      if (wait > 1) await delay(wait);
    }
    publish();
    if (!rate && (index + 1) % burst === 0) await nextTurn();
  }
  return { startedAt };
}

async function memory() {
  // A second collection takes what the finalisers of the first have let go.
  for (let times = 0; times < 3; times++) {
    globalThis.gc();
    await delay(50);
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heapUsed, external };
}

function usage() {
  const { user, system } = process.cpuUsage();
  return { cpuMs: (user + system) / 1000 };
}

/** @param publish sends one change to every subscriber */
export function serveHarness(port, publish) {
  process.on('message', async (message) => {
    if (message.publish !== undefined) process.send(await publishAll(publish, message));
    else if (message.memory) process.send(await memory());
    else process.send(usage());
  });
  process.on('SIGTERM', () => process.exit(0));
  process.on('disconnect', () => process.exit(0));
  process.send({ port });
}
