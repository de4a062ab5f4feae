import { pino } from 'pino';
import type { TestProject } from 'vitest/node';

import { loadConfig, SETTINGS } from '../../src/config.js';
import { openDatabase } from '../../src/database/open.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The database of this run, for tests that bring their own database name. */
    mongoUri: string;
    /** Where the run keeps what it installs. */
    cacheDir: string;
    /** True when the run uses an embedded database that it started itself. */
    embedded: boolean;
  }
}

/** Starts one database for the whole run, or takes the one named by MONGODB_URI. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Where the program itself keeps it: what one has installed the other need not.
  const { cacheDir } = loadConfig({ [SETTINGS.cacheDir.env]: process.env[SETTINGS.cacheDir.env] });
  const database = await openDatabase({
    uri: process.env['MONGODB_URI'],
    systemBinary: process.env['MONGOMS_SYSTEM_BINARY'],
    cacheDir,
    databaseName: 'tasktracker_test',
    log: pino({ level: 'warn' }),
    onProgress: (line) => process.stderr.write(`${line}\n`),
  });
  project.provide('mongoUri', database.uri);
  project.provide('cacheDir', cacheDir);
  project.provide('embedded', database.kind !== 'configured');
  return () => database.close();
}
