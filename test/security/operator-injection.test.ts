import { GraphQLScalarType, type GraphQLSchema } from 'graphql';
import { mongo } from 'mongoose';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { buildTaskTrackerSchema } from '../../src/graphql/schema.js';
import { type RunningApp, runningApp } from '../support/app.js';
import { uriOf } from '../support/database.js';
import { type HttpAnswer, post, RawSocket } from '../support/clients.js';
import { until } from '../support/embedded.js';
import { stored } from '../support/feed.js';
import { watchCommands, type CommandWatch } from './support/command-watch.js';
import { HOSTILE_CODES, HOSTILE_OBJECTS, HOSTILE_TEXTS } from './support/hostile-values.js';
import { type Input, inputsOf, typesBelowTheRoot } from './support/inputs.js';
import { inParallel } from './support/parallel.js';
import { MARK, SMUGGLED, strayInputs } from './support/stray-input.js';

/** In every text of the executions that no hostile value means. */
const BYSTANDER = 'BYSTANDER';
const DATABASE = `tt_injection_${process.pid}`;

const VALUES = { taskId: ['"nobody"'], executionId: ['"nobody"'], queueName: ['"nobody"'], name: ['"nobody"'], id: ['"nobody"'], from: [JSON.stringify(new Date(Date.now() - 60_000).toISOString())], input: ['null'] };
const SIBLINGS = {
  MetadataFilter: { path: 'owner', exists: true },
  EnqueueTaskInput: { taskId: 'beside:1', queueName: 'beside' },
  FailTaskInput: { executionId: 'nobody', errorMessage: 'm' },
  RetryTaskInput: { executionId: 'nobody' },
  ArchiveTaskInput: { executionId: 'nobody', reason: 'r' },
  BulkInput: { action: 'ARCHIVE', filter: { taskId: 'nobody' }, reason: 'r' },
};
/** Scalars that take any text. The others are as good as guarded by their types. */
const TEXTUAL = new Set(['String', 'ID', 'JSON', 'JSONObject']);
/** Over HTTP, a name like `__proto__` is refused with the whole body. */
const REFUSALS = new Set(['BAD_USER_INPUT', 'INVALID_INPUT', 'BAD_REQUEST']);

let schema: GraphQLSchema;
let inputs: readonly Input[];
let running: RunningApp;
let watch: CommandWatch;
let commands = 0;
const stray = new Map<string, string>();

beforeAll(async () => {
  schema = await buildTaskTrackerSchema();
  inputs = inputsOf(schema, VALUES, SIBLINGS);
  const database = new URL(inject('mongoUri'));
  watch = await watchCommands(Number(database.port), (command) => {
    commands += 1;
    for (const found of strayInputs(command)) stray.set(found, JSON.stringify(command).slice(0, 1_000));
  });
  running = await runningApp({ mongodbUri: `mongodb://127.0.0.1:${watch.port}/${DATABASE}?directConnection=true`, maxOperationsPerSecond: 0, maxCost: 1_000_000, maxDepth: 20, maxTokens: 100_000, maxAliases: 1_000, bodyLimit: 10 * 1024 * 1024 });
  const bystanders = ['queued', 'failed', 'dlq'].map((status, index) => stored(`${BYSTANDER}-${index}`, { taskId: `${BYSTANDER}:${index}`, queueName: BYSTANDER, status, metadata: { owner: BYSTANDER }, errorMessage: BYSTANDER, failedAt: new Date() }));
  await running.app.model.collection.insertMany(bystanders as never[]);
});
// The application first: the database is not dropped under the bulk operations that were asked for.
afterAll(async () => {
  await running.app.close();
  await watch[Symbol.asyncDispose]();
  const client = await new mongo.MongoClient(uriOf(DATABASE)).connect();
  await client.db().dropDatabase();
  await client.close();
});

const isPlace = ({ name }: Input): boolean => /\((after|before)\)$/.test(name);
const isEncoded = (input: Input): boolean => isPlace(input) || input.type.name === 'ID';

interface Attempt {
  readonly input: Input;
  readonly value: unknown;
}

/** What is wrong with an answer to a hostile value: nothing where it was refused, or taken for the text that it is. */
function wrongWith(input: Input, { status, body }: Pick<HttpAnswer, 'status' | 'body'>): readonly string[] {
  const wrong: string[] = [];
  const refusals = (body.errors ?? []).filter(({ extensions }) => !REFUSALS.has(String(extensions?.['code'])));
  if (refusals.length > 0) wrong.push(`refused with ${JSON.stringify(refusals).slice(0, 400)}`);
  if (![200, 400].includes(status)) wrong.push(`status ${status}`);
  // A cursor that can be read is a place, behind which there may be anything.
  if (!isPlace(input) && JSON.stringify(body.data ?? null).includes(BYSTANDER)) wrong.push('it was given executions that it does not mean');
  return wrong;
}

