import { createTaskTrackerModel, COLLECTION_NAME } from '../model/task-tracker.js';
import { DEDUPLICATION_INDEX } from '../model/indexes.js';
import type { Config } from '../config.js';
import { connectDatabase } from '../database/connect.js';
import { DatabaseError } from '../database/errors.js';
import { indexSpecsOf } from '../database/indexes.js';
import { type Finding, inspectDatabase } from '../database/inspect.js';
import { type Choice, describeChoice, openDatabase } from '../database/open.js';
import { EXIT } from './failure.js';
import { createLogger } from './logging.js';

/** What `tasktracker doctor` found out. */
interface Diagnosis {
  readonly choices: readonly Choice[];
  /** The database that was looked at, in one line; null where none came up. */
  readonly database: string | null;
  readonly findings: readonly Finding[];
  /** Why no database could be looked at, and what to do about it. */
  readonly failure: { readonly message: string; readonly remedy: string } | null;
}

async function diagnose(config: Config): Promise<Diagnosis> {
  const log = await createLogger({ ...config, logLevel: 'error' });
  const options = {
    uri: config.mongodbUri,
    dataDir: config.dataDir,
    cacheDir: config.cacheDir,
    databaseName: config.databaseName,
    systemBinary: config.systemBinary,
    log,
    onProgress: (line: string) => process.stderr.write(`${line}\n`),
  };
  const choices = await describeChoice(options);
  try {
    const database = await openDatabase(options);
    try {
      const connection = await connectDatabase(database.uri, { log, appName: 'tasktracker-doctor' });
      try {
        const model = createTaskTrackerModel(connection);
        const findings = await inspectDatabase(connection, indexSpecsOf(model.schema), {
          collection: COLLECTION_NAME,
          deduplicationIndex: DEDUPLICATION_INDEX,
        });
        return { choices, database: database.description, findings, failure: null };
      } finally {
        await connection.close();
      }
    } finally {
      await database.close();
    }
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    return { choices, database: null, findings: [], failure: { message: error.message, remedy: error.remedy } };
  }
}

function* lines({ choices, database, findings, failure }: Diagnosis): Generator<string> {
  yield 'Which database, and why';
  for (const { kind, available, chosen, why } of choices) {
    const mark = chosen ? '->' : '  ';
    yield `  ${mark} ${kind.padEnd(11)} ${available ? 'possible' : 'not possible'}: ${why}`;
  }
  yield '';
  if (failure !== null) {
    yield `It cannot be used: ${failure.message}`;
    yield `  What to do: ${failure.remedy}`;
    return;
  }
  yield database ?? '';
  for (const { check, ok, detail, remedy } of findings) {
    yield `  ${ok ? 'ok  ' : 'LACK'} ${check.padEnd(15)} ${detail}`;
    if (remedy !== undefined) yield `       ${''.padEnd(15)} What to do: ${remedy}`;
  }
}

/**
 * Says which database would be used and why, and what it can do. An embedded one is brought up on the data folder of
 * `serve` for the time of the look.
 *
 * @returns the exit code: 0 where nothing is lacking
 */
export async function doctor(config: Config, options: { readonly json: boolean }): Promise<number> {
  const diagnosis = await diagnose(config);
  const text = options.json ? JSON.stringify(diagnosis, null, 2) : [...lines(diagnosis)].join('\n');
  process.stdout.write(`${text}\n`);
  return diagnosis.failure === null && diagnosis.findings.every(({ ok }) => ok) ? EXIT.ok : EXIT.failed;
}
