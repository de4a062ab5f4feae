import { createServer, type Server, type ServerOptions } from '../../src/server/server.js';
import { NO_AUTHENTICATION } from '../../src/server/auth/authentication.js';
import { silentLogger } from './database.js';
import { readyStatus } from './statistics-status.js';
import { type Toy, toySurface } from './toy-surface.js';

export interface RunningToy extends Toy {
  readonly server: Server;
  /** URL of /graphql. */
  readonly url: string;
  /** URL of another path of the same server. */
  at(path: string): string;
  close(): Promise<void>;
}

/** The real server over the toy schema, on any free port, with a database and a feed that are well. */
export async function toyServer(options: Partial<ServerOptions> & { toy?: Toy } = {}): Promise<RunningToy> {
  const toy = options.toy ?? toySurface();
  const server = await createServer({
    surface: toy.surface,
    authentication: NO_AUTHENTICATION,
    health: {
      ping: () => Promise.resolve(),
      feedStatus: () => ({ state: 'LIVE', cursor: 'c', lagMs: 1, lastEventAt: null, subscribers: 0, ringSize: 0, resyncs: 0, reason: null }),
      statisticsStatus: () => readyStatus(),
      deduplication: { mode: 'index', reason: null },
    },
    playground: true,
    dashboard: true,
    bodyLimit: 4_096,
    connectionInitTimeoutMs: 3_000,
    keepAliveMs: 12_000,
    subscriberQueue: 1_000,
    connectionQueueBytes: 16 * 1024 * 1024,
    queueBytes: 256 * 1024 * 1024,
    maxOperationsPerSecond: 0,
    operationsBurst: 1,
    maxSubscriptionsPerConnection: 100,
    maxConnectionsPerAddress: 0,
    allowedOrigins: [],
    allowedHosts: [],
    trustedProxies: [],
    maxExportRows: 1_000,
    maxExports: 2,
    version: '0.0.0',
    log: silentLogger(),
    ...options,
  });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  return { ...toy, server, url, at: (path) => new URL(path, url).href, close: () => server.close(1_000) };
}
