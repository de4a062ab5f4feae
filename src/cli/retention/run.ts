import { createAppOperations } from '../../app/app-operations.js';
import type { Config } from '../../config.js';
import { connectDatabase } from '../../database/connect.js';
import { openDatabase } from '../../database/open.js';
import { createTaskTrackerModel } from '../../model/task-tracker.js';
import type { RetentionPreview, RetentionRun } from '../../retention/types.js';
import { EXIT } from '../failure.js';
import { createLogger } from '../logging.js';

const RULES = [
  { name: 'deadLetters', what: 'dead letters', done: 'archived' },
  { name: 'archived', what: 'archived executions', done: 'deleted' },
  { name: 'completed', what: 'completed executions', done: 'deleted' },
] as const;

export interface Answer {
  readonly text: string;
  readonly exitCode: number;
}

/** Looks, or runs once, whether or not a run is due; beside servers that run it is one of them. */
export async function runRetention(config: Config, { dryRun, json }: { readonly dryRun: boolean; readonly json: boolean }): Promise<Answer> {
  const log = await createLogger({ ...config, logLevel: 'warn' });
  const { mongodbUri: uri, dataDir, cacheDir, databaseName, systemBinary } = config;
  const database = await openDatabase({ uri, dataDir, cacheDir, databaseName, systemBinary, log, onProgress: (line) => process.stderr.write(`${line}\n`) });
  try {
    const connection = await connectDatabase(database.uri, { log, appName: 'tasktracker-retention' });
    try {
      const operations = await createAppOperations(connection, createTaskTrackerModel(connection), () => 'index', { ...config, leaseMs: config.bulkLeaseMs }, log);
      try {
        return dryRun ? previewed(await operations.retention.preview(), json) : ran(await operations.retention.runOnce(), json);
      } finally {
        await operations.close();
      }
    } finally {
      await connection.close();
    }
  } finally {
    await database.close();
  }
}

function previewed({ rules }: RetentionPreview, json: boolean): Answer {
  if (json) return { text: JSON.stringify({ dryRun: true, rules }, null, 2), exitCode: EXIT.ok };
  const lines = RULES.map(({ name, what, done }) => {
    const rule = rules.find((each) => each.name === name);
    return rule === undefined ? `${what}: kept for ever` : `${what} older than ${rule.days} days: ${rule.matched} would be ${done}`;
  });
  return { text: lines.join('\n'), exitCode: EXIT.ok };
}

function ran(run: RetentionRun | null, json: boolean): Answer {
  if (run === null) return { text: json ? 'null' : 'Another replica is running retention at this moment: nothing was done here.', exitCode: EXIT.failed };
  if (json) return { text: JSON.stringify(run, null, 2), exitCode: EXIT.ok };
  return { text: RULES.map(({ name, what, done }) => `${what} ${done}: ${run.counts[name]}`).join('\n'), exitCode: EXIT.ok };
}
