import { once } from 'node:events';
import { connect } from 'node:net';

import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import type { TaskQueries } from '../../src/queries/types.js';
import { type RunningApp, runningApp } from '../support/app.js';
import { stored } from '../support/feed.js';

const ROWS = 450;
const LIMIT = 1_000;
const START = Date.UTC(2026, 10, 1);

let running: RunningApp;

beforeAll(async () => {
  running = await runningApp({ maxExportRows: LIMIT, maxExports: 2 });
});
afterAll(() => running[Symbol.asyncDispose]());

const number = (index: number): string => String(index).padStart(4, '0');

/** The later, the newer. */
function tasks(count: number, fields: Record<string, unknown> = {}): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, index) => stored(`e${number(index)}`, { enqueuedAt: new Date(START + index * 1_000), queueName: 'export', ...fields }));
}

beforeEach(() => running.app.model.collection.deleteMany({}));

function urlOf(parameters: Record<string, unknown>): URL {
  const url = new URL('/export', running.url);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  return url;
}

const ask = (parameters: Record<string, unknown> = {}, headers: Record<string, string> = {}): Promise<Response> => fetch(urlOf(parameters), { headers });

async function lines(parameters: Record<string, unknown>): Promise<Record<string, unknown>[]> {
  const response = await ask({ format: 'ndjson', ...parameters });
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return text === '' ? [] : text.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
}

async function refusal(parameters: Record<string, unknown>, headers: Record<string, string> = {}): Promise<{ status: number; code: unknown; message: string }> {
  const response = await ask(parameters, headers);
  const { errors } = (await response.json()) as { errors: [{ message: string; extensions: { code: unknown } }] };
  return { status: response.status, code: errors[0].extensions.code, message: errors[0].message };
}

type ReadPage = TaskQueries['page'];

/** Every page that an operation reads is read by this instead. */
function spyOnPages(page: (request: Parameters<ReadPage>[0], read: ReadPage) => ReturnType<ReadPage>) {
  const { queries } = running.app.services;
  const until = queries.until.bind(queries);
  return vi.spyOn(queries, 'until').mockImplementation((deadline) => {
    const bounded = until(deadline);
    return { ...bounded, page: (request) => page(request, bounded.page) };
  });
}

