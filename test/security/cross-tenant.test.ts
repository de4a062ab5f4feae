import type { GraphQLSchema } from 'graphql';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';

import { ErrorCategory } from '../../src/model/error-category.js';
import { fingerprintOf } from '../../src/model/fingerprint/fingerprint.js';
import { encodeGlobalId } from '../../src/graphql/global-id.js';
import { buildTaskTrackerSchema } from '../../src/graphql/schema.js';
import { post, webSocketUrl } from '../support/clients.js';
import { operationsOn, type Operation, type Values } from './support/every-field.js';
import { MARK, NOW, OTHER_QUEUE, otherDocuments, ownDocuments, strangeDocuments, type Tenants, tenantsWith } from './support/tenants.js';

const json = (value: unknown): string => JSON.stringify(value);
const since = json(new Date(NOW - 20 * 3_600_000).toISOString());
const kindOf = (message: string): string => json(fingerprintOf(ErrorCategory.TRANSIENT, message).fingerprint);
const TASK_IDS = [`${MARK}:failed`, `${MARK}:queued`, 'own:0:failed', 'own:0:completed'].map(json);
const EXECUTIONS = [`${MARK}-failed`, `${MARK}-alike-failed`, `${MARK}-strange-0`, 'own-a-one-failed'].map(json);
const FILTERS = [
  ...[OTHER_QUEUE, `a${MARK}`, 'a-one'].map((name) => `{ queueName: [${json(name)}] }`),
  '{ status: [FAILED, DLQ, PROCESSING, UNKNOWN] }',
  ...TASK_IDS.map((taskId) => `{ taskId: ${taskId} }`),
  `{ taskIdPrefix: ${json(MARK)} }`,
  `{ executionId: [${EXECUTIONS.join(', ')}] }`,
  `{ fingerprint: ${kindOf(`${MARK} boom`)} }`,
  `{ fingerprint: ${kindOf('own boom')} }`,
  `{ metadata: [{ path: "owner", eq: ${json(`${MARK} owner`)} }] }`,
  '{ metadata: [{ path: "owner", exists: true }] }',
];

/** What arguments are given: names of the other tenant, and of the first. A new argument must be listed before the test passes. */
const VALUES: Values = {
  'Query.node.id': [`${MARK}-failed`, `${MARK}-strange-1`, 'own-a-one-failed', `${MARK}-nowhere`].map((id) => json(encodeGlobalId('TaskTracker', id))),
  name: [json(OTHER_QUEUE), json('a-one'), json(`a${MARK}`)],
  queueName: [json(OTHER_QUEUE), json('a-two'), '"(other queues)"'],
  nameContains: [json(MARK), '"a"'],
  taskId: TASK_IDS,
  executionId: EXECUTIONS,
  filter: FILTERS,
  orderBy: ['{ field: UPDATED_AT, direction: ASC }'],
  first: ['5'],
  last: ['5'],
  after: [],
  before: [],
  from: [since],
  to: [],
  interval: ['HOUR', 'MINUTE'],
  timeoutMs: ['60000'],
  withinMs: ['864000000'],
  adaptive: ['true'],
  newOnly: ['true'],
  minIntervalMs: ['0'],
  id: ['"00000000-0000-4000-8000-000000000000"'],
  actor: ['"anonymous"'],
  state: ['[FIRING, RESOLVED]'],
};

/** What differs from one moment, or one database, to another. */
const VOLATILE = new Set(['asOf', 'feedCursor', 'cursor', 'waitMs', 'runMs', 'totalWaitMs', 'totalRunMs', 'source', 'startCursor', 'endCursor', 'expiresAt']);
/** About the server, not about anybody's executions. */
const OF_THE_SERVER = new Set(['feed', 'stats', 'caller']);

function steady(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(steady);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, inner]) => (VOLATILE.has(key) ? [] : [[key, steady(inner)]])));
}

/** Asks again where a minute has begun meanwhile: series reach until now, and one answer would have an interval more than the other. */
async function withinOneMinute<T>(ask: () => Promise<T>): Promise<T> {
  const minute = () => Math.floor(Date.now() / 60_000);
  for (;;) {
    const before = minute();
    const answer = await ask();
    if (minute() === before) return answer;
  }
}

