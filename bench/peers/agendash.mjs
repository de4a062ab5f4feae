/** Agendash over agenda's MongoDB backend with its default options, over as many jobs as asked for. Message: { uri, queues, jobs }. */
import { MongoBackend } from '@agendajs/mongo-backend';
import { Agenda } from 'agenda';
import { createExpressMiddleware } from 'agendash';
import express from 'express';
import { MongoClient } from 'mongodb';

const { uri, queues, jobs } = JSON.parse(process.argv[2]);
const BATCH = 1_000;

/** As agenda leaves its jobs: a fifth waits, one in a hundred runs, the others have ended, some of them badly. */
function job(index, now) {
  const place = Math.floor(index / queues) % 100;
  const waiting = place < 20;
  const running = place === 20;
  const failed = place > 80;
  const startedAt = new Date(now - 9e8 + index * 1_000);
  const endedAt = new Date(startedAt.getTime() + 2_000);
  return {
    name: `queue-${index % queues}`,
    type: 'normal',
    priority: 0,
    data: { taskId: `task-${index}`, tenant: `t${index % 7}`, payload: 'x'.repeat(100) },
    nextRunAt: waiting ? new Date(now + 1e8) : null,
    lockedAt: running ? new Date(now) : null,
    lastRunAt: waiting ? null : startedAt,
    lastFinishedAt: waiting || running ? null : endedAt,
    failedAt: failed ? endedAt : null,
    failCount: failed ? 3 : null,
    failReason: failed ? 'TimeoutError: upstream did not answer' : null,
  };
}

const client = await MongoClient.connect(uri);
const database = client.db('tasktracker_bench_agenda');
await database.dropDatabase();
const collection = database.collection('agendaJobs');
const now = Date.now();
for (let from = 0; from < jobs; from += BATCH) {
  await collection.insertMany(Array.from({ length: Math.min(BATCH, jobs - from) }, (_, offset) => job(from + offset, now)));
}
const agenda = new Agenda({ backend: new MongoBackend({ mongo: database, ensureIndex: true }) });
await agenda.ready;
const app = express();
app.use('/dash', createExpressMiddleware(agenda));
const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port, path: '/dash/api?limit=50' }));

process.on('SIGTERM', async () => {
  await database.dropDatabase();
  await client.close();
  process.exit(0);
});