/** All of them where the type lets a value of the kind through. */
function hostileValues(input: Input): readonly unknown[] {
  const { type } = input;
  const texts = TEXTUAL.has(type.name) ? [...HOSTILE_TEXTS, ...(isEncoded(input) ? HOSTILE_CODES : [])] : HOSTILE_TEXTS.slice(0, 3);
  const objects = type.name.startsWith('JSON') ? HOSTILE_OBJECTS : HOSTILE_OBJECTS.filter((_object, index) => index % 5 === 0);
  return [...texts, ...objects];
}

const told = ({ input, value }: Attempt): string => `${input.name} = ${JSON.stringify(value).slice(0, 120)}`;

const attemptsOf = (kinds: readonly Input['kind'][]): readonly Attempt[] =>
  inputs.filter(({ kind }) => kinds.includes(kind)).flatMap((input) => hostileValues(input).map((value) => ({ input, value })));

describe('a value that looks like an operator, in any input of the schema', () => {
  test('is looked for in all of them', () => {
    expect(inputs.filter(({ type }) => TEXTUAL.has(type.name)).length).toBeGreaterThan(50);
    expect(inputs.map(({ name }) => name)).toEqual(expect.arrayContaining(['Query.tasks(filter.metadata[].in[])', 'Mutation.enqueueTask(input.metadata)', 'Subscription.taskChanged(filter.taskIdPrefix)']));
    // Nothing below the root takes a text: what does so one day must be reached by this test.
    expect([...typesBelowTheRoot(schema)].filter((name) => TEXTUAL.has(name) || !(schema.getType(name) instanceof GraphQLScalarType))).toEqual(['Interval']);
  });

  test('is stored and found again as the text that it is', async () => {
    const enqueue = 'mutation ($input: EnqueueTaskInput!) { enqueueTask(input: $input) { task { taskId queueName executionId messageVersion metadata } userErrors { code field } } }';
    const find = 'query ($filter: TaskFilter, $taskId: String!, $executionId: ID!, $queueName: String!) { tasks(filter: $filter) { nodes { executionId metadata } } task(executionId: $executionId) { executionId } retryChain(taskId: $taskId) { attemptCount } queue(name: $queueName) { name } }';
    for (const text of HOSTILE_TEXTS) {
      const given = { taskId: text, queueName: text, executionId: text, messageVersion: text, metadata: { value: text, inside: { [`key ${text}`]: text } } };
      const { body } = await post(running.url, enqueue, { input: given });
      const { task, userErrors } = (body.data as { enqueueTask: { task: Record<string, unknown> | null; userErrors: { code: string }[] } }).enqueueTask;
      if (task === null) {
        expect(userErrors, text).toMatchObject([{ code: 'INVALID_INPUT' }]);
        continue;
      }
      const expected = { taskId: text.trim(), queueName: text.trim(), executionId: text.trim(), messageVersion: text.trim(), metadata: given.metadata };
      expect(task).toEqual(expected);
      const { taskId, queueName, executionId } = expected;
      await until('the feed has brought it', async () => (await running.app.services.statistics.queueCounts(queueName)).total > 0);
      const found = await post(running.url, find, { filter: { taskId, queueName: [queueName], executionId: [executionId], metadata: [{ path: 'value', eq: text }] }, taskId, executionId, queueName });
      expect(found.body).toEqual({ data: { tasks: { nodes: [{ executionId, metadata: given.metadata }] }, task: { executionId }, retryChain: { attemptCount: 1 }, queue: { name: queueName } } });
    }
  });

  test('is refused or taken literally by queries and mutations', async () => {
    const wrong: string[] = [];
    const before = await running.app.model.collection.find({ queueName: BYSTANDER }).sort({ _id: 1 }).toArray();
    await inParallel(8, attemptsOf(['query', 'mutation']), async (attempt) => {
      const { input, value } = attempt;
      for (const each of wrongWith(input, await post(running.url, input.text, input.variables(value)))) wrong.push(`${told(attempt)}: ${each}`);
    });
    expect(wrong).toEqual([]);
    expect(await running.app.model.collection.find({ queueName: BYSTANDER }).sort({ _id: 1 }).toArray()).toEqual(before);
  });

  test('is refused or taken literally by subscriptions', async () => {
    const attempts = attemptsOf(['subscription']);
    const raw = await RawSocket.acknowledged(running.url);
    await inParallel(20, attempts.entries(), async ([index, { input, value }]) => {
      const id = String(index);
      raw.send({ id, type: 'subscribe', payload: { query: input.text, variables: input.variables(value) } });
      // A message that is refused is answered at once; one that was taken is dealt with before what comes after it.
      raw.send({ id: `after ${id}`, type: 'subscribe', payload: { query: '{ tasks(first: 1) { pageInfo { hasNextPage } } }' } });
      await raw.until((message) => message.id === `after ${id}` && message.type === 'complete');
      raw.send({ id, type: 'complete' });
    });
    const answers = raw.messages as { id?: string; type: string; payload?: unknown }[];
    const wrong = answers.flatMap(({ id, type, payload }) => {
      const attempt = attempts[Number(id)];
      if (attempt === undefined || !['next', 'error'].includes(type)) return [];
      const body = (type === 'error' ? { errors: payload } : payload) as HttpAnswer['body'];
      return wrongWith(attempt.input, { status: 200, body }).map((each) => `${told(attempt)}: ${each}`);
    });
    raw.socket.close();
    expect(wrong).toEqual([]);
    expect(answers.filter(({ payload }) => payload !== undefined && 'errors' in (payload as object)).length).toBeGreaterThan(100);
  });

  test('is refused or taken literally in the filter of an export', async () => {
    const filters = inputs.filter(({ name }) => name.startsWith('Query.tasks(filter'));
    const attempts = filters.flatMap((input) => hostileValues(input).map((value) => ({ input, value })));
    const wrong: string[] = [];
    await inParallel(4, attempts, async (attempt) => {
      const filter = JSON.stringify(attempt.input.variables(attempt.value)['value']);
      const response = await fetch(new URL(`/export?format=ndjson&filter=${encodeURIComponent(filter)}`, running.url));
      const text = await response.text();
      if (![200, 400].includes(response.status) || text.includes(BYSTANDER)) wrong.push(`${told(attempt)}: ${response.status} ${text.slice(0, 300)}`);
      if (response.status === 400 && !/"code":"(INVALID_INPUT|BAD_USER_INPUT)"/.test(text)) wrong.push(`${told(attempt)}: ${text}`);
    });
    expect(wrong).toEqual([]);
    expect(filters.length).toBeGreaterThan(15);
  });

  test('has reached the database as nothing but a text', () => {
    expect(commands).toBeGreaterThan(500);
    expect(Object.fromEntries(stray)).toEqual({});
  });
});

