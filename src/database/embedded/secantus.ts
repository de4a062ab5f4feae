import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { DataFolderInUseError, PortInUseError, type DatabaseError } from '../errors.js';
import type { PythonEnvironment } from './environment.js';
import type { ServerProgram } from './program.js';

const LAUNCHER = fileURLToPath(new URL('./launcher/launcher.py', import.meta.url));

/** The replica set name that SecantusDB announces; a URI that asks for another one fails. */
export const SECANTUS_REPLICA_SET = 'secantus';

/** Enough history for a week of a small installation: an overtaken stream would lose events without an error. */
const OPLOG_ENTRIES = 2_000_000;
const OPLOG_SECONDS = 7 * 24 * 60 * 60;
/** Quiet streams get a new resume token at this interval, as mongod's do. */
const HEARTBEAT_SECONDS = 10;

export interface SecantusOptions {
  environment: PythonEnvironment;
  dataDir: string;
  /** A throw-away folder that the server removes itself when its owner dies without closing it. */
  discard?: string | undefined;
  /** SecantusDB as it is, without our improvements of its planner: the oracle of differential tests. */
  unpatched?: boolean | undefined;
}

/** SecantusDB behind our launcher. */
export function secantusProgram({ environment, dataDir, discard, unpatched }: SecantusOptions): ServerProgram {
  return {
    name: 'SecantusDB 0.7.0b3',
    endsWithOwner: true,
    picksPort: true,
    command: (port) => ({
      file: environment.python,
      args: [
        // Nothing of the user's own Python (-E, -s); no compiled files beside the launcher (-B), whose folder may be read-only.
        '-EsB',
        LAUNCHER,
        '--end-with-owner',
        ...(discard === undefined ? [] : ['--discard', discard]),
        ...(unpatched === true ? ['--unpatched'] : []),
        ...['--host', '127.0.0.1', '--port', String(port), '--storage-path', dataDir, '--cache-size', '256M'],
        ...['--oplog-max-entries', String(OPLOG_ENTRIES), '--oplog-retention-seconds', String(OPLOG_SECONDS)],
        ...['--noop-heartbeat-seconds', String(HEARTBEAT_SECONDS)],
      ],
    }),
    readyPort: (line) => {
      const found = /secantus listening on 127\.0\.0\.1:(\d+)/.exec(line);
      return found === null ? undefined : Number(found[1]);
    },
    explain: (lines) => explain(lines.join('\n'), dataDir),
  };
}

function explain(output: string, dataDir: string): DatabaseError | undefined {
  if (/Device or resource busy|already open|WT_CONN.*busy/i.test(output)) {
    return new DataFolderInUseError(path.dirname(dataDir));
  }
  if (/Address already in use|WinError 10048/i.test(output)) {
    return new PortInUseError();
  }
  return undefined;
}
