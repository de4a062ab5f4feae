/**
 * Many subscribers in one process that costs little: raw sockets whose bytes are scanned for `"sentAt":`, nothing is parsed.
 * Argument { port, subscribers, perConnection, filters: 'equal' | 'different' }.
 * Message { expected, timeoutMs, timed } → { deliveries, finishedAt, bytes, cpuMs, p50, p99, sample } once so many have arrived
 * since the last message; instants and latencies in ms.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { createConnection } from 'node:net';

import { filterOf, SUBSCRIPTION } from '../lib/fan-out.mjs';
import { nowMs, percentile } from '../lib/measure.mjs';

const [{ port, subscribers, perConnection, filters }] = process.argv.slice(2).map((text) => JSON.parse(text));
const MARK = Buffer.from('"sentAt":');
/** graphql-ws drops a client that leaves its pings unanswered; an unsolicited pong answers the next one. */
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);
const PONG_EVERY_MS = 4_000;
const OPENED_AT_ONCE = 50;

let deliveries = 0;
let bytes = 0;
let latencies = [];
let timed = false;
let sample = '';
let onDelivery = () => undefined;

/** A masked text frame, as a client must send it. */
function textFrame(message) {
  const text = Buffer.from(JSON.stringify(message));
  const key = randomBytes(4);
  const head = text.length < 126 ? Buffer.from([0x81, 0x80 | text.length]) : Buffer.from([0x81, 0x80 | 126, text.length >> 8, text.length & 255]);
  return Buffer.concat([head, key, text.map((byte, index) => byte ^ key[index & 3])]);
}

const subscribeMessage = (index) =>
  textFrame({ id: randomUUID(), type: 'subscribe', payload: { query: SUBSCRIPTION, variables: { filter: filterOf(index, filters) } } });

/** Counts the deliveries in what arrives; what a chunk cuts through is kept and put together with the next one. */
function scanner() {
  let rest = null;
  return (chunk) => {
    const data = rest === null ? chunk : Buffer.concat([rest, chunk]);
    rest = null;
    bytes += chunk.length;
    let from = 0;
    for (;;) {
      const at = data.indexOf(MARK, from);
      const end = at < 0 ? -1 : data.indexOf(0x7d, at);
      if (end < 0) {
        // The chunk's memory is used again.
        const kept = at < 0 ? Math.max(from, data.length - MARK.length + 1) : at;
        if (kept < data.length) rest = Buffer.from(data.subarray(kept));
        break;
      }
      deliveries += 1;
      if (timed) latencies.push(nowMs() - Number(data.latin1Slice(at + MARK.length, end)));
      if (sample === '') sample = data.toString('latin1', data.lastIndexOf('{"id":', at), data.indexOf('}}}}', at) + 5);
      from = end;
    }
    onDelivery();
  };
}

/** Upgrades, says hello, and calls back when the server has answered. */
function greeter(socket, acknowledged) {
  let greeting = '';
  let upgraded = false;
  return (chunk) => {
    greeting += chunk.toString('latin1');
    if (!upgraded && greeting.includes('\r\n\r\n')) {
      if (!greeting.startsWith('HTTP/1.1 101')) socket().destroy(new Error(greeting));
      upgraded = true;
      socket().write(textFrame({ type: 'connection_init' }));
    }
    if (greeting.includes('connection_ack')) acknowledged();
  };
}

/** All sockets read into one buffer: a Buffer for each read would cost more than everything else here. */
const readBuffer = Buffer.allocUnsafe(64 * 1024);

function open(first, count) {
  return new Promise((resolve, reject) => {
    const begin = () => {
      take = scanner();
      setInterval(() => socket.write(PONG), PONG_EVERY_MS + (first % 1_000)).unref();
      for (let index = first; index < first + count; index++) socket.write(subscribeMessage(index));
      resolve();
    };
    let take = greeter(() => socket, begin);
    const onread = {
      buffer: readBuffer,
      callback: (length) => {
        take(readBuffer.subarray(0, length));
        return true;
      },
    };
    const socket = createConnection({ port, host: '127.0.0.1', noDelay: true, onread });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the server closed a connection')));
    socket.once('connect', () =>
      socket.write(
        `GET /graphql HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
          `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n`,
      ),
    );
  });
}

function collect({ expected, timeoutMs, ...options }) {
  timed = options.timed === true;
  const before = process.cpuUsage();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timeout);
      onDelivery = () => undefined;
      const { user, system } = process.cpuUsage(before);
      const answer = { deliveries, bytes, finishedAt: nowMs(), cpuMs: (user + system) / 1000, sample };
      resolve({ ...answer, p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) });
      deliveries = 0;
      bytes = 0;
      latencies = [];
      sample = '';
    };
    const timeout = setTimeout(done, timeoutMs);
    onDelivery = () => {
      if (deliveries >= expected) done();
    };
    onDelivery();
  });
}

const connections = Array.from({ length: Math.ceil(subscribers / perConnection) }, (_, index) => index * perConnection);
for (let at = 0; at < connections.length; at += OPENED_AT_ONCE) {
  await Promise.all(connections.slice(at, at + OPENED_AT_ONCE).map((first) => open(first, Math.min(perConnection, subscribers - first))));
}
process.on('message', async (message) => process.send(await collect(message)));
process.on('SIGTERM', () => process.exit(0));
process.on('disconnect', () => process.exit(0));
process.send({ ready: true });