let schema: GraphQLSchema;
let queries: readonly Operation[];
beforeAll(async () => {
  schema = await buildTaskTrackerSchema();
  queries = operationsOn(schema, schema.getQueryType() as never, 'query', VALUES, 3).filter(({ name }) => !OF_THE_SERVER.has(/^Query\.(\w+)/.exec(name)?.[1] ?? ''));
});

describe.each([
  ['in memory', { statistics: 'stream' }],
  ['counted by the database', { statistics: 'aggregate' }],
] as const)('with figures %s, a caller with a scope', (_how, options) => {
  let alone: Tenants;
  let among: Tenants;
  beforeAll(async () => {
    [alone, among] = await Promise.all([tenantsWith(ownDocuments(), options), tenantsWith([...ownDocuments(), ...otherDocuments()], options)]);
  });
  afterAll(() => Promise.all([alone[Symbol.asyncDispose](), among[Symbol.asyncDispose]()]));

  async function answersOf(tenants: Tenants, { text }: Operation): Promise<unknown> {
    const { body } = await post(tenants.running.url, text, {}, tenants.headers('OPERATOR'));
    return body;
  }

  async function compareAll(): Promise<void> {
    const differences: string[] = [];
    for (const operation of queries) {
      const [own, shown] = await withinOneMinute(() => Promise.all([answersOf(alone, operation), answersOf(among, operation)]));
      if (json(steady(own)) !== json(steady(shown))) differences.push(`${operation.name}\n  alone: ${json(steady(own)).slice(0, 1_500)}\n  among others: ${json(steady(shown)).slice(0, 1_500)}`);
    }
    expect(differences).toEqual([]);
  }

  test('is answered every query of the schema as if no other queue existed', async () => {
    expect(queries.length).toBeGreaterThan(60);
    await compareAll();
    // The same questions, asked by who may know of all, do find the others: the test could fail.
    const found = await Promise.all(queries.map(async ({ text }) => json((await post(among.running.url, text, {}, among.everything)).body.data).includes(MARK)));
    expect(found.filter(Boolean).length).toBeGreaterThan(30);
  });

  test('and also where documents name a queue of the scope in a list, or in other ways than by a text', async () => {
    await among.running.app.model.collection.insertMany(strangeDocuments().map((document) => ({ ...document })) as never[]);
    await compareAll();
  });

  test('is not told how far lists of others reach by their cursors', async () => {
    const ask = (tenants: Tenants, after: string | null, headers: Record<string, string>) =>
      post(tenants.running.url, 'query ($after: String) { tasks(first: 1, after: $after) { totalCount pageInfo { endCursor hasNextPage } nodes { executionId } } }', { after }, headers);
    const others = (await ask(among, null, among.everything)).body.data as { tasks: { pageInfo: { endCursor: string } } };
    const behind = await Promise.all([alone, among].map((tenants) => ask(tenants, others.tasks.pageInfo.endCursor, tenants.headers('VIEWER'))));
    expect(behind[1]?.body.data).toEqual(behind[0]?.body.data);
  });

  test('exports no more than its own', async () => {
    const files = await Promise.all([alone, among].map(async (tenants) => (await fetch(new URL('/export?format=ndjson&columns=taskId,executionId,queueName,metadata,errorStack', tenants.running.url), { headers: tenants.headers('OPERATOR') })).text()));
    expect(files[1]).toBe(files[0]);
    expect(files[1]?.split('\n')).toHaveLength(13);
    expect(files[1]).not.toContain(MARK);
    const trace = await fetch(new URL(`/export/trace?taskId=${encodeURIComponent(`${MARK}:failed`)}`, among.running.url), { headers: among.headers('OPERATOR') });
    expect(trace.status).toBe(404);
  });

  test('is refused what is about every queue', async () => {
    const metrics = await fetch(new URL('/metrics', among.running.url), { headers: among.headers('ADMIN') });
    expect(metrics.status).toBe(403);
  });
});

