import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Api, at, startApi } from './api.js';

let api: Api;

beforeAll(async () => {
  api = await startApi();
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

const OPERATION = 'id action state matched processed succeeded skipped failed requestedBy reason limit filter finishedAt userErrors { code message field }';
const BULK = `mutation ($input: BulkInput!) { bulk(input: $input) { operation { ${OPERATION} } preview { action matched sample { executionId status } } userErrors { code message field } } }`;
const PROGRESS = `subscription ($id: ID!) { bulkOperationProgress(id: $id) { ${OPERATION} } }`;

async function insert(queueName: string, count: number, status = 'dlq'): Promise<void> {
  for (let index = 0; index < count; index += 1) await api.insert(`${queueName}-${index}`, { queueName, status });
}

/** The states that a subscriber is sent, to the end. */
async function statesOf(id: string): Promise<Record<string, unknown>[]> {
  await using subscription = await api.subscribe(PROGRESS, { id });
  const states: Record<string, unknown>[] = [];
  for (;;) {
    const { data, errors } = await subscription.next();
    expect(errors).toBeUndefined();
    const state = at<Record<string, unknown>>(data, 'bulkOperationProgress');
    states.push(state);
    if (state['state'] !== 'RUNNING') break;
  }
  expect(await subscription.completed()).toBe(true);
  return states;
}

describe('bulk', () => {
  it('shows first what it would do', async () => {
    await insert('preview', 3);
    const input = { action: 'ARCHIVE', filter: { queueName: ['preview'] }, dryRun: true };
    expect(await api.data(BULK, { input })).toEqual({
      bulk: { operation: null, preview: { action: 'ARCHIVE', matched: 3, sample: [0, 1, 2].map((index) => ({ executionId: `preview-${index}`, status: 'DLQ' })) }, userErrors: [] },
    });
  });

  it('answers with the operation, which tells how it goes on until it has ended', async () => {
    await insert('archive', 40);
    const filter = { queueName: ['archive'], status: ['DLQ', 'UNKNOWN'], enqueuedAfter: '2020-01-01T00:00:00.000Z', metadata: [{ path: 'none', exists: false }] };
    const begun = await api.data(BULK, { input: { action: 'ARCHIVE', filter, reason: 'old' } });
    const operation = at<Record<string, unknown>>(begun, 'bulk', 'operation');
    const expected = { action: 'ARCHIVE', matched: 40, requestedBy: 'anonymous', reason: 'old', limit: null, filter, userErrors: [] };
    expect(operation).toMatchObject({ ...expected, state: 'RUNNING' });
    const id = String(operation['id']);
    const states = await statesOf(id);
    expect(states.at(-1)).toMatchObject({ ...expected, id, state: 'COMPLETED', processed: 40, succeeded: 40, skipped: 0, failed: 0, finishedAt: expect.any(String) as string });
    const processed = states.map((state) => Number(state['processed']));
    expect(processed).toEqual([...processed].sort((a, b) => a - b));
    expect(await api.data(`query ($id: ID!) { bulkOperation(id: $id) { state succeeded } }`, { id })).toEqual({ bulkOperation: { state: 'COMPLETED', succeeded: 40 } });
    expect(await api.data('{ bulkOperations(first: 1) { id } }')).toEqual({ bulkOperations: [{ id }] });
    // One that has ended already is sent once.
    expect(await statesOf(id)).toHaveLength(1);
  });

  it('refuses in the payload what it cannot take', async () => {
    const refused = async (input: Record<string, unknown>) => at<unknown[]>(await api.data(BULK, { input }), 'bulk', 'userErrors');
    expect(await refused({ action: 'ARCHIVE', filter: {} })).toEqual([{ code: 'INVALID_INPUT', message: expect.stringContaining('reason must say why') as string, field: ['input', 'reason'] }]);
    expect(await refused({ action: 'RETRY', filter: { metadata: [{ path: '$where' }] } })).toMatchObject([{ code: 'INVALID_INPUT', field: ['input', 'filter', 'metadata', '0', 'path'] }]);
    expect(await refused({ action: 'RETRY', filter: {}, limit: 101 })).toMatchObject([{ code: 'INVALID_INPUT', field: ['input', 'limit'] }]);
    await insert('many', 51);
    expect(await refused({ action: 'ARCHIVE', filter: { queueName: ['many'] }, reason: 'r' })).toMatchObject([{ code: 'TOO_MANY_MATCHES', field: ['input', 'filter'] }]);
    const preview = await api.data(BULK, { input: { action: 'ARCHIVE', filter: { queueName: ['many'] }, dryRun: true } });
    expect(preview).toMatchObject({ bulk: { preview: { matched: 51 }, userErrors: [{ code: 'TOO_MANY_MATCHES' }] } });
  });

  it('names what could not be done', async () => {
    await api.insert('spent', { queueName: 'spent', status: 'failed', retryCount: 5 });
    const id = at(await api.data(BULK, { input: { action: 'RETRY', filter: { queueName: ['spent'] } } }), 'bulk', 'operation', 'id');
    const states = await statesOf(id);
    expect(states.at(-1)).toMatchObject({ state: 'COMPLETED', failed: 1, userErrors: [{ code: 'RETRIES_EXHAUSTED', message: expect.stringContaining('"spent"') as string, field: null }] });
  });

  it('knows nothing of operations that there are not', async () => {
    expect(await api.data('{ bulkOperation(id: "nothing") { id } }')).toEqual({ bulkOperation: null });
    const cancelled = await api.data('mutation { cancelBulkOperation(id: "nothing") { operation { id } userErrors { code field } } }');
    expect(cancelled).toEqual({ cancelBulkOperation: { operation: null, userErrors: [{ code: 'NOT_FOUND', field: ['id'] }] } });
  });

  it('has nothing to cancel in an operation that has ended', async () => {
    const id = at(await api.data(BULK, { input: { action: 'RETRY', filter: { queueName: ['nowhere'] } } }), 'bulk', 'operation', 'id');
    await statesOf(id);
    const cancelled = await api.data('mutation ($id: ID!) { cancelBulkOperation(id: $id) { operation { state } userErrors { code } } }', { id });
    expect(cancelled).toEqual({ cancelBulkOperation: { operation: { state: 'COMPLETED' }, userErrors: [{ code: 'INVALID_TRANSITION' }] } });
  });
});

describe('the audit log', () => {
  const ENTRY = 'actor action executionId taskId queueName newExecutionId reason before after filter detail';

  it('has what was done to an execution, the newest first', async () => {
    await api.insert('story', { status: 'failed' });
    await api.data('mutation { moveTaskToDlq(executionId: "story", reason: "give up") { changed } }');
    const { previous, task } = at<{ previous: unknown; task: { executionId: string } }>(
      await api.data('mutation { retryTask(input: { executionId: "story", reason: "once more" }) { previous { status } task { executionId } } }'),
      'retryTask',
    );
    expect(previous).toEqual({ status: 'ARCHIVED' });
    // What was refused has changed nothing, and is not there.
    await api.data('mutation { archiveTask(input: { executionId: "story", reason: "again" }) { userErrors { code } } }');
    const common = { actor: 'anonymous', executionId: 'story', taskId: 'jobs:story', queueName: 'jobs', filter: null, detail: null };
    expect(await api.data(`{ auditLog(executionId: "story") { nodes { ${ENTRY} } pageInfo { hasNextPage hasPreviousPage } } }`)).toEqual({
      auditLog: {
        nodes: [
          { ...common, action: 'RETRY', newExecutionId: task.executionId, reason: 'once more', before: 'DLQ', after: 'ARCHIVED' },
          { ...common, action: 'MOVE_TO_DLQ', newExecutionId: null, reason: 'give up', before: 'FAILED', after: 'DLQ' },
        ],
        pageInfo: { hasNextPage: false, hasPreviousPage: false },
      },
    });
  });

  it('is read page by page, and each entry again by its id', async () => {
    await insert('pages', 5);
    const id = at(await api.data(BULK, { input: { action: 'ARCHIVE', filter: { queueName: ['pages'] }, reason: 'pages' } }), 'bulk', 'operation', 'id');
    await statesOf(id);
    const ids: string[] = [];
    let after: string | null = null;
    do {
      const page: unknown = await api.data('query ($after: String) { auditLog(first: 2, after: $after, actor: "anonymous") { edges { cursor node { id operationId } } pageInfo { hasNextPage endCursor } } }', { after });
      for (const edge of at<{ node: { id: string; operationId: string | null } }[]>(page, 'auditLog', 'edges')) if (edge.node.operationId === id) ids.push(edge.node.id);
      after = at<boolean>(page, 'auditLog', 'pageInfo', 'hasNextPage') ? at(page, 'auditLog', 'pageInfo', 'endCursor') : null;
    } while (after !== null);
    expect(new Set(ids).size).toBe(7);
    const [end] = ids;
    const entry = await api.data(`query ($id: ID!) { node(id: $id) { __typename id ... on AuditEntry { ${ENTRY} } } }`, { id: end });
    expect(entry).toMatchObject({ node: { __typename: 'AuditEntry', id: end, action: 'BULK', filter: { queueName: ['pages'] }, detail: 'ARCHIVE completed: of 5 executions 5 succeeded, 0 skipped, 0 failed' } });
    const refused = await api.run('{ auditLog(after: "nonsense") { nodes { id } } }');
    expect(refused.errors?.[0]?.extensions).toEqual({ code: 'INVALID_INPUT', field: ['after'] });
  });

  it('is sent as it is written', async () => {
    await using subscription = await api.subscribe('subscription { auditLogged { action executionId reason } }');
    let count = 0;
    const first = subscription.next();
    let arrived = false;
    void first.then(() => (arrived = true));
    // The stream stands soon after the subscription, not with it.
    while (!arrived) {
      const executionId = `logged-${(count += 1)}`;
      await api.insert(executionId, { status: 'dlq' });
      await api.data('mutation ($input: ArchiveTaskInput!) { archiveTask(input: $input) { changed } }', { input: { executionId, reason: 'told' } });
      await Promise.race([first, api.data('{ feed { state } }')]);
    }
    expect((await first).data).toMatchObject({ auditLogged: { action: 'ARCHIVE', reason: 'told' } });
  });
});

it('figures in memory follow what a bulk operation does, its deletions too', async () => {
  await using own = await startApi({ figuresInMemory: true });
  for await (const { state } of own.services.statistics.watchStatus()) if (state === 'READY') break;
  for (let index = 0; index < 30; index += 1) await own.insert(`d${index}`, { queueName: 'figures', status: 'dlq', failedAt: new Date() });
  const counts = async () => own.data('{ queueStats(queueName: "figures") { dlq archived total source } }');
  const run = async (action: string): Promise<void> => {
    const id = at(await own.data(BULK, { input: { action, filter: { queueName: ['figures'] }, reason: 'r', limit: 20 } }), 'bulk', 'operation', 'id');
    await using progress = await own.subscribe(PROGRESS, { id });
    while (at((await progress.next()).data, 'bulkOperationProgress', 'state') === 'RUNNING');
  };
  await run('ARCHIVE');
  await expect.poll(counts).toEqual({ queueStats: { dlq: 10, archived: 20, total: 30, source: 'STREAM' } });
  await run('DELETE_ARCHIVED');
  await expect.poll(counts).toEqual({ queueStats: { dlq: 10, archived: 0, total: 10, source: 'STREAM' } });
});
