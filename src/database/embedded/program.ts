import type { DatabaseError } from '../errors.js';

/** What an embedded server is: how to run it, and how to read what it prints. */
export interface ServerProgram {
  /** For people: name and version. */
  readonly name: string;
  /** The command line that serves the data folder at the port. Port 0: any free one. */
  command(port: number): { file: string; args: readonly string[] };
  /** True when the program ends by itself as soon as its standard input closes; else a watcher process is needed. */
  readonly endsWithOwner: boolean;
  /** True when the program takes port 0 and tells the port it got. */
  readonly picksPort: boolean;
  /** The port, when this line of output says that the server listens. */
  readyPort(line: string): number | undefined;
  /** A known failure, recognised from the last lines of output of a server that ended while starting. */
  explain(lines: readonly string[]): DatabaseError | undefined;
  /** Runs after each start, before the server counts as up (a replica set is initiated here). */
  prepare?(port: number): Promise<void>;
}