describe('the moves of a caller with a scope', () => {
  let among: Tenants;
  beforeAll(async () => {
    among = await tenantsWith([...ownDocuments(), ...otherDocuments(), ...strangeDocuments()]);
  });
  afterAll(() => among[Symbol.asyncDispose]());

  const move = async (text: string): Promise<{ data: Record<string, { task: unknown; userErrors: { code: string; message: string }[]; deduplicated?: boolean }>; raw: string; errors: unknown }> => {
    const { body } = await post(among.running.url, text, {}, among.headers('ADMIN'));
    return { data: body.data as never, raw: json(body), errors: body.errors };
  };

  test('change nothing outside, which is NOT_FOUND like what does not exist', async () => {
    const { collection } = among.running.app.model;
    const before = json(await collection.find({ executionId: { $regex: `^${MARK}` } }).sort({ _id: 1 }).toArray());
    const outcome = 'task { executionId } userErrors { code message }';
    for (const { executionId } of [...otherDocuments(), ...strangeDocuments()]) {
      const id = json(executionId);
      const moves = [
        `startTask(executionId: ${id}) { ${outcome} }`,
        `completeTask(executionId: ${id}) { ${outcome} }`,
        `failTask(input: { executionId: ${id}, errorMessage: "x" }) { ${outcome} }`,
        `retryTask(input: { executionId: ${id} }) { previous { executionId } ${outcome} }`,
        `moveTaskToDlq(executionId: ${id}) { ${outcome} }`,
        `archiveTask(input: { executionId: ${id}, reason: "x" }) { ${outcome} }`,
      ];
      const { data } = await move(`mutation { ${moves.join(' ')} }`);
      expect(Object.values(data).map(({ task, userErrors }) => [task, userErrors[0]?.code])).toEqual(moves.map(() => [null, 'NOT_FOUND']));
    }
    expect(json(await collection.find({ executionId: { $regex: `^${MARK}` } }).sort({ _id: 1 }).toArray())).toBe(before);
  });

  test('put no task in a queue outside', async () => {
    const { data, errors } = await move(`mutation { enqueueTask(input: { taskId: "new:1", queueName: "${OTHER_QUEUE}" }) { task { id } } }`);
    expect(data).toBeNull();
    expect(errors).toMatchObject([{ message: expect.stringMatching(/^input\.queueName: /), extensions: { code: 'FORBIDDEN', field: ['input', 'queueName'] } }]);
    expect(await among.running.app.model.collection.countDocuments({ taskId: 'new:1' })).toBe(0);
  });

  test('are told that a task is active outside, and nothing of it', async () => {
    const { data, raw } = await move(`mutation { enqueueTask(input: { taskId: "${MARK}:queued", queueName: "a-one" }) { task { id executionId } deduplicated userErrors { code message } } }`);
    expect(data['enqueueTask']).toEqual({ task: null, deduplicated: true, userErrors: [] });
    expect(raw).not.toContain(MARK);
  });

  test('are told that an executionId is taken outside, and nothing of it', async () => {
    const { data } = await move(`mutation { enqueueTask(input: { taskId: "new:2", queueName: "a-one", executionId: "${MARK}-failed" }) { task { id } deduplicated userErrors { code message } } }`);
    expect(data['enqueueTask']).toEqual({ task: null, deduplicated: false, userErrors: [{ code: 'DUPLICATE_EXECUTION', message: 'An execution with this executionId exists already.' }] });
  });

  test('are told of a conflict outside without its ids', async () => {
    await among.running.app.model.collection.insertOne({ ...otherDocuments()[0], _id: `${MARK}-rival`, executionId: `${MARK}-rival`, taskId: 'own:1:failed' } as never);
    const { data, raw } = await move('mutation { retryTask(input: { executionId: "own-a-two-failed" }) { task { id } previous { executionId } userErrors { code message } } }');
    expect(data['retryTask']).toMatchObject({ task: null, userErrors: [{ code: 'CONFLICT' }] });
    expect(raw).not.toContain(MARK);
  });
});