describe('the watch over commands', () => {
  const literal = { find: 'c', filter: { taskId: { $eq: `$${MARK}` }, $and: [{ 'metadata.a': { $in: [MARK, `$${MARK}`] } }] } };
  test.each([
    [literal],
    [{ insert: 'c', documents: [{ taskId: `$${MARK}`, metadata: { [`key ${MARK}`]: `$${MARK}` } }] }],
    [{ aggregate: 'c', pipeline: [{ $match: literal.filter }, { $count: 'n' }] }],
    [{ findAndModify: 'c', query: literal.filter, update: [{ $set: { errorMessage: { $literal: `$${MARK}` } } }] }],
    [{ update: 'c', updates: [{ q: literal.filter, u: { $set: { reason: `$${MARK}` } } }] }],
  ])('has nothing against %j', (command) => {
    expect(strayInputs(command)).toEqual([]);
  });

  test.each([
    [{ find: 'c', filter: { taskId: { $ne: SMUGGLED } } }],
    [{ find: 'c', filter: { taskId: { $regex: MARK } } }],
    [{ find: 'c', filter: { taskId: new RegExp(MARK) } }],
    [{ find: 'c', filter: { $where: MARK } }],
    [{ find: 'c', filter: { $expr: { $eq: ['$taskId', `$${MARK}`] } } }],
    [{ find: 'c', filter: { [`metadata.$${MARK}`]: 1 } }],
    [{ find: 'c', filter: { taskId: { a: MARK } } }],
    [{ find: 'c', sort: { [MARK]: 1 } }],
    [{ insert: 'c', documents: [{ metadata: { $set: MARK } }] }],
    [{ aggregate: 'c', pipeline: [{ $addFields: { a: `$${MARK}` } }] }],
    [{ findAndModify: 'c', update: [{ $set: { reason: `$${MARK}` } }] }],
    [{ update: 'c', updates: [{ q: {}, u: { $set: { [MARK]: 1 } } }] }],
  ])('would report %j', (command) => {
    expect(strayInputs(command)).not.toEqual([]);
  });
});
