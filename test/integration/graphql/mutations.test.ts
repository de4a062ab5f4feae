import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Api, at, startApi } from './api.js';

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api[Symbol.asyncDispose]());

const PAYLOAD = '{ task { executionId status retryCount errorCategory archivedReason archivedBy } changed userErrors { code message field } }';
const ENQUEUE = 'mutation ($input: EnqueueTaskInput!) { enqueueTask(input: $input) { task { executionId taskId status maxRetries messageVersion metadata } deduplicated userErrors { code message field } } }';
const START = `mutation ($id: ID!) { startTask(executionId: $id) ${PAYLOAD} }`;
const COMPLETE = `mutation ($id: ID!) { completeTask(executionId: $id) ${PAYLOAD} }`;
const FAIL = `mutation ($input: FailTaskInput!) { failTask(input: $input) ${PAYLOAD} }`;
const TO_DLQ = `mutation ($id: ID!) { moveTaskToDlq(executionId: $id, reason: "enough") ${PAYLOAD} }`;
const ARCHIVE = `mutation ($input: ArchiveTaskInput!) { archiveTask(input: $input) ${PAYLOAD} }`;
const RETRY = 'mutation ($input: RetryTaskInput!) { retryTask(input: $input) { task { executionId status retryCount lastRetryAt } previous { executionId status archivedReason archivedBy } userErrors { code message field } } }';

let numbers = 0;
async function enqueued(input: Record<string, unknown> = {}): Promise<string> {
  numbers += 1;
  const data = await api.data(ENQUEUE, { input: { taskId: `jobs:${numbers}`, queueName: 'work', ...input } });
  return at(data, 'enqueueTask', 'task', 'executionId');
}
async function failed(input: Record<string, unknown> = {}): Promise<string> {
  const executionId = await enqueued(input);
  await api.data(START, { id: executionId });
  await api.data(FAIL, { input: { executionId, errorMessage: 'no' } });
  return executionId;
}

describe('enqueueTask', () => {
  it('makes an execution with the defaults of the model', async () => {
    const data = await api.data(ENQUEUE, { input: { taskId: 'jobs:new', queueName: 'work', metadata: { a: 1 } } });
    expect(data).toEqual({
      enqueueTask: {
        task: { executionId: expect.stringMatching(/^[0-9a-f-]{36}$/), taskId: 'jobs:new', status: 'QUEUED', maxRetries: 5, messageVersion: '1.0', metadata: { a: 1 } },
        deduplicated: false,
        userErrors: [],
      },
    });
  });

  it('answers with the active execution where there is one', async () => {
    const executionId = await enqueued({ taskId: 'jobs:twice' });
    const data = await api.data(ENQUEUE, { input: { taskId: 'jobs:twice', queueName: 'work' } });
    expect(at(data, 'enqueueTask')).toMatchObject({ task: { executionId }, deduplicated: true, userErrors: [] });
  });

  it('refuses an executionId that exists, and shows whose it is', async () => {
    const executionId = await enqueued({ taskId: 'jobs:owner' });
    const data = await api.data(ENQUEUE, { input: { taskId: 'jobs:other', queueName: 'work', executionId } });
    expect(at(data, 'enqueueTask')).toMatchObject({
      task: { taskId: 'jobs:owner' },
      deduplicated: false,
      userErrors: [{ code: 'DUPLICATE_EXECUTION', field: ['input', 'executionId'] }],
    });
  });

  it.each([
    [{ taskId: ' ' }, ['input', 'taskId']],
    [{ queueName: '' }, ['input', 'queueName']],
    [{ taskId: 'jobs:a\u0000b' }, ['input', 'taskId']],
    [{ queueName: 'work\u0000' }, ['input', 'queueName']],
    [{ executionId: 'e\u0000' }, ['input', 'executionId']],
    [{ maxRetries: -1 }, ['input', 'maxRetries']],
    [{ dedupWithinMs: -1 }, ['input', 'dedupWithinMs']],
  ])('names the input that cannot be taken: %j', async (input, field) => {
    const data = await api.data(ENQUEUE, { input: { taskId: 'jobs:bad', queueName: 'work', ...input } });
    expect(at(data, 'enqueueTask')).toMatchObject({ task: null, deduplicated: false, userErrors: [{ code: 'INVALID_INPUT', field }] });
  });

  it.each(['taskId', 'queueName', 'executionId', 'messageVersion'])('refuses an operator for %s before anything is written', async (name) => {
    const before = await api.model.collection.countDocuments();
    const { data, errors } = await api.run(ENQUEUE, { input: { taskId: 'jobs:operator', queueName: 'work', [name]: { $gt: '' } } });
    expect(data).toBeNull();
    expect(errors?.[0]?.message).toContain(name);
    expect(await api.model.collection.countDocuments()).toBe(before);
  });

  it('lets one of 20 callers at once make the execution, and gives it to all', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => api.data(ENQUEUE, { input: { taskId: 'jobs:race', queueName: 'work' } })));
    expect(answers.filter((answer) => !at<boolean>(answer, 'enqueueTask', 'deduplicated'))).toHaveLength(1);
    expect(new Set(answers.map((answer) => at(answer, 'enqueueTask', 'task', 'executionId'))).size).toBe(1);
  });
});