describe('the streams of a caller with a scope', () => {
  test('of every subscription of the schema carry nothing of other queues, whatever happens to them', async () => {
    await using among = await tenantsWith([...ownDocuments(), ...otherDocuments()]);
    const { collection } = among.running.app.model;
    const subscriptions = operationsOn(schema, schema.getSubscriptionType() as never, 'subscription', VALUES, 2);
    const client = createClient({ url: webSocketUrl(among.running.url), webSocketImpl: WebSocket, retryAttempts: 0, connectionParams: among.headers('ADMIN') });
    const whole = createClient({ url: webSocketUrl(among.running.url), webSocketImpl: WebSocket, retryAttempts: 0, connectionParams: among.everything });
    const received: { readonly name: string; readonly message: string }[] = [];
    const ended: string[] = [];
    for (const { name, text } of subscriptions) {
      client.subscribe({ query: text }, { next: (result) => received.push({ name, message: json(result) }), error: (error) => ended.push(`${name}: ${json(error)}`), complete: () => undefined });
    }
    let seenByAll = '';
    whole.subscribe({ query: 'subscription { taskChanged { executionId task { queueName metadata } } }' }, { next: (result) => (seenByAll += json(result)), error: () => undefined, complete: () => undefined });
    const until = async (holds: () => boolean): Promise<void> => {
      while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    await until(() => among.running.app.feed.status().subscribers >= 5 && received.some(({ name }) => name.startsWith('Subscription.liveTasks')));

    const [, , , failed] = otherDocuments();
    await collection.insertOne({ ...failed, _id: `${MARK}-later`, executionId: `${MARK}-later`, taskId: 'own:0:failed' } as never);
    await collection.updateMany({ queueName: OTHER_QUEUE }, { $set: { 'metadata.more': `${MARK} more`, updatedAt: new Date(), failedAt: new Date(), errorMessage: 'own boom', status: 'failed' } });
    await collection.insertOne({ ...failed, _id: 'mover', executionId: 'mover', taskId: 'mover:1', messageVersion: '1.0', metadata: {}, errorMessage: 'moved', errorStack: 'moved', queueName: OTHER_QUEUE } as never);
    await collection.updateOne({ _id: 'mover' } as never, { $set: { queueName: 'a-one' } });
    await until(() => received.some(({ name, message }) => name === 'Subscription.taskChanged()' && message.includes('"CREATED"') && message.includes('mover')));
    await collection.updateOne({ _id: 'mover' } as never, { $set: { queueName: OTHER_QUEUE, errorMessage: `${MARK} gone` } });
    await collection.updateOne({ executionId: 'own-a-one-completed' }, { $set: { queueName: 'a-two', updatedAt: new Date() } });
    await collection.deleteMany({ queueName: OTHER_QUEUE });
    await collection.insertOne({ ...ownDocuments()[0], _id: 'last', executionId: 'last', taskId: 'last:1' } as never);
    await until(() => ['Subscription.taskChanged()', 'Subscription.liveTasks()'].every((wanted) => received.some(({ name, message }) => name === wanted && message.includes('"last"'))));

    expect(ended).toEqual([]);
    // Whoever asks for the counts of a queue by its name is told that name again, and that nothing is in it.
    const isEmptyAnswer = ({ name, message }: (typeof received)[number]): boolean => name.startsWith(`Subscription.queueStatsChanged(queueName: "${OTHER_QUEUE}"`) && message.includes('"total":0');
    const leaks = received.filter((each) => !isEmptyAnswer(each)).filter(({ message }) => message.replaceAll(/"cursor":"[^"]*"/g, '').includes(MARK) || message.includes(encodeGlobalId('TaskTracker', `${MARK}-later`)));
    expect(leaks).toEqual([]);
    expect(received.some(({ name, message }) => name === 'Subscription.taskChanged()' && message.includes('"REMOVED"') && message.includes('mover'))).toBe(true);
    expect(seenByAll).toContain(MARK);
    await Promise.all([client.dispose(), whole.dispose()]);
  });
});
