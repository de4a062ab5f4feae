/** A database for a bench: MONGODB_URI where it is set, else an embedded one in a throw-away folder. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { pino } from 'pino';

import { MongoClient } from './driver.mjs';
import { DIST } from './processes.mjs';

const load = (file) => import(pathToFileURL(path.join(DIST, file)).href);

export function argument(name, fallback) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
}

/** Numbers with commas in between. */
export function listArgument(name, fallback) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1].split(',').map(Number);
}

/** Opens a database of its own name, emptied before and dropped after. Its indexes are the model's. */
export async function openBenchDatabase() {
  const { openDatabase } = await load('database/open.js');
  const { loadConfig } = await load('config.js');
  const { connectDatabase } = await load('database/connect.js');
  const { createTaskTrackerModel } = await load('model/task-tracker.js');
  const config = loadConfig();
  const log = pino({ level: 'warn' }, pino.destination(2));
  const databaseName = 'tasktracker_bench';
  const uri = config.mongodbUri?.replace(/^(mongodb(?:\+srv)?:\/\/[^/?]*)(?:\/[^?]*)?/, `$1/${databaseName}`);
  const opened = await openDatabase({ uri, databaseName, cacheDir: config.cacheDir, systemBinary: config.systemBinary, log });
  const client = await MongoClient.connect(opened.uri);
  const database = client.db(databaseName);
  const { version } = await database.command({ buildInfo: 1 });
  await database.dropDatabase();
  const connection = await connectDatabase(opened.uri, { log });
  await createTaskTrackerModel(connection).createIndexes();
  await connection.close();
  return {
    uri: opened.uri,
    /** Which server, without the address and folder of this run. */
    description: opened.kind === 'configured' ? `MongoDB ${version} (configured)` : opened.description.split(' on ', 1)[0],
    collection: database.collection('task_trackers'),
    async close() {
      await database.dropDatabase();
      await client.close();
      await opened.close();
    },
  };
}

const STATUSES = ['queued', 'processing', 'completed', 'completed', 'completed', 'completed', 'failed', 'dlq', 'archived', 'completed'];

/** Documents as workers leave them, spread over five queues. */
export function sampleDocument(index) {
  const status = STATUSES[index % STATUSES.length];
  const enqueuedAt = new Date(Date.UTC(2026, 0, 1) + index * 1_000);
  const at = (ms) => new Date(enqueuedAt.getTime() + ms);
  const failed = status === 'failed' || status === 'dlq';
  return {
    taskId: `partner_tasks:SATLOC:695d:${String(index).padStart(8, '0')}`,
    executionId: randomUUID(),
    queueName: `bench_queue_${index % 5}`,
    messageVersion: '1.0',
    status,
    enqueuedAt,
    ...(status === 'queued' ? {} : { processingStartedAt: at(250) }),
    ...(status === 'completed' ? { completedAt: at(900) } : {}),
    ...(failed ? { failedAt: at(700), errorMessage: `Log ${index} is not valid`, errorCategory: 'validation' } : {}),
    retryCount: index % 3,
    maxRetries: 5,
    metadata: { partnerCode: 'SATLOC', aircraftId: '695d', logId: String(index), customerId: `customer${index % 40}`, logFileName: `log-${index}.json` },
    createdAt: enqueuedAt,
    updatedAt: at(900),
  };
}
