/**
 * One observer of changes in a process of its own. Argument { kind: 'raw', uri } or { kind: 'api', url }.
 * Message { expected, timeoutMs } → { deliveries, p50, p99 } in ms, from the write's `metadata.sentAt` to here, once so many have come.
 */
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

import { MongoClient } from '../lib/driver.mjs';
import { QUEUE } from '../lib/fan-out.mjs';
import { nowMs, percentile } from '../lib/measure.mjs';

const [settings] = process.argv.slice(2).map((text) => JSON.parse(text));
let latencies = [];
let notify = () => undefined;

function seen(sentAt) {
  if (typeof sentAt !== 'number') return;
  latencies.push(nowMs() - sentAt);
  notify();
}

const observers = {
  async raw() {
    const client = await MongoClient.connect(settings.uri);
    const stream = client.db().collection('task_trackers').watch([]);
    stream.on('change', (event) => seen(event.updateDescription?.updatedFields['metadata.sentAt']));
    // The stream is open when its first (empty) answer has come.
    await new Promise((resolve) => stream.once('resumeTokenChanged', resolve));
  },
  async api() {
    const client = createClient({ url: settings.url.replace(/^http/, 'ws'), webSocketImpl: WebSocket, lazy: false });
    await new Promise((resolve) => client.on('connected', resolve));
    client.subscribe(
      { query: `subscription { taskChanged(filter: { queueName: ["${QUEUE}"] }) { kind status task { executionId metadata } } }` },
      {
        next: ({ data, errors }) => {
          if (errors) throw new Error(JSON.stringify(errors));
          seen(data.taskChanged.task?.metadata.sentAt);
        },
        error: (error) => {
          throw new Error(`subscription failed: ${JSON.stringify(error)}`);
        },
        complete: () => undefined,
      },
    );
  },
};

function collect({ expected, timeoutMs }) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timeout);
      notify = () => undefined;
      resolve({ deliveries: latencies.length, p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) });
      latencies = [];
    };
    const timeout = setTimeout(done, timeoutMs);
    notify = () => {
      if (latencies.length >= expected) done();
    };
    notify();
  });
}

process.on('message', async (message) => process.send(await collect(message)));
process.on('SIGTERM', () => process.exit(0));
process.on('disconnect', () => process.exit(0));
await observers[settings.kind]();
process.send({ ready: true });
