import { createFeed, type FeedOptions, type RunningFeed } from '../../src/feed/feed.js';
import type { Services } from '../../src/graphql/context.js';
import { createSurface } from '../../src/graphql/surface.js';
import type { Server, ServerOptions } from '../../src/server/server.js';
import { silentLogger } from './database.js';
import { memorySource, type MemorySource } from './memory-source.js';
import { toyServer } from './server.js';

export interface MemoryApp extends AsyncDisposable {
  readonly source: MemorySource;
  readonly feed: RunningFeed;
  readonly server: Server;
  /** URL of /graphql. */
  readonly url: string;
}

/** The real feed, schema and server over a change stream in memory: what no database can be made to do at will. */
export async function memoryApp(options: { feed?: Partial<FeedOptions>; server?: Partial<ServerOptions> } = {}): Promise<MemoryApp> {
  const source = memorySource();
  const log = silentLogger();
  const feed = createFeed({ source, namespace: 'memory.task_trackers', log, ...options.feed });
  await feed.start();
  const unread: object = { until: () => unread };
  const surface = await createSurface({ feed, log, queries: unread, statistics: unread, bulk: unread, audit: unread } as unknown as Services);
  const { server, url, close } = await toyServer({ surface, bodyLimit: 1024 * 1024, ...options.server });
  return {
    source,
    feed,
    server,
    url,
    async [Symbol.asyncDispose]() {
      await close();
      await feed.close();
    },
  };
}
