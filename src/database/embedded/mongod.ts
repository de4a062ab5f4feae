import mongoose from 'mongoose';

import { DataFolderInUseError, PortInUseError, type DatabaseError } from '../errors.js';
import type { ServerProgram } from './program.js';

/** Name of the one-member replica set that an embedded mongod forms. */
export const MONGOD_REPLICA_SET = 'tasktracker';

const CACHE_GB = '0.25';
const ELECTION_TIMEOUT_MS = 20_000;
const NOT_YET_INITIALIZED = 94;
const ALREADY_INITIALIZED = 23;

export interface MongodOptions {
  /** The mongod to run. */
  binary: string;
  version: string;
  dataDir: string;
}

/** A mongod as a replica set of one, on the loopback interface. */
export function mongodProgram({ binary, version, dataDir }: MongodOptions): ServerProgram {
  return {
    name: `MongoDB ${version}`,
    endsWithOwner: false,
    picksPort: false,
    command: (port) => ({
      file: binary,
      args: [
        ...['--dbpath', dataDir, '--port', String(port), '--bind_ip', '127.0.0.1', '--replSet', MONGOD_REPLICA_SET],
        ...['--wiredTigerCacheSizeGB', CACHE_GB],
        ...(process.platform === 'win32' ? [] : ['--nounixsocket']),
      ],
    }),
    readyPort: (line) => {
      const found = /"Waiting for connections".*?"port":(\d+)/.exec(line);
      return found === null ? undefined : Number(found[1]);
    },
    explain: (lines) => explain(lines.join('\n'), dataDir),
    prepare: (port) => formReplicaSet(`127.0.0.1:${port}`),
  };
}

function explain(output: string, dataDir: string): DatabaseError | undefined {
  if (/DBPathInUse|Unable to lock the lock file|Device or resource busy/i.test(output)) {
    return new DataFolderInUseError(dataDir);
  }
  if (/Address already in use|SocketException.*in use/i.test(output)) {
    return new PortInUseError();
  }
  return undefined;
}

/**
 * Initiates the set, or moves a set whose data was last served at another port to this address, and waits until the
 * member accepts writes.
 */
async function formReplicaSet(host: string): Promise<void> {
  const client = new mongoose.mongo.MongoClient(`mongodb://${host}/?directConnection=true`, { serverSelectionTimeoutMS: 5_000 });
  try {
    const admin = client.db('admin');
    const members = [{ _id: 0, host }];
    try {
      const { config } = await admin.command({ replSetGetConfig: 1 });
      if (config.members?.[0]?.host !== host) {
        await admin.command({ replSetReconfig: { ...config, version: Number(config.version) + 1, members }, force: true });
      }
    } catch (error) {
      if ((error as { code?: unknown }).code !== NOT_YET_INITIALIZED) throw error;
      await admin.command({ replSetInitiate: { _id: MONGOD_REPLICA_SET, members } }).catch((reason: { code?: unknown }) => {
        if (reason.code !== ALREADY_INITIALIZED) throw reason as Error;
      });
    }
    await untilPrimary(async () => (await admin.command({ hello: 1 }))['isWritablePrimary'] === true);
  } finally {
    await client.close(true);
  }
}

async function untilPrimary(isPrimary: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + ELECTION_TIMEOUT_MS;
  while (!(await isPrimary())) {
    if (Date.now() > deadline) throw new Error(`the replica set had no primary after ${ELECTION_TIMEOUT_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