describe('GET /export', () => {
  it('gives every row of the list once and in its order, over many pages', async () => {
    await running.app.model.collection.insertMany(tasks(ROWS));
    const newestFirst = Array.from({ length: ROWS }, (_, index) => `e${number(ROWS - 1 - index)}`);
    expect((await lines({})).map(({ executionId }) => executionId)).toEqual(newestFirst);
    const oldest = await lines({ orderBy: { field: 'ENQUEUED_AT', direction: 'ASC' }, limit: '250' });
    expect(oldest.map(({ executionId }) => executionId)).toEqual(newestFirst.toReversed().slice(0, 250));
  });

  it('gives what the filter finds, with the values of the API', async () => {
    const failed = { status: 'failed', failedAt: new Date(START), errorMessage: 'no route', errorCategory: 'transient', metadata: { partner: { code: 'SATLOC' } } };
    await running.app.model.collection.insertMany([...tasks(3), ...tasks(1, { ...failed, executionId: 'other' })]);
    const filter = { status: ['FAILED'], metadata: [{ path: 'partner.code', eq: 'SATLOC' }] };
    const columns = 'executionId,status,errorCategory,failedAt,metadata.partner.code,metadata.none,canRetry';
    expect(await lines({ filter, columns })).toEqual([
      { executionId: 'other', status: 'FAILED', errorCategory: 'TRANSIENT', failedAt: new Date(START).toISOString(), 'metadata.partner.code': 'SATLOC', 'metadata.none': null, canRetry: true },
    ]);
    expect(await lines({ filter: { queueName: 'nothing' } })).toEqual([]);
  });

  it('writes CSV that a spreadsheet reads and runs no formula of', async () => {
    const errorMessage = '=HYPERLINK("http://x")';
    await running.app.model.collection.insertOne(stored('c1', { status: 'failed', failedAt: new Date(START), errorMessage, metadata: { text: 'a,"b"\nc' } }));
    const response = await ask({ format: 'csv', columns: 'executionId,retryCount,errorMessage,metadata,canRetry,archivedAt' });
    expect(await response.text()).toBe(
      'executionId,retryCount,errorMessage,metadata,canRetry,archivedAt\r\nc1,0,"\'=HYPERLINK(""http://x"")","{""text"":""a,\\""b\\""\\nc""}",true,\r\n',
    );
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="tasks-[\dTZ-]+\.csv"$/);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it.each([
    ['a format that is none', { format: 'xml' }, /format: it must be one of csv, ndjson/],
    ['a column that is none', { columns: 'taskId,retryChain' }, /columns: "retryChain" is none/],
    ['a column that is there twice', { columns: 'taskId,taskId' }, /there twice/],
    ['a filter that is no JSON', { filter: '{status' }, /filter: it must be JSON/],
    ['a field that no filter has', { filter: { colour: 'red' } }, /Field "colour" is not defined by type "TaskFilter"/],
    ['a filter of another type', { filter: [1] }, /\$filter/],
    ['an operator in place of a text', { filter: { taskId: { $ne: '' } } }, /taskId/],
    ['an order that is none', { orderBy: { field: 'COLOUR' } }, /COLOUR/],
    ['a limit of nothing', { limit: '0' }, /limit: it must be a whole number from 1 to 1000/],
    ['a limit beyond what an export may have', { limit: '1001' }, /limit/],
    ['a misspelt parameter', { filtr: '{}' }, /"filtr" is no parameter/],
  ])('refuses %s, and says what would be right', async (_what, parameters, message) => {
    const refused = await refusal(parameters);
    expect(refused).toMatchObject({ status: 400, message: expect.stringMatching(message) as unknown });
    expect(['INVALID_INPUT', 'BAD_USER_INPUT']).toContain(refused.code);
  });

  it('takes operators in texts for texts', async () => {
    await running.app.model.collection.insertMany(tasks(2));
    expect(await lines({ filter: { taskIdPrefix: '$where', queueName: ['{"$ne":1}'] } })).toEqual([]);
    expect((await refusal({ filter: { metadata: [{ path: '$where', eq: '1' }] } })).code).toBe('INVALID_INPUT');
  });

  it('refuses a list that is longer than an export may be, unless its first rows are asked for', async () => {
    await running.app.model.collection.insertMany(tasks(LIMIT + 1));
    const refused = await refusal({});
    expect(refused).toMatchObject({ status: 400, code: 'EXPORT_TOO_LARGE' });
    expect(refused.message).toContain('1001');
    expect(await lines({ limit: String(LIMIT) })).toHaveLength(LIMIT);
  });

  it('is not for pages of another site', async () => {
    expect(await refusal({}, { origin: 'http://elsewhere.example' })).toMatchObject({ status: 403, code: 'ORIGIN_REFUSED' });
    expect(await refusal({}, { 'sec-fetch-site': 'cross-site' })).toMatchObject({ status: 403, code: 'ORIGIN_REFUSED' });
    expect((await ask({}, { origin: new URL(running.url).origin })).status).toBe(200);
  });

  it('does not read a list for a HEAD', async () => {
    let reads = 0;
    const counting = spyOnPages((request, read) => ((reads += 1), read(request)));
    expect((await fetch(urlOf({}), { method: 'HEAD' })).status).toBe(404);
    expect(reads).toBe(0);
    counting.mockRestore();
  });

  it('cuts the connection off where the database fails on the way, so that a part is not taken for the whole', async () => {
    await running.app.model.collection.insertMany(tasks(ROWS));
    let reads = 0;
    const failing = spyOnPages((request, read) => ((reads += 1) > 2 ? Promise.reject(new Error('gone')) : read(request)));
    const response = await ask({ format: 'ndjson' });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow('terminated');
    failing.mockRestore();
  });

  it('reads no further than a client takes, gives its place back when it goes, and refuses one too many', async () => {
    const large = { metadata: { text: 'x'.repeat(20_000) } };
    await running.app.model.collection.insertMany(tasks(LIMIT, large));
    let reads = 0;
    const counting = spyOnPages((request, read) => ((reads += 1), read(request)));
    const { hostname, port } = new URL(running.url);
    const deaf = await Promise.all(
      [1, 2].map(async () => {
        const socket = connect(Number(port), hostname);
        socket.write(`GET /export?format=ndjson HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
        await once(socket, 'readable');
        return socket;
      }),
    );
    for (let times = 0; times < 50; times += 1) expect(await refusal({})).toMatchObject({ status: 503, code: 'TOO_MANY_EXPORTS' });
    // Five pages of 4 MB are in each list.
    expect(reads).toBeGreaterThanOrEqual(2);
    expect(reads).toBeLessThan(10);
    counting.mockRestore();
    for (const socket of deaf) socket.destroy();
    await expect.poll(async () => (await ask({ limit: '1' })).status).toBe(200);
  });
});
