import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

import cors from '@fastify/cors';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { Tracer } from '@opentelemetry/api';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest, LogController, type RouteHandlerMethod } from 'fastify';

import { CompiledOperations } from '../graphql/execution/compiled-operations.js';
import { OperationSpans } from '../telemetry/operation-spans.js';
import { AllowedHosts } from './allowed-hosts.js';
import { createApolloServer } from './apollo.js';
import type { Authentication } from './auth/authentication.js';
import { Callers } from './auth/callers.js';
import { callerOf, registerCallers } from './auth/routes.js';
import { assertSafeBind, hostInUrl, PortTakenError } from './bind.js';
import { answerBroken } from './broken-requests.js';
import { ClientAddresses } from './client-address.js';
import { CORS_OF_OTHER_SITES } from './cors.js';
import { asksForPage, registerDashboard, sendPage } from './dashboard.js';
import { type DashboardFiles, loadDashboard } from './dashboard-files.js';
import { Documents } from './documents.js';
import { answerUnroutable, errorBody, registerErrors } from './errors.js';
import { KnownOperations } from './known-operations.js';
import { type ExportOptions, registerExport } from './export/export.js';
import { registerTraceExport } from './export/trace/trace.js';
import { Turnstile } from './export/turnstile.js';
import { type HealthSources, registerHealth } from './health.js';
import { registerJsonBody } from './json-body.js';
import { type MetricsRouteOptions, registerMetrics } from './metrics.js';
import { type MountedHandler, type MountOptions, Mounts } from './mount.js';
import { PersistedQueries, trustedQueries } from './persisted-queries.js';
import { registerPlayground } from './playground.js';
import { refuseText } from './operation-text.js';
import { OperationRate } from './rate/operation-rate.js';
import { registerRate } from './rate/routes.js';
import { requestDeadline } from './request-deadline.js';
import { SECURITY_HEADERS } from './security-headers.js';
import { HOST_REFUSED } from './upgrade.js';
import { onlyTrusted } from './trusted/route.js';
import type { TrustedDocuments } from './trusted/trusted-documents.js';
import { createGraphqlWebSockets } from './websocket.js';

export const GRAPHQL_PATH = '/graphql';
const PLAYGROUND_PATH = '/graphiql';
/** How long a client may take to send the headers of a request, and the whole of it. Node takes the longer for the body: both are set. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** How often clients that take too long are looked for. */
const TIMEOUT_CHECK_MS = 5_000;

export interface ServerOptions extends ExportOptions {
  /** Who callers are. Closed with the server. */
  readonly authentication: Authentication;
  readonly health: HealthSources;
  /** The only documents that are run; those of the dashboard are added. Absent: any document is run. */
  readonly trustedDocuments?: TrustedDocuments | null | undefined;
  readonly playground: boolean;
  readonly dashboard: boolean;
  /** Largest HTTP body and WebSocket message, in bytes. */
  readonly bodyLimit: number;
  readonly connectionInitTimeoutMs: number;
  readonly keepAliveMs: number;
  /** Events that may wait for one subscription while its client does not read. */
  readonly subscriberQueue: number;
  /** Bytes that may wait for one WebSocket connection in the queues of its subscriptions. */
  readonly connectionQueueBytes: number;
  /** Bytes that may wait for all WebSocket connections together, each event counted once. */
  readonly queueBytes: number;
  /** Operations of one caller in a second, whatever the way they come. 0: any number. */
  readonly maxOperationsPerSecond: number;
  /** Operations of one caller at once. */
  readonly operationsBurst: number;
  readonly maxSubscriptionsPerConnection: number;
  /** WebSocket connections of one client address. 0: any number. */
  readonly maxConnectionsPerAddress: number;
  /** Origins of other sites (`https://ops.example.org`) whose pages may use the API. */
  readonly allowedOrigins: readonly string[];
  /** Names that the server is reached by, besides addresses and localhost: see `AllowedHosts`. */
  readonly allowedHosts: readonly string[];
  /** Addresses and subnets of proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  /** Absent: nothing is measured, and /metrics is not served. */
  readonly metrics?: MetricsRouteOptions | undefined;
  /** Of TaskTracker. */
  readonly version: string;
  /** What makes spans. Absent: nothing is traced. */
  readonly tracer?: Tracer | undefined;
}

