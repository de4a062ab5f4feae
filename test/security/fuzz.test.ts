import { writeFileSync } from 'node:fs';

import fc from 'fast-check';
import { mongo } from 'mongoose';
import { beforeAll, expect, test } from 'vitest';

import { encodeGlobalId } from '../../src/graphql/global-id.js';
import { buildTaskTrackerSchema } from '../../src/graphql/schema.js';
import { RawSocket } from '../support/clients.js';
import { commandLine } from '../support/command-line.js';
import { until } from '../support/embedded.js';
import { stored } from '../support/feed.js';
import { type AttackedServer, attackedServer } from './support/attacked-server.js';
import { type GeneratedOperation, generatedOperations } from './support/generated-operations.js';
import { inParallel } from './support/parallel.js';

/** How many operations there are; the file that tells what became of them, where one is named. */
const OPERATIONS = Number(process.env['FUZZ_OPERATIONS'] ?? 1_500);
const RESULT = process.env['FUZZ_RESULT'];
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
const CHUNK = 250;
const AT_ONCE = 8;
/** Every so manieth query or mutation goes over WebSocket, and every so manieth subscription over HTTP, which refuses it. */
const OVER_SOCKET = 5;
const TIME_LIMIT_MS = 60_000 + OPERATIONS * 100;

const commands = commandLine();
let server: AttackedServer;
let arbitrary: fc.Arbitrary<GeneratedOperation>;

const counts = { statuses: {} as Record<string, number>, codes: {} as Record<string, number>, overWebSocket: 0, answeredWithData: 0 };
const count = (figures: Record<string, number>, name: string): void => {
  figures[name] = (figures[name] ?? 0) + 1;
};

beforeAll(async () => {
  const uri = commands.ownDatabase();
  server = await attackedServer(commands, { MONGODB_URI: uri, TASKTRACKER_MAX_OPERATIONS_PER_SECOND: '0', TASKTRACKER_MAX_SUBSCRIPTIONS_PER_CONNECTION: '1000' });
  const statuses = ['queued', 'processing', 'completed', 'failed', 'dlq', 'archived'];
  const executions = Array.from({ length: 60 }, (_, index) => `e${index}`);
  const documents = executions.map((id, index) => ({ _id: id, ...stored(id, { taskId: `jobs:${index % 20}`, queueName: `q${index % 3}`, status: statuses[index % statuses.length], failedAt: new Date(), errorMessage: `boom ${index % 2}`, errorCategory: 'transient', processingStartedAt: new Date(Date.now() - 60_000), metadata: { a: { b: index } } }) }));
  const client = await new mongo.MongoClient(uri).connect();
  await client.db().collection('task_trackers').insertMany(documents as never[]);
  await client.close();
  const ask = async (query: string): Promise<{ tasks: { feedCursor: string; pageInfo: { endCursor: string } }; errorGroups: { fingerprint: string }[] }> => {
    const response = await fetch(server.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query }) });
    return ((await response.json()) as { data: never }).data;
  };
  const look = '{ tasks(first: 3) { feedCursor pageInfo { endCursor } } errorGroups { fingerprint } }';
  await until('the figures are there', async () => (await ask(look)).errorGroups.length > 0);
  const { tasks, errorGroups } = await ask(look);
  const known = [...executions.slice(0, 12), ...['jobs:1', 'jobs:2', 'q0', 'q1', 'a.b', 'anonymous'], ...executions.slice(0, 4).map((id) => encodeGlobalId('TaskTracker', id)), tasks.feedCursor, tasks.pageInfo.endCursor, ...errorGroups.map(({ fingerprint }) => fingerprint)];
  arbitrary = generatedOperations(await buildTaskTrackerSchema(), known);
});

