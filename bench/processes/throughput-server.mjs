/**
 * One rung of the ladder of `bench/throughput.mjs`: a server that answers the same page from memory. Argument { kind, apiKeys }.
 */
import { createServer as createHttpServer } from 'node:http';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import { fastify } from 'fastify';
import { GraphQLDateTimeISO, GraphQLJSONObject } from 'graphql-scalars';
import mongoose from 'mongoose';
import { pino } from 'pino';

import { DIST } from '../lib/processes.mjs';
import { sampleDocument } from '../lib/setup.mjs';
import { FIELDS, TYPES } from '../lib/throughput-page.mjs';

const [{ kind, apiKeys }] = process.argv.slice(2).map((text) => JSON.parse(text));
const load = (file) => import(pathToFileURL(path.join(DIST, file)).href);
const documents = Array.from({ length: 60 }, (_, index) => ({ _id: new mongoose.mongo.ObjectId(), ...sampleDocument(index) }));
const log = pino({ level: 'warn' }, pino.destination(2));
const page = (first) => ({ nodes: documents.slice(0, first), pageInfo: { hasNextPage: documents.length > first } });

/** The yardstick: nothing between the rows and node:http but JSON. */
function raw() {
  const shown = (document) => Object.fromEntries(FIELDS.map((field) => [field, document[field] ?? null]));
  const server = createHttpServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const { variables } = JSON.parse(Buffer.concat(chunks).toString());
      const { nodes, pageInfo } = page(variables.first);
      const body = JSON.stringify({ data: { tasks: { nodes: nodes.map(shown), pageInfo } } });
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
      response.end(body);
    });
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
}

/** Apollo Server as its documentation sets it up: default resolvers, no rules of its own, nobody is asked who they are. */
async function stockApollo() {
  const lower = Object.fromEntries(['QUEUED', 'PROCESSING', 'COMPLETED', 'FAILED', 'DLQ', 'ARCHIVED'].map((name) => [name, name.toLowerCase()]));
  const resolvers = {
    DateTime: GraphQLDateTimeISO,
    JSONObject: GraphQLJSONObject,
    TaskStatus: lower,
    ErrorCategory: { VALIDATION: 'validation' },
    Query: { tasks: (_root, { first }) => page(first) },
  };
  const apollo = new ApolloServer({ typeDefs: TYPES, resolvers });
  await apollo.start();
  const http = fastify();
  http.post('/graphql', fastifyApolloHandler(apollo));
  return Number(new URL(await http.listen({ host: '127.0.0.1', port: 0 })).port);
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
  const config = loadConfig({});
  const authentication = await createAuthentication({ apiKeys, maxFailedAttempts: config.maxFailedAuthentications, log });
  const metrics = createMetrics({ version: '0', maxOperations: config.metricsOperations, maxQueues: config.metricsQueues });
  const surface = await createSurface({ queries: createTaskQueries({ model }), feed, statistics: {}, log }, config);
  const server = await createServer({ ...config, surface, authentication, health: {}, metrics: { metrics }, tracer: createTracer('0'), version: '0', log });
  return Number(new URL(await server.listen({ host: '127.0.0.1', port: 0 })).port);
}

const port = await { raw, 'stock-apollo': stockApollo, tasktracker }[kind]();
process.on('SIGTERM', () => process.exit(0));
process.on('disconnect', () => process.exit(0));
if (process.send) process.send({ port });
else console.log(port);
