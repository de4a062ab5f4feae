/**
 * Load from a process of its own: so many connections, each sending its next request when the last is answered.
 * Message { port, path, method, headers, bodies, connections, seconds } → { requests, errors, latencies: { p50, p99 } } in ms.
 */
import { createConnection } from 'node:net';

import { nowMs, percentile } from '../lib/measure.mjs';

const HEAD_END = Buffer.from('\r\n\r\n');

function frames({ path, port, method = 'POST', headers = {}, bodies }) {
  const own = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return bodies.map((body) =>
    Buffer.from(
      `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\naccept: application/json\r\n${own}` +
        `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    ),
  );
}

/** Splits what arrives into answers by their content-length; there is one answer in flight per connection. */
function onAnswers(socket, answered) {
  let buffered = Buffer.alloc(0);
  let expected = -1;
  let ok = false;
  socket.on('data', (chunk) => {
    buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk]);
    if (expected < 0) {
      const end = buffered.indexOf(HEAD_END);
      if (end < 0) return;
      const head = buffered.toString('latin1', 0, end);
      const length = /content-length: (\d+)/i.exec(head);
      if (length === null) throw new Error(`an answer without content-length: ${head}`);
      ok = head.startsWith('HTTP/1.1 200');
      expected = end + HEAD_END.length + Number(length[1]);
    }
    if (buffered.length < expected) return;
    // A GraphQL error comes with 200 too: it begins the body.
    const clean = ok && !buffered.includes('"errors":[');
    buffered = Buffer.alloc(0);
    expected = -1;
    answered(clean);
  });
}

function run({ port, connections, seconds, ...request }) {
  const requests = frames({ port, ...request });
  const latencies = [];
  let errors = 0;
  let next = 0;
  let open = connections;
  const end = nowMs() + seconds * 1000;
  return new Promise((resolve) => {
    for (let index = 0; index < connections; index++) {
      const socket = createConnection({ port, host: '127.0.0.1', noDelay: true });
      let sentAt = 0;
      const send = () => {
        sentAt = nowMs();
        socket.write(requests[next++ % requests.length]);
      };
      socket.once('connect', send);
      socket.once('close', () => {
        open -= 1;
        if (open === 0) resolve({ requests: latencies.length, errors, p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) });
      });
      onAnswers(socket, (clean) => {
        const at = nowMs();
        if (clean) latencies.push(at - sentAt);
        else errors += 1;
        if (at < end) send();
        else socket.destroy();
      });
    }
  });
}

process.on('message', async (message) => process.send(await run(message)));
process.send({ ready: true });
