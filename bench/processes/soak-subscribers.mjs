/**
 * Clients of `tasktracker/client` that come and go: so many at a time, each for a while of its own. Argument { url, token,
 * count, queues, minLifeMs, maxLifeMs }. The end of each life is told; message { end } ends all.
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

import { watchTasks } from '../../dist/client/index.js';
import { nowMs } from '../lib/measure.mjs';
import { explain } from '../lib/soak/explain.mjs';
import { SoakLedger } from '../lib/soak/ledger.mjs';

const [{ url, token, count, queues, minLifeMs, maxLifeMs }] = process.argv.slice(2).map((text) => JSON.parse(text));
const ending = new AbortController();
setMaxListeners(0, ending.signal);

/** Where the feed stands: what is written from here on is told behind it. */
async function place() {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: 'query Place { tasks(first: 1) { feedCursor } }' }),
  });
  const { data, errors } = await response.json();
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data.tasks.feedCursor;
}

async function live(queueName) {
  const life = { queueName, listedAt: null, liveAt: null, endedAt: null, seen: [], gaps: 0, reconnects: [], error: null };
  const over = new AbortController();
  const leave = () => over.abort();
  const timer = setTimeout(leave, minLifeMs + Math.random() * (maxLifeMs - minLifeMs));
  ending.signal.addEventListener('abort', leave, { once: true });
  const onStatus = ({ state, reason }) => {
    if (state === 'live') life.liveAt ??= nowMs();
    if (state === 'reconnecting') life.reconnects.push(String(reason));
  };
  try {
    const after = await place();
    life.listedAt = nowMs();
    for await (const item of watchTasks({ url, token, filter: { queueName: [queueName] }, after, list: false, fields: 'status', signal: over.signal, onStatus })) {
      if (item.type === 'gap') life.gaps += 1;
      if (item.type === 'change' && item.change.task) life.seen.push(SoakLedger.keyOf(item.change.task.executionId, item.change.task.status));
    }
  } catch (error) {
    life.error = explain(error);
    // Not at once: what is refused is not tried in a storm.
    await delay(1_000);
  }
  clearTimeout(timer);
  ending.signal.removeEventListener('abort', leave);
  life.endedAt = nowMs();
  process.send({ life });
}

async function seat(index) {
  // They do not all come at once.
  await delay((index * 5_000) / count);
  for (let turn = 0; !ending.signal.aborted; turn += 1) await live(queues[(index + turn) % queues.length]);
}

const seats = Promise.all(Array.from({ length: count }, (_, index) => seat(index)));
process.on('message', async ({ end }) => {
  if (!end) return;
  ending.abort();
  await seats;
  process.send({ ended: true }, () => process.exit(0));
});
process.on('disconnect', () => process.exit(0));
process.send({ ready: true });