describe('moves', () => {
  it('start and complete an execution once', async () => {
    const id = await enqueued();
    expect(at(await api.data(START, { id }), 'startTask')).toMatchObject({ task: { status: 'PROCESSING' }, changed: true, userErrors: [] });
    expect(at(await api.data(START, { id }), 'startTask')).toMatchObject({
      task: { executionId: id, status: 'PROCESSING' },
      changed: false,
      userErrors: [{ code: 'ALREADY_STARTED', field: ['executionId'] }],
    });
    expect(at(await api.data(COMPLETE, { id }), 'completeTask')).toMatchObject({ task: { status: 'COMPLETED' }, changed: true });
    expect(at(await api.data(COMPLETE, { id }), 'completeTask')).toMatchObject({ changed: false, userErrors: [] });
  });

  it('refuse what the table of moves does not have, and show the execution as it stands', async () => {
    const id = await enqueued();
    expect(at(await api.data(COMPLETE, { id }), 'completeTask')).toMatchObject({
      task: { executionId: id, status: 'QUEUED' },
      changed: false,
      userErrors: [{ code: 'INVALID_TRANSITION', field: ['executionId'] }],
    });
  });

  it('answer with no execution where there is none', async () => {
    expect(at(await api.data(START, { id: 'nobody' }), 'startTask')).toMatchObject({ task: null, changed: false, userErrors: [{ code: 'NOT_FOUND' }] });
  });

  it('fail into failed, or into the dead-letter queue where a retry does not help', async () => {
    const one = await failed();
    expect(at(await api.data('query ($id: ID!) { task(executionId: $id) { status errorCategory errorMessage } }', { id: one }), 'task')).toEqual({
      status: 'FAILED',
      errorCategory: 'UNKNOWN',
      errorMessage: 'no',
    });
    const two = await enqueued();
    await api.data(START, { id: two });
    const data = await api.data(FAIL, { input: { executionId: two, errorMessage: 'bad file', errorCategory: 'VALIDATION', recoverable: false } });
    expect(at(data, 'failTask')).toMatchObject({ task: { status: 'DLQ', errorCategory: 'VALIDATION' }, changed: true });
  });

  it('retry a failed execution with a new one, and only once', async () => {
    const executionId = await failed();
    const data = await api.data(RETRY, { input: { executionId } });
    expect(at(data, 'retryTask')).toMatchObject({ task: { status: 'QUEUED', retryCount: 1 }, previous: { executionId, status: 'FAILED' }, userErrors: [] });
    expect(at(await api.data(RETRY, { input: { executionId } }), 'retryTask')).toMatchObject({
      task: null,
      previous: null,
      userErrors: [{ code: 'CONFLICT', field: ['input', 'executionId'] }],
    });
  });

  it('retry no further than the budget allows, and from the dead-letter queue with a fresh one', async () => {
    const executionId = await failed({ maxRetries: 1 });
    const retried = at(await api.data(RETRY, { input: { executionId } }), 'retryTask', 'task', 'executionId');
    await api.data(START, { id: retried });
    expect(at(await api.data(FAIL, { input: { executionId: retried, errorMessage: 'again' } }), 'failTask', 'task', 'status')).toBe('DLQ');
    expect(at(await api.data(RETRY, { input: { executionId: retried, reason: 'repaired' } }), 'retryTask')).toMatchObject({
      task: { retryCount: 0, status: 'QUEUED' },
      previous: { executionId: retried, status: 'ARCHIVED', archivedReason: expect.stringContaining('Manual retry initiated'), archivedBy: 'anonymous' },
    });
  });

  it('move a failed execution to the dead-letter queue and archive it from there, by whoever asks', async () => {
    const id = await failed();
    expect(at(await api.data(TO_DLQ, { id }), 'moveTaskToDlq')).toMatchObject({ task: { status: 'DLQ' }, changed: true });
    expect(at(await api.data(ARCHIVE, { input: { executionId: id, reason: 'hopeless' } }), 'archiveTask')).toMatchObject({
      task: { status: 'ARCHIVED', archivedReason: 'hopeless', archivedBy: 'anonymous' },
      changed: true,
    });
    expect(at(await api.data(ARCHIVE, { input: { executionId: id, reason: ' ' } }), 'archiveTask')).toMatchObject({
      userErrors: [{ code: 'INVALID_INPUT', field: ['input', 'reason'] }],
    });
  });

  it('in one request are made one after the other', async () => {
    const executionId = await enqueued();
    const data = await api.data(`mutation ($id: ID!) { startTask(executionId: $id) { changed } completeTask(executionId: $id) { changed } }`, { id: executionId });
    expect(data).toEqual({ startTask: { changed: true }, completeTask: { changed: true } });
  });

  it('tell the value and the name of an enum that is none', async () => {
    const { errors } = await api.run(FAIL, { input: { executionId: 'a', errorMessage: 'b', errorCategory: 'SAD' } });
    expect(errors?.[0]?.message).toMatch(/SAD.*input\.errorCategory.*ErrorCategory/);
  });
});