/** What is wrong with an answer as a response of GraphQL; null where nothing is. */
function flawOf(answer: unknown): string | null {
  if (typeof answer !== 'object' || answer === null) return 'it is no object';
  const { data, errors, ...rest } = answer as { data?: unknown; errors?: unknown };
  if (Object.keys(rest).some((name) => name !== 'extensions')) return `it has ${Object.keys(rest).join(', ')}`;
  if (errors === undefined) return typeof data === 'object' && data !== null ? null : 'it has neither data nor errors';
  if (!Array.isArray(errors) || errors.length === 0) return 'its errors are no list, or an empty one';
  for (const error of errors as { message?: unknown; extensions?: { code?: unknown }; path?: unknown; locations?: unknown }[]) {
    if (typeof error.message !== 'string') return 'an error has no message';
    if (typeof error.extensions?.code !== 'string') return `an error has no code: ${error.message}`;
    if (error.extensions.code === 'INTERNAL_SERVER_ERROR') return `an error of our own: ${error.message}`;
    if (/\n {4}at |node_modules|\/dist\//.test(JSON.stringify(error))) return 'an error tells of the code';
    count(counts.codes, error.extensions.code);
  }
  return null;
}

async function overHttp({ body }: GeneratedOperation): Promise<string | null> {
  const response = await fetch(server.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const text = await response.text();
  count(counts.statuses, String(response.status));
  if (response.status >= 500) return `${response.status}: ${text.slice(0, 500)}`;
  const answer = JSON.parse(text) as { data?: unknown };
  if (typeof answer.data === 'object' && answer.data !== null) counts.answeredWithData += 1;
  return flawOf(answer);
}

/** The connections of the workers: one is opened again where an operation that is no message has closed it. */
class Sockets {
  readonly #open: RawSocket[] = [];
  #ids = 0;

  async run({ body, kind }: GeneratedOperation): Promise<string | null> {
    const raw = this.#open.pop() ?? (await RawSocket.acknowledged(server.url));
    counts.overWebSocket += 1;
    this.#ids += 1;
    const id = String(this.#ids);
    raw.send(`{"id":"${id}","type":"subscribe","payload":${body === '' ? 'null' : body}}`);
    // A subscription need not answer: what is sent behind it does.
    raw.send({ id: `after ${id}`, type: 'subscribe', payload: { query: '{ __typename }' } });
    const first = await Promise.race([raw.until((message) => message.id === `after ${id}` && message.type === 'complete'), raw.closed]);
    if ('code' in first) {
      count(counts.statuses, `closed ${first.code}`);
      return first.code === 4400 ? null : `the connection was closed with ${first.code}`;
    }
    if (kind !== 'subscription') await raw.until((message) => message.id === id && ['complete', 'error'].includes(message.type));
    const answers = (raw.messages as { id?: string; type: string; payload?: unknown }[]).filter((message) => message.id === id && message.type !== 'complete');
    raw.send({ id, type: 'complete' });
    raw.messages.length = 0;
    this.#open.push(raw);
    const flaws = answers.map(({ type, payload }) => flawOf(type === 'error' ? { errors: payload } : payload));
    return flaws.find((flaw) => flaw !== null) ?? null;
  }

  close(): void {
    for (const raw of this.#open) raw.socket.terminate();
  }
}

test(
  `${OPERATIONS} operations made from the schema are each answered, and none of them with an error of our own (seed ${SEED})`,
  async () => {
    const begun = performance.now();
    const sockets = new Sockets();
    const flaws: string[] = [];
    for (let done = 0; done < OPERATIONS; done += CHUNK) {
      const operations = fc.sample(arbitrary, { numRuns: Math.min(CHUNK, OPERATIONS - done), seed: SEED + done });
      await inParallel(AT_ONCE, operations.entries(), async ([index, operation]) => {
        const isOverSocket = operation.kind === 'subscription' ? index % OVER_SOCKET !== 0 : index % OVER_SOCKET === 0;
        const flaw = await (isOverSocket ? sockets.run(operation) : overHttp(operation));
        if (flaw !== null) flaws.push(`${flaw}\n    ${operation.body.slice(0, 2_000)}`);
      });
    }
    sockets.close();
    if (RESULT !== undefined) writeFileSync(RESULT, `${JSON.stringify({ operations: OPERATIONS, seed: SEED, seconds: Math.round((performance.now() - begun) / 1_000), flaws: flaws.length, ...counts }, null, 2)}\n`);
    expect(flaws.slice(0, 10), server.complaints().slice(0, 10_000)).toEqual([]);
    expect(counts.answeredWithData).toBeGreaterThan(OPERATIONS / 10);
    await server.expectHealthy();
  },
  TIME_LIMIT_MS,
);