/** GraphQL over HTTP and WebSocket, GraphiQL and health on one port. */
export interface Server {
  /**
   * Listens. Resolves with the URL of /graphql, the port in it being the real one where 0 was asked for.
   *
   * @throws UnsafeBindError, PortTakenError
   */
  listen(address: { readonly host: string; readonly port: number }): Promise<string>;
  /** Serves all of it, but for WebSockets, in a server of somebody else's: see `Mounts`. */
  handler(options?: MountOptions): MountedHandler;
  /** Takes the WebSockets of a mount from a server of somebody else's; returns how to stop. */
  attachWebSockets(server: HttpServer, options?: MountOptions): () => void;
  /** Open WebSocket connections. */
  readonly connections: number;
  /**
   * Stops accepting, waits at most `timeoutMs` for requests in flight, closes WebSockets with 1001, and cuts off what
   * is left. Servers in which it is mounted go on. Idempotent.
   */
  close(timeoutMs: number): Promise<void>;
}

export async function createServer(options: ServerOptions): Promise<Server> {
  const { surface, log, authentication } = options;
  const addresses = new ClientAddresses(options.trustedProxies);
  const allowedHosts = new AllowedHosts(options.allowedHosts);
  const callers = new Callers(authentication, addresses);
  const metrics = options.metrics?.metrics;
  const spans = options.tracer && new OperationSpans(options.tracer);
  let closing: Promise<void> | undefined;
  const documents = new Documents(surface);
  const operations = new CompiledOperations(surface.schema, surface.variables);
  const trusted = options.trustedDocuments ?? null;
  const persistedQueries = trusted === null ? new PersistedQueries() : trustedQueries(trusted);
  const observers = { operations: metrics?.operations, spans };
  const apollo = createApolloServer({ surface, documents, operations, log, observers, persistedQueries });
  await apollo.start();

  const http = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: options.bodyLimit,
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS, connectionsCheckingInterval: TIMEOUT_CHECK_MS },
    forceCloseConnections: 'idle',
    clientErrorHandler: answerBroken(log),
    frameworkErrors: answerUnroutable,
  }) as unknown as FastifyInstance;
  http.addHook('onRequest', (request, reply, done) => {
    reply.headers(SECURITY_HEADERS);
    if (allowedHosts.allows(request.raw)) done();
    else void reply.code(HOST_REFUSED.status).send(errorBody(HOST_REFUSED.message, HOST_REFUSED.code));
  });
  // A request that was in flight when the shutdown began must not leave an idle connection behind.
  http.addHook('onSend', (_request, reply, payload, done) => {
    if (closing !== undefined) reply.header('connection', 'close');
    done(null, payload);
  });
  http.addHook('onResponse', (request, reply, done) => {
    if (log.isLevelEnabled('debug')) {
      const { method } = request;
      log.debug({ method, path: request.url.split('?', 1)[0], client: addresses.of(request.raw), status: reply.statusCode, ms: Math.round(reply.elapsedTime) }, 'request');
    }
    done();
  });
  registerErrors(http, log);
  // Before callers are asked who they are: a page has to be able to read that it was refused.
  if (options.allowedOrigins.length > 0) await http.register(cors, { ...CORS_OF_OTHER_SITES, origin: [...options.allowedOrigins] });
  registerJsonBody(http);
  registerCallers(http, callers);
  const rate = new OperationRate({ ...options, counts: metrics?.counts });
  registerRate(http, rate, addresses);
  const createContext = (request: FastifyRequest, reply: FastifyReply) => surface.createContext(callerOf(request), requestDeadline(reply.raw, surface.queryTimeoutMs));
  const graphql = fastifyApolloHandler(apollo, {
    context: (request, reply) => {
      const context = createContext(request, reply);
      // Apollo Server copies the context; its loaders stay the same object, of this operation alone.
      spans?.alias(request, context.loaders);
      return Promise.resolve(context);
    },
  }) as RouteHandlerMethod;
  const known = new KnownOperations({ surface, documents, operations, observers, createContext });
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => (await known.answer(request, reply)) ?? graphql.call(http, request, reply);
  http.route({
    // Apollo Server itself answers 405 to what is neither GET nor POST.
    method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    url: GRAPHQL_PATH,
    config: { access: 'caller', rated: 'http' },
    // What is not trusted is not read, not even for its spelling.
    preHandler: trusted === null ? refuseText(surface) : [onlyTrusted(trusted), refuseText(surface)],
    handler: (request, reply) => {
      const serve = () => answer(request, reply);
      return spans === undefined ? serve() : spans.serve(request, reply.raw, serve);
    },
  });
  registerHealth(http, options.health, callers);
  const turnstile = new Turnstile(options.maxExports, metrics?.counts);
  registerExport(http, { ...options, turnstile });
  registerTraceExport(http, { ...options, turnstile });
  if (options.metrics !== undefined) registerMetrics(http, options.metrics);
  // Relative to the page: under whatever path a proxy has put both.
  const playground = options.playground && trusted === null;
  if (playground) registerPlayground(http, GRAPHQL_PATH.slice(1));
  const dashboard = options.dashboard ? await loadDashboard() : null;
  if (dashboard !== null) registerDashboard(http, dashboard);
  else if (options.dashboard) log.warn('the dashboard has not been built: `npm run build` does it');
  if (trusted !== null) {
    trusted.add(dashboard?.documents ?? new Map());
    log.info({ documents: trusted.size }, 'only trusted documents are run; GraphiQL is not served, as it sends what people write');
  }
  registerHome(http, { ...options, playground }, dashboard);

  const webSockets = createGraphqlWebSockets({
    surface,
    documents,
    operations,
    callers,
    rate,
    trusted,
    path: GRAPHQL_PATH,
    allowedOrigins: options.allowedOrigins,
    allowedHosts,
    addresses,
    maxPayload: options.bodyLimit,
    connectionInitTimeoutMs: options.connectionInitTimeoutMs,
    keepAliveMs: options.keepAliveMs,
    subscriberQueue: options.subscriberQueue,
    connectionQueueBytes: options.connectionQueueBytes,
    queueBytes: options.queueBytes,
    maxSubscriptionsPerConnection: options.maxSubscriptionsPerConnection,
    maxConnectionsPerAddress: options.maxConnectionsPerAddress,
    metrics,
    spans,
    log,
  });
  http.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => webSockets.upgrade(request, socket, head));
  // Its routes can be used before it listens, and without.
  await http.ready();
  const mounts = new Mounts({
    request: (request, response, authenticate) => {
      allowedHosts.isMounted(request);
      if (authenticate !== undefined) callers.askHost(request, authenticate);
      http.routing(request, response);
    },
    upgrade: (request, socket, head, authenticate) => {
      allowedHosts.isMounted(request);
      if (authenticate !== undefined) callers.askHost(request, authenticate);
      webSockets.upgrade(request, socket, head);
    },
    webSocketPath: GRAPHQL_PATH,
  });

  const shutDown = async (timeoutMs: number) => {
    const cutOff = setTimeout(() => http.server.closeAllConnections(), timeoutMs);
    cutOff.unref();
    // Both at once: the port is not released before the last upgraded connection has ended.
    await Promise.all([webSockets.close(timeoutMs), mounts.close(timeoutMs).then(() => http.close())]);
    clearTimeout(cutOff);
    authentication.close();
    await apollo.stop();
  };

  return {
    async listen({ host, port }) {
      assertSafeBind(host, authentication.required);
      allowedHosts.listensOn(host);
      try {
        await http.listen({ host, port });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw new PortTakenError(host, port, { cause: error });
        throw error;
      }
      const address = http.server.address() as AddressInfo;
      return `http://${hostInUrl(host)}:${address.port}${GRAPHQL_PATH}`;
    },
    handler: (options) => mounts.handler(options),
    attachWebSockets: (server, options) => mounts.attachWebSockets(server, options),
    get connections() {
      return webSockets.connections;
    },
    close: (timeoutMs) => (closing ??= shutDown(timeoutMs)),
  };
}

/**
 * GET /: people get the dashboard (GraphiQL where there is none), programs are told what there is. Relative to this URL:
 * under whatever path it has been put.
 */
function registerHome(http: FastifyInstance, { playground, metrics }: ServerOptions, dashboard: DashboardFiles | null): void {
  http.get('/', { config: { access: 'public' } }, (request, reply) => {
    if (asksForPage(request)) {
      if (dashboard !== null) return sendPage(request, reply, dashboard, 0);
      if (playground) return reply.redirect(`.${PLAYGROUND_PATH}`);
    }
    return reply.send({
      name: 'TaskTracker',
      graphql: `.${GRAPHQL_PATH}`,
      ...(playground ? { graphiql: `.${PLAYGROUND_PATH}` } : {}),
      health: ['./health/live', './health/ready'],
      ...(metrics === undefined ? {} : { metrics: './metrics' }),
    });
  });
}
