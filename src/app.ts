import type { Server as HttpServer } from 'node:http';
import { createRequire } from 'node:module';

import type { TracerProvider } from '@opentelemetry/api';
import { pino, type Logger } from 'pino';

import { NO_ALERTS } from './alerts/engine.js';
import { createAppAlerts, loadAlertsFile, type VariableLookup } from './app/app-alerts.js';
import { createAppAuthentication } from './app/app-authentication.js';
import { createAppFeed } from './app/app-feed.js';
import { createAppOperations } from './app/app-operations.js';
import { Closers } from './app/closers.js';
import { KeptIndexes } from './app/kept-indexes.js';
import { type Config, loadConfig } from './config.js';
import { connectDatabase } from './database/connect.js';
import { openDatabase, type OpenedDatabase } from './database/open.js';
import type { RunningFeed } from './feed/feed.js';
import type { Services } from './graphql/context.js';
import { isDatabaseUnavailable } from './graphql/errors.js';
import { createSurface, type TaskTrackerSurface } from './graphql/surface.js';
import { createLifecycle } from './lifecycle/lifecycle.js';
import { createLiveLists } from './live/live-lists.js';
import { createMetrics, type Metrics } from './metrics/metrics.js';
import { createTaskTrackerModel, type TaskTrackerModel } from './model/task-tracker.js';
import { createTaskQueries } from './queries/task-queries.js';
import type { Retention } from './retention/types.js';
import { assertSafeBind } from './server/bind.js';
import type { Deduplication } from './server/health.js';
import type { MountedHandler, MountOptions } from './server/mount.js';
import { createServer, type Server } from './server/server.js';
import { readTrustedDocuments } from './server/trusted/read-file.js';
import { TrustedDocuments } from './server/trusted/trusted-documents.js';
import { createStatistics } from './stats/statistics.js';
import { traceFeed } from './telemetry/feed-spans.js';
import { traceLifecycle } from './telemetry/lifecycle-spans.js';
import { createTracer } from './telemetry/tracer.js';

export interface TaskTrackerOptions extends Partial<Config> {
  /** Default: no log. */
  readonly log?: Logger | undefined;
  /** Told of each slow step of finding a database in one readable line. */
  readonly onProgress?: ((line: string) => void) | undefined;
  /** Ends a start that still looks for a database or installs one: it rejects with the reason of the signal. */
  readonly signal?: AbortSignal | undefined;
  /** What makes OpenTelemetry spans. Default: the provider that the process has registered; without one nothing is traced. */
  readonly tracerProvider?: TracerProvider | undefined;
  /** Looks up the variables that the file of alert rules names. Default: none is set, as the environment is not read. */
  readonly variable?: VariableLookup | undefined;
}

/** One application: a database, a feed, the services over them, and a server. Nothing of it is global. */
export interface TaskTrackerApp {
  readonly database: OpenedDatabase;
  readonly model: TaskTrackerModel;
  readonly feed: RunningFeed;
  readonly services: Services;
  readonly surface: TaskTrackerSurface;
  /** What is archived and deleted by its age. */
  readonly retention: Retention;
  /** As it stands now: the indexes are looked at again when the collection may have been replaced. */
  readonly deduplication: Deduplication;
  /**
   * Listens. Resolves with the URL of /graphql.
   *
   * @throws UnsafeBindError, PortTakenError
   */
  start(): Promise<string>;
  /**
   * Serves all that `start` would, but for WebSockets, in a server of yours: with `http.createServer`, with Express's `use`,
   * or from a hook of Fastify. Who asks is told by API keys and tokens, or by `authenticate` of the options; where there is
   * neither, nobody is asked, and that is for your server to do before it calls.
   */
  handler(options?: MountOptions): MountedHandler;
  /** Takes the WebSockets of the mount from a server of yours; those of other paths stay its own. Returns how to stop. */
  attachWebSockets(server: HttpServer, options?: MountOptions): () => void;
  /**
   * Finishes requests in flight, closes WebSockets with 1001, saves the figures in memory, then closes the feed and the
   * database: all of it within `shutdownTimeoutMs` (and about a quarter of a second), of which requests may take four fifths.
   * What cannot be closed by then, as while the database is away, is left behind. Servers of yours in which it is mounted
   * go on. Idempotent.
   */
  close(): Promise<void>;
}

/** Of the time for a shutdown: what follows the requests needs some of it, above all the figures that are saved. */
const REQUESTS_SHARE = 0.8;

const { version } = createRequire(import.meta.url)('../package.json') as { readonly version: string };

/** What an application is given besides its settings. */
interface Surroundings extends Pick<TaskTrackerOptions, 'onProgress' | 'signal' | 'tracerProvider'> {
  readonly log: Logger;
  readonly variable: VariableLookup;
}

/**
 * Finds or brings up a database, connects, builds the indexes that are missing, starts the feed, and wires the parts.
 * The server listens when `start()` is called. What was opened is closed again where something fails.
 *
 * @param options settings by the names of Config; what is absent takes its default. The environment is not read.
 * @throws DatabaseError, AlertsFileError, TrustedDocumentsError, with what to do about it in `remedy`
 */
export async function createTaskTracker(options: TaskTrackerOptions = {}): Promise<TaskTrackerApp> {
  const { log = pino({ level: 'silent' }), onProgress, signal, tracerProvider, variable = () => undefined, ...settings } = options;
  const config: Config = { ...loadConfig({}), ...settings };
  const closers = new Closers(log);
  try {
    return await assemble(config, { log, onProgress, signal, tracerProvider, variable }, closers);
  } catch (error) {
    await closers.close(config.shutdownTimeoutMs);
    throw error;
  }
}

