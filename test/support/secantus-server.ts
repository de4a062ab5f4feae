import path from 'node:path';

import { secantusProgram } from '../../src/database/embedded/secantus.js';
import { EmbeddedServer } from '../../src/database/embedded/server.js';
import { silentLogger } from './database.js';
import { secantusEnvironment, temporaryFolder } from './embedded.js';

export interface SecantusServer extends AsyncDisposable {
  readonly port: number;
  /** The current process; another one after a restart. */
  readonly pid: number;
  /** Connection string of a database by this name. */
  uri(name: string): string;
}

/** An embedded database of the test's own with further arguments, such as a history of few entries. */
export async function secantusServer(...extra: string[]): Promise<SecantusServer> {
  const data = await temporaryFolder();
  const program = secantusProgram({ environment: await secantusEnvironment(), dataDir: path.join(data.folder, 'secantus') });
  const server = await EmbeddedServer.start(
    {
      ...program,
      command(port) {
        const { file, args } = program.command(port);
        return { file, args: [...args, ...extra] };
      },
    },
    { log: silentLogger(), port: 0 },
  );
  return {
    port: server.port,
    get pid() {
      return server.pid ?? 0;
    },
    uri: (name) => `mongodb://127.0.0.1:${server.port}/${name}?replicaSet=secantus&journal=true`,
    async [Symbol.asyncDispose]() {
      await server.close();
      await data[Symbol.asyncDispose]();
    },
  };
}
