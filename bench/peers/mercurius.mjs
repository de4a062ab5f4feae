/** Mercurius over the page of `bench/throughput.mjs`, with its JIT (graphql-jit) or without. Argument { jit }. */
import { fastify } from 'fastify';
import mercurius from 'mercurius';

import { pageOf, RESOLVERS, SDL } from '../lib/throughput-page.mjs';

const [{ jit }] = process.argv.slice(2).map((text) => JSON.parse(text));
const { DateTime, JSONObject, Query } = RESOLVERS(pageOf);
// Values of enums that differ from their names, as stored ones do, are not known to it.
const TaskTracker = { status: ({ status }) => status.toUpperCase(), errorCategory: ({ errorCategory }) => errorCategory?.toUpperCase() ?? null };
const app = fastify();
app.register(mercurius, { schema: SDL, resolvers: { DateTime, JSONObject, Query, TaskTracker }, jit: jit ? 1 : 0 });
const url = await app.listen({ host: '127.0.0.1', port: 0 });
process.on('SIGTERM', () => process.exit(0));
process.on('disconnect', () => process.exit(0));
process.send({ port: Number(new URL(url).port) });