function measure({ metricsOperations, metricsQueues }: Config, closers: Closers): Metrics {
  const metrics = createMetrics({ version, maxOperations: metricsOperations, maxQueues: metricsQueues });
  closers.add('metrics', () => Promise.resolve(metrics.close()));
  return metrics;
}

async function assemble(
  config: Config,
  { log, onProgress, signal, tracerProvider, variable }: Surroundings,
  closers: Closers,
): Promise<TaskTrackerApp> {
  const rules = config.alertsFile === undefined ? null : await loadAlertsFile(config.alertsFile, variable);
  const documents = config.trustedDocuments === undefined ? null : await readTrustedDocuments(config.trustedDocuments);
  const authentication = await createAppAuthentication(config, log);
  closers.add('authentication', () => Promise.resolve(authentication.close()));
  assertSafeBind(config.host, authentication.required);
  const { mongodbUri: uri, dataDir, cacheDir, databaseName, systemBinary } = config;
  const database = await openDatabase({ uri, dataDir, cacheDir, databaseName, systemBinary, log, onProgress, signal });
  closers.add('database', () => database.close(), { keepsOwnLimit: true });

  const metrics = config.metrics ? measure(config, closers) : undefined;
  const connection = await connectDatabase(database.uri, { log, appName: 'tasktracker', onClient: (client) => metrics?.watchPool(client) });
  closers.add('connection', () => connection.close());

  const model = createTaskTrackerModel(connection);
  const { feed, preImages } = createAppFeed(connection, config, log);
  closers.add('feed', () => feed.close());
  const tracer = createTracer(version, tracerProvider);
  // Ends with the feed.
  void traceFeed(feed, tracer);
  // The feed makes the collection ready for pre-images, so it goes before the indexes create it without.
  await feed.start();
  const indexes = new KeptIndexes(connection, model, log);
  await indexes.build();
  const following = indexes.follow(feed);
  closers.add('indexes', async () => {
    indexes.close();
    await feed.close();
    await following;
  });

  const { checkpointIntervalMs, reconcileIntervalMs } = config;
  const stream = config.statistics === 'stream' ? { preImages, checkpointIntervalMs, reconcileIntervalMs } : undefined;
  const statistics = createStatistics({ model, feed, log, stream, maxTimeMs: config.queryTimeoutMs });
  closers.add('statistics', (leftMs) => statistics.close(leftMs));
  statistics.start();
  const alerts = createAppAlerts(rules, { sources: { feed, statistics }, log, version, alertsIntervalMs: config.alertsIntervalMs });
  if (alerts !== null) closers.add('alerts', (leftMs) => alerts.close(leftMs));

  const operations = await createAppOperations(connection, model, () => indexes.deduplication.mode, { ...config, leaseMs: config.bulkLeaseMs }, log);
  closers.add('operations', () => operations.close());
  operations.begin();
  const { audit, bulk, retention } = operations;
  metrics?.observe({ feed, statistics, retention, deduplication: () => indexes.deduplication.mode, alerts });

  const queries = createTaskQueries({ model, maxTimeMs: config.queryTimeoutMs });
  const services: Services = {
    queries,
    lifecycle: traceLifecycle(createLifecycle(operations.moves), tracer),
    statistics,
    feed,
    bulk,
    audit,
    liveLists: createLiveLists({ feed, queries, isTransient: isDatabaseUnavailable }),
    alerts: alerts ?? NO_ALERTS,
    log,
  };
  const surface = await createSurface(services, config);
  const trustedDocuments = documents && TrustedDocuments.of(documents, surface, config.trustedDocuments ?? '');
  const server: Server = await createServer({
    trustedDocuments,
    surface,
    authentication,
    health: {
      ping: async () => {
        await connection.db?.command({ ping: 1 });
      },
      feedStatus: () => feed.status(),
      statisticsStatus: () => statistics.status(),
      get deduplication() {
        return indexes.deduplication;
      },
    },
    playground: config.playground,
    dashboard: config.dashboard,
    bodyLimit: config.bodyLimit,
    connectionInitTimeoutMs: config.connectionInitTimeoutMs,
    keepAliveMs: config.keepAliveMs,
    subscriberQueue: config.subscriberQueue,
    connectionQueueBytes: config.connectionQueueBytes,
    queueBytes: config.queueBytes,
    maxOperationsPerSecond: config.maxOperationsPerSecond,
    operationsBurst: config.operationsBurst,
    maxSubscriptionsPerConnection: config.maxSubscriptionsPerConnection,
    maxConnectionsPerAddress: config.maxConnectionsPerAddress,
    allowedOrigins: config.allowedOrigins,
    allowedHosts: config.allowedHosts,
    trustedProxies: config.trustedProxies,
    maxExportRows: config.maxExportRows,
    maxExports: config.maxExports,
    metrics: metrics && { metrics, token: config.metricsToken },
    version,
    tracer,
    log,
  });
  closers.add('server', (leftMs) => server.close(leftMs * REQUESTS_SHARE));

  let closing: Promise<void> | undefined;
  return {
    database,
    model,
    feed,
    services,
    surface,
    retention,
    get deduplication() {
      return indexes.deduplication;
    },
    start: () => server.listen({ host: config.host, port: config.port }),
    handler: (options) => server.handler(options),
    attachWebSockets: (host, options) => server.attachWebSockets(host, options),
    close: () => (closing ??= closers.close(config.shutdownTimeoutMs)),
  };
}
