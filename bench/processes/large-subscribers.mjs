/**
 * Subscribers to large events: clients that read them, or that never read their socket once they are subscribed.
 * Argument { url, subscribers, reads, answersPings }. One that does not read cannot see a ping; it answers all the same if
 * it is to, so that only its queue can end it.
 */
import { once } from 'node:events';

import { WebSocket } from 'ws';

import { QUEUE } from '../lib/fan-out.mjs';

const [{ url, subscribers, reads, answersPings }] = process.argv.slice(2).map((text) => JSON.parse(text));
const PONG_EVERY_MS = 4_000;
const OPENED_AT_ONCE = 25;
const payload = {
  query: 'subscription Watch($filter: TaskFilter) { taskChanged(filter: $filter) { executionId status task { taskId errorStack metadata } } }',
  variables: { filter: { queueName: [QUEUE] } },
};

async function open() {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), 'graphql-transport-ws');
  socket.on('error', () => undefined);
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init' }));
  await once(socket, 'message');
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }));
  if (reads) return;
  socket.pause();
  if (answersPings) setInterval(() => socket.readyState === WebSocket.OPEN && socket.pong(), PONG_EVERY_MS).unref();
}

for (let at = 0; at < subscribers; at += OPENED_AT_ONCE) {
  await Promise.all(Array.from({ length: Math.min(OPENED_AT_ONCE, subscribers - at) }, open));
}
process.on('SIGTERM', () => process.exit(0));
process.on('disconnect', () => process.exit(0));
process.send({ ready: true });
setInterval(() => undefined, 60_000);
