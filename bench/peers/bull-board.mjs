/**
 * Bull Board over BullMQ with its default options, over as many jobs as asked for. Message: { redisPort, queues, jobs }.
 * The jobs are written straight into Redis, in the layout that BullMQ itself leaves behind; that the board sees them all
 * is checked before it says that it is ready.
 */
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import { Queue } from 'bullmq';
import express from 'express';
import Redis from 'ioredis';

const { redisPort, queues: queueCount, jobs } = JSON.parse(process.argv[2]);
const connection = { host: '127.0.0.1', port: redisPort };
const BATCH = 2_000;

const base = (index, at) => [
  'name', 'task',
  'data', JSON.stringify({ taskId: `task-${index}`, tenant: `t${index % 7}`, payload: 'x'.repeat(100) }),
  'opts', '{"attempts":3}',
  'timestamp', at - 1e6 + index,
  'delay', 0,
  'priority', 0,
];
const ended = (index, at) => ['processedOn', at - 9e5 + index, 'ats', 1, 'finishedOn', at - 8e5 + index];
const FIELDS = {
  completed: (index, at) => [...ended(index, at), 'returnvalue', '{"ok":true}', 'atm', 1],
  failed: (index, at) => [...ended(index, at), 'failedReason', 'TimeoutError: upstream did not answer', 'stacktrace', '["Error: TimeoutError\\n    at f (/app/worker.js:10:5)"]', 'atm', 3],
  active: (index, at) => ['processedOn', at - 9e5 + index, 'ats', 1],
  wait: () => [],
};

async function fill(redis, queue, count, at) {
  await queue.add('task', {});
  await queue.obliterate({ force: true });
  const key = (state) => `bull:${queue.name}:${state}`;
  const share = { completed: Math.round(count * 0.6), failed: Math.round(count * 0.19), active: Math.round(count * 0.01) };
  share.wait = count - share.completed - share.failed - share.active;
  let id = 0;
  let pipeline = redis.pipeline();
  for (const [state, size] of Object.entries(share)) {
    for (let index = 0; index < size; index++) {
      id += 1;
      pipeline.hset(key(id), ...base(id, at), ...FIELDS[state](id, at));
      if (state === 'completed' || state === 'failed') pipeline.zadd(key(state), at - 8e5 + id, id);
      else pipeline.lpush(key(state), id);
      if (id % BATCH === 0) {
        await pipeline.exec();
        pipeline = redis.pipeline();
      }
    }
  }
  await pipeline.set(key('id'), id).exec();
}

const queues = Array.from({ length: queueCount }, (_, index) => new Queue(`queue-${index}`, { connection }));
await Promise.all(queues.map((queue) => queue.waitUntilReady()));
const redis = new Redis(connection);
const at = Date.now();
for (const queue of queues) await fill(redis, queue, jobs / queueCount, at);
redis.disconnect();
const counts = await Promise.all(queues.map((queue) => queue.getJobCounts()));
const seen = counts.reduce((sum, each) => sum + each.waiting + each.active + each.completed + each.failed, 0);
if (seen !== jobs) throw new Error(`Bull Board sees ${seen} of ${jobs} jobs`);

const serverAdapter = new ExpressAdapter();
createBullBoard({ queues: queues.map((queue) => new BullMQAdapter(queue)), serverAdapter });
const app = express();
app.use(serverAdapter.getRouter());
const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port, path: '/api/queues' }));
