/**
 * Our server over statistics whose documents are generated, not stored: for collections that take too long to load.
 * Message { documents }. The fold, schema, limits and HTTP server are those of the product; no database is there.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { pino } from 'pino';

import { DIST } from '../lib/processes.mjs';
import { sampleDocument } from '../lib/setup.mjs';

const load = (file) => import(pathToFileURL(path.join(DIST, file)).href);
const { loadConfig } = await load('config.js');
const { createSurface } = await load('graphql/surface.js');
const { toExecution } = await load('model/execution.js');
const { createServer } = await load('server/server.js');
const { createFold } = await load('stats/fold/fold.js');
const { createFoldSource } = await load('stats/fold-source.js');

const { documents } = JSON.parse(process.argv[2]);
const clock = () => Date.now();
const fold = createFold({ clock });
// eslint-disable-next-line prefer-spread -- a fold's apply is none of a function's
for (let index = 0; index < documents; index++) fold.apply(null, toExecution({ _id: index, ...sampleDocument(index) }));

const log = pino({ level: 'warn' }, pino.destination(2));
const config = loadConfig({});
const live = { state: 'LIVE', cursor: '', lagMs: 0, lastEventAt: null, subscribers: 0, ringSize: 0, resyncs: 0, reason: null };
const feed = { status: () => live, cursor: () => '', lastAnswerAt: () => new Date() };
const statistics = createFoldSource(fold, feed, undefined, clock);
const surface = await createSurface({ feed, statistics, log }, config);
const health = { ping: () => Promise.resolve(), feedStatus: () => live, statisticsStatus: () => ({}), deduplication: { mode: 'index', reason: null } };
const server = await createServer({ ...config, surface, health, log });
const url = await server.listen({ host: '127.0.0.1', port: 0 });
process.send({ url });
