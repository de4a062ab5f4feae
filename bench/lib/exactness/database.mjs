/** The database of an exactness run: one of its own that may be killed, or MONGODB_URI, which may not. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { pino } from 'pino';

import { MongoClient } from '../driver.mjs';
import { DIST } from '../processes.mjs';
import { killDatabase } from './faults.mjs';

const load = (file) => import(pathToFileURL(path.join(DIST, file)).href);
const NAME = 'tasktracker_exactness';

export async function openExactnessDatabase() {
  const { openDatabase } = await load('database/open.js');
  const { loadConfig } = await load('config.js');
  const { connectDatabase } = await load('database/connect.js');
  const { createTaskTrackerModel } = await load('model/task-tracker.js');
  const { mongodbUri, cacheDir, systemBinary } = loadConfig();
  const log = pino({ level: 'error' }, pino.destination(2));
  const uri = mongodbUri?.replace(/^(mongodb(?:\+srv)?:\/\/[^/?]*)(?:\/[^?]*)?/, `$1/${NAME}`);
  const opened = await openDatabase({ uri, databaseName: NAME, cacheDir, systemBinary, log });
  const client = await MongoClient.connect(opened.uri);
  const database = client.db(NAME);
  await database.dropDatabase();
  const connection = await connectDatabase(opened.uri, { log });
  const { version } = await database.command({ buildInfo: 1 });
  const own = opened.kind !== 'configured';
  return {
    uri: opened.uri,
    /** Which server, without the address and folder of this run. */
    description: own ? opened.description.split(' on ', 1)[0] : `MongoDB ${version} (configured)`,
    client,
    collection: database.collection('task_trackers'),
    model: createTaskTrackerModel(connection),
    /** Kills its process; undefined for one that is not ours to kill. */
    kill: own ? () => killDatabase(opened, () => database.command({ ping: 1 })) : undefined,
    async close() {
      // A throw-away one goes with its folder; it would let a drop wait for a transaction that a killed API left open.
      if (!own) await database.dropDatabase();
      await connection.close();
      await client.close();
      await opened.close();
    },
  };
}
