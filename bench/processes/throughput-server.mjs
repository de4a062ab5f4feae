/** One rung of the ladder of `bench/throughput.mjs`: a server that answers the same page from memory. Argument { kind, apiKeys }. */
import { createServer as createHttpServer } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import { fastify } from 'fastify';
import { pino } from 'pino';

import { DIST } from '../lib/processes.mjs';
import { documents, FIELDS, pageOf, RESOLVERS, SDL } from '../lib/throughput-page.mjs';

const [{ kind, apiKeys }] = process.argv.slice(2).map((text) => JSON.parse(text));
const load = (file) => import(pathToFileURL(path.join(DIST, file)).href);
const log = pino({ level: 'warn' }, pino.destination(2));

/** The yardstick: nothing between the rows and node:http but JSON. */
function raw() {
  const shown = (document) => Object.fromEntries(FIELDS.map((field) => [field, document[field] ?? null]));
  const server = createHttpServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const { variables } = JSON.parse(Buffer.concat(chunks).toString());
      const { nodes, pageInfo } = pageOf(variables.first);
      const body = JSON.stringify({ data: { tasks: { nodes: nodes.map(shown), pageInfo } } });
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
      response.end(body);
    });
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
}

async function onFastify(handler) {
  const http = fastify();
  http.post('/graphql', handler);
  return Number(new URL(await http.listen({ host: '127.0.0.1', port: 0 })).port);
}

async function apollo(options) {
  const server = new ApolloServer(options);
  await server.start();
  return onFastify(fastifyApolloHandler(server));
}

/** Apollo Server as its documentation sets it up: default resolvers, no rules of its own, nobody is asked who they are. */
const stock = () => apollo({ typeDefs: SDL, resolvers: RESOLVERS(pageOf) });

const FEW_PLUGINS = [
  ApolloServerPluginCacheControlDisabled(),
  ApolloServerPluginInlineTraceDisabled(),
  ApolloServerPluginLandingPageDisabled(),
  ApolloServerPluginSchemaReportingDisabled(),
  ApolloServerPluginUsageReportingDisabled(),
];

const fewPlugins = () => apollo({ typeDefs: SDL, resolvers: RESOLVERS(pageOf), plugins: FEW_PLUGINS });

/** As Apollo Server makes it. */
function schemaOfSdl() {
  const { makeExecutableSchema } = createRequire(createRequire(import.meta.url).resolve('@apollo/server'))('@graphql-tools/schema');
  return makeExecutableSchema({ typeDefs: SDL, resolvers: RESOLVERS(pageOf) });
}

async function parts() {
  const { CompiledOperations } = await load('graphql/execution/compiled-operations.js');
  const { Documents } = await load('server/documents.js');
  const schema = schemaOfSdl();
  return { schema, operations: new CompiledOperations(schema), documents: new Documents({ schema, maxTokens: 2_000, checkText: () => [], validationRules: [] }) };
}

/** Documents by their text: by default Apollo Server has them by their digest. */
const knownBy = (known) => ({
  documentStore: null,
  plugins: [
    ...FEW_PLUGINS,
    {
      requestDidStart: () =>
        Promise.resolve({
          didResolveSource: (request) => {
            request.document = known.known(request.source);
            return Promise.resolve();
          },
          didResolveOperation: ({ source, document }) => {
            known.keep(source, document);
            return Promise.resolve();
          },
        }),
    },
  ],
});

async function sharedDocuments() {
  const { schema, documents: known } = await parts();
  return apollo({ schema, ...knownBy(known) });
}

async function plans() {
  const { schema, operations, documents: known } = await parts();
  const executor = async ({ document, request, context: contextValue }) => operations.execute({ document, operationName: request.operationName, variableValues: request.variables, contextValue });
  const gateway = {
    onSchemaLoadOrUpdate: (tell) => {
      tell({ apiSchema: schema, coreSupergraphSdl: '' });
      return () => undefined;
    },
    load: () => Promise.resolve({ executor }),
    stop: () => Promise.resolve(),
  };
  return apollo({ gateway, ...knownBy(known) });
}

/** What would be left without Apollo Server, and without everything that TaskTracker does besides. */
async function plansAlone() {
  const { operations, documents: known } = await parts();
  return onFastify(async (request, reply) => {
    const { query, operationName, variables } = request.body;
    const result = await operations.execute({ document: known.read(query), operationName, variableValues: variables, contextValue: {} });
    reply.header('content-type', 'application/json; charset=utf-8');
    return JSON.stringify(result);
  });
}

/** The server as it is, with every rule, authentication, metrics and spans: only the database's answer comes from memory. */
async function tasktracker() {
  const { loadConfig } = await load('config.js');
  const { createSurface } = await load('graphql/surface.js');
  const { createServer } = await load('server/server.js');
  const { createTaskQueries } = await load('queries/task-queries.js');
  const { createAuthentication } = await load('server/auth/authentication.js');
  const { createMetrics } = await load('metrics/metrics.js');
  const { createTracer } = await load('telemetry/tracer.js');
  const collection = { find: (_filter, { limit }) => ({ toArray: () => Promise.resolve(documents.slice(0, limit)) }) };
  const model = { collection: { collectionName: 'task_trackers' }, db: { db: { collection: () => collection } } };
  const feed = { cursor: () => 'cursor', status: () => ({ state: 'LIVE', lagMs: 0 }) };
  // The rate of one caller is counted, and is the one limit that a load of one caller has to be let through.
  const config = { ...loadConfig({}), maxOperationsPerSecond: 1_000_000_000 };
  const authentication = await createAuthentication({ apiKeys, maxFailedAttempts: config.maxFailedAuthentications, log });
  const metrics = createMetrics({ version: '0', maxOperations: config.metricsOperations, maxQueues: config.metricsQueues });
  // What the page does not ask: it only has to be there, and to take a deadline.
  const idle = { until: () => idle };
  const surface = await createSurface({ queries: createTaskQueries({ model }), feed, statistics: idle, bulk: idle, audit: idle, log }, config);
  const server = await createServer({ ...config, surface, authentication, health: {}, metrics: { metrics }, tracer: createTracer('0'), version: '0', log });
  return Number(new URL(await server.listen({ host: '127.0.0.1', port: 0 })).port);
}

const KINDS = { raw, stock, fewPlugins, sharedDocuments, plans, plansAlone, tasktracker };

const port = await KINDS[kind]();
process.on('SIGTERM', () => process.exit(0));
process.on('disconnect', () => process.exit(0));
process.send({ port });
