import { execFile } from 'node:child_process';

import { NoEmbeddedDatabaseError } from '../errors.js';
import { commandsNamed } from './commands.js';
import { MONGOD_REPLICA_SET, mongodProgram } from './mongod.js';
import type { EmbeddedStep, ReadyStep, StepContext } from './steps.js';

const ANSWER_TIMEOUT_MS = 5_000;

export interface Mongod {
  readonly binary: string;
  readonly version: string;
}

/** The first step: a mongod that is on this machine already. */
export const mongodStep: EmbeddedStep = {
  kind: 'mongod',
  async check(context) {
    const found = await findMongod(context);
    if (found !== undefined) return { available: true, why: `mongod ${found.version} (${found.binary})` };
    const named = context.systemBinary;
    return { available: false, why: named === undefined ? 'no mongod on PATH' : `MONGOMS_SYSTEM_BINARY is ${named}, which is no mongod that runs` };
  },
  async prepare(context) {
    const found = await findMongod(context);
    if (found === undefined) throw new NoEmbeddedDatabaseError('No mongod was found.', 'Put a mongod on PATH, or set MONGODB_URI.');
    return readyMongod(found);
  },
};

/** How a mongod, wherever it came from, is run and connected to. */
export function readyMongod({ binary, version }: Mongod): ReadyStep {
  return {
    subfolder: 'mongod',
    program: ({ folder }) => mongodProgram({ binary, version, dataDir: folder }),
    uri: (port, name) => `mongodb://127.0.0.1:${port}/${name}?replicaSet=${MONGOD_REPLICA_SET}`,
  };
}

/** The version of a mongod; undefined when the command is none. */
export function mongodVersion(command: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(command, ['--version'], { timeout: ANSWER_TIMEOUT_MS, windowsHide: true }, (error, stdout) => {
      resolve(error === null ? /db version v(\S+)/.exec(stdout)?.[1] : undefined);
    });
  });
}

async function findMongod({ systemBinary, path }: StepContext): Promise<Mongod | undefined> {
  // A mongod named outright is the one that is meant: no other takes its place.
  const candidates = systemBinary === undefined ? commandsNamed('mongod', path) : [systemBinary];
  for (const binary of candidates) {
    const version = await mongodVersion(binary);
    if (version !== undefined) return { binary, version };
  }
  return undefined;
}
