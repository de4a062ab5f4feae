import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { describe, expect, inject, it } from 'vitest';

import { createTaskTracker, type TaskTrackerApp } from '../../src/app.js';
import { TaskFold, type TaskKeys, type TaskWatch, type WatchItem, type WatchOptions, type WatchStatus, watchTasks } from '../../src/client/index.js';
import { runningApp } from '../support/app.js';
import { dataOf } from '../support/clients.js';
import { uriOf } from '../support/database.js';
import { stored } from '../support/feed.js';

interface Row extends TaskKeys {
  readonly status: string;
}

const FIELDS = 'status';

function watch(options: WatchOptions<Row>): TaskWatch<Row> & AsyncDisposable {
  const watched = watchTasks<Row>({ fields: FIELDS, firstRetryMs: 20, lastRetryMs: 200, ...options });
  return Object.assign(watched, {
    [Symbol.asyncDispose]: async () => {
      watched.close();
      await watched.finished;
    },
  });
}

async function next<T extends TaskKeys>(watched: TaskWatch<T>): Promise<WatchItem<T>> {
  const { value, done } = await watched.next();
  if (done) throw new Error('the watch has ended');
  return value as WatchItem<T>;
}

/** What an item says, in a few words. */
function words(item: WatchItem<Row>): string {
  if (item.type === 'list') return `list ${item.tasks.map(({ executionId }) => executionId).sort().join(' ')}${item.cause ? ` after ${item.cause}` : ''}`;
  if (item.type === 'gap') return `gap after ${item.cause}`;
  return `${item.change.kind} ${item.change.executionId} ${item.change.status}${item.change.matches ? '' : ' no match'}`;
}

async function take(watched: TaskWatch<Row>, count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count) taken.push(words(await next(watched)));
  return taken;
}

function subscribersOf(app: TaskTrackerApp): number {
  return app.feed.status().subscribers;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await nextTurn();
}

/** Documents that the feed is past: no change behind a list repeats them. */
async function insertSeen(app: TaskTrackerApp, ...documents: Record<string, unknown>[]): Promise<void> {
  const before = app.feed.status().ringSize;
  await app.model.collection.insertMany(documents as never);
  await until(() => app.feed.status().ringSize === before + documents.length);
}

function states(): { readonly seen: string[]; onStatus(status: WatchStatus): void } {
  const seen: string[] = [];
  return { seen, onStatus: ({ state }) => seen.push(state) };
}

/** An application that can be taken down and brought up again at the same address, over the same database. */
async function restartable() {
  const settings = { mongodbUri: uriOf(`tt_${randomBytes(8).toString('hex')}`), cacheDir: inject('cacheDir') };
  let app = await createTaskTracker({ ...settings, port: 0 });
  const url = await app.start();
  return {
    url,
    get app() {
      return app;
    },
    stop: () => app.close(),
    async start() {
      app = await createTaskTracker({ ...settings, port: Number(new URL(url).port) });
      await app.start();
    },
    async [Symbol.asyncDispose]() {
      await app.model.db.dropDatabase();
      await app.close();
    },
  };
}

describe('watchTasks', () => {
  it('lists what matches, page by page, then tells each change, with every scalar field where nothing else is asked', async () => {
    await using running = await runningApp();
    const { collection } = running.app.model;
    await insertSeen(running.app, ...['a', 'b', 'c', 'd', 'e'].map((name) => stored(name, { metadata: { name } })));
    const watched = watchTasks({ url: running.url, pageSize: 2 });
    const list = await next(watched);
    expect(list).toMatchObject({ type: 'list', cause: null });
    const tasks = list.type === 'list' ? list.tasks : [];
    expect(tasks.map(({ executionId }) => executionId).sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(tasks.find(({ executionId }) => executionId === 'c')).toMatchObject({ status: 'QUEUED', metadata: { name: 'c' }, completedAt: null, irregularities: [] });
    await collection.updateOne({ executionId: 'c' }, { $set: { status: 'processing' } });
    await collection.deleteOne({ executionId: 'd' });
    const changed = await next(watched);
    expect(changed).toMatchObject({ type: 'change', change: { kind: 'UPDATED', executionId: 'c', status: 'PROCESSING', previousStatus: 'QUEUED', matches: true, task: { metadata: { name: 'c' } } } });
    expect(watched.cursor).toBe(changed.cursor);
    expect(await next(watched)).toMatchObject({ change: { kind: 'REMOVED', executionId: 'd', task: null, matches: false } });
    watched.close();
    await watched.finished;
  });

  it('makes one list with what is written while it lists', async () => {
    await using running = await runningApp();
    const { collection } = running.app.model;
    const old = new Date(Date.now() - 60_000);
    await collection.insertMany(Array.from({ length: 60 }, (_, n) => stored(`old-${n}`, { status: n % 2 === 0 ? 'queued' : 'failed', enqueuedAt: old })) as never);
    await using watched = watch({ url: running.url, pageSize: 3, filter: { status: ['QUEUED'] } });
    const writing = (async () => {
      for (let n = 0; n < 60; n += 1) {
        await collection.updateOne({ executionId: `old-${n}` }, { $set: { status: n % 3 === 0 ? 'queued' : 'completed' } });
        await collection.insertOne(stored(`new-${n}`) as never);
        if (n % 10 === 0) await collection.deleteOne({ executionId: `old-${n}` });
      }
      await collection.insertOne(stored('last') as never);
    })();
    const fold = new TaskFold<Row>();
    while (!fold.tasks.has('last')) fold.apply(await next(watched));
    await writing;
    const queued = await collection.find({ status: 'queued' }).project({ executionId: 1 }).toArray();
    expect([...fold.tasks.keys()].sort()).toEqual(queued.map(({ executionId }) => executionId as string).sort());
    for (const { status } of fold.tasks.values()) expect(status).toBe('QUEUED');
  });

  it('tells the change that makes an execution leave its filter as one that matches no longer', async () => {
    await using running = await runningApp();
    const { collection } = running.app.model;
    await insertSeen(running.app, stored('a', { status: 'failed' }), stored('b'));
    await using watched = watch({ url: running.url, filter: { status: ['FAILED'] } });
    expect(await take(watched, 1)).toEqual(['list a']);
    await collection.updateOne({ executionId: 'b' }, { $set: { status: 'processing' } });
    await collection.updateOne({ executionId: 'b' }, { $set: { status: 'failed' } });
    await collection.updateOne({ executionId: 'a' }, { $set: { status: 'dlq' } });
    expect(await take(watched, 2)).toEqual(['UPDATED b FAILED', 'UPDATED a DLQ no match']);
  });

  it('goes on where it stopped when the server is restarted, and says so', async () => {
    await using server = await restartable();
    const { seen, onStatus } = states();
    await using watched = watch({ url: server.url, onStatus });
    expect(await take(watched, 1)).toEqual(['list ']);
    await server.app.model.collection.insertOne(stored('before') as never);
    expect(await take(watched, 1)).toEqual(['CREATED before QUEUED']);
    await until(() => seen.at(-1) === 'live');
    await server.stop();
    await until(() => seen.at(-1) === 'reconnecting');
    expect(watched.status).toMatchObject({ reason: expect.stringMatching(/shutting down|ECONNREFUSED/), failures: expect.any(Number) });
    const meanwhile = (await import('mongoose')).default.createConnection(server.app.database.uri);
    await meanwhile.asPromise();
    await meanwhile.collection('task_trackers').insertOne(stored('meanwhile'));
    await meanwhile.collection('task_trackers').updateOne({ executionId: 'meanwhile' }, { $set: { status: 'processing' } });
    await meanwhile.close();
    await server.start();
    await server.app.model.collection.insertOne(stored('after') as never);
    expect(await take(watched, 3)).toEqual(['CREATED meanwhile QUEUED', 'UPDATED meanwhile PROCESSING', 'CREATED after QUEUED']);
    await until(() => seen.at(-1) === 'live');
    expect(seen.filter((state, n) => state !== seen[n - 1])).toEqual(['listing', 'live', 'reconnecting', 'live']);
  });

  it('goes on behind a cursor that was kept, without listing', async () => {
    await using running = await runningApp();
    const { collection } = running.app.model;
    const first = watch({ url: running.url });
    await next(first);
    await collection.insertOne(stored('seen') as never);
    await next(first);
    const { cursor } = first;
    await first[Symbol.asyncDispose]();
    await collection.insertOne(stored('missed') as never);
    await using second = watch({ url: running.url, after: cursor as string });
    expect(await take(second, 1)).toEqual(['CREATED missed QUEUED']);
  });

  it('tells only what happens from now on where it is not to list', async () => {
    await using running = await runningApp();
    const { collection } = running.app.model;
    await insertSeen(running.app, stored('old'));
    await using watched = watch({ url: running.url, list: false });
    const first = take(watched, 1);
    await until(() => subscribersOf(running.app) === 1);
    expect(watched.cursor).not.toBeNull();
    await collection.insertOne(stored('new') as never);
    expect(await first).toEqual(['CREATED new QUEUED']);
  });

  it('lists again where the feed has lost its place, and goes on; where it is not to list it tells of the gap', async () => {
    await using running = await runningApp();
    const { app } = running;
    await insertSeen(app, stored('gone'));
    await using lists = watch({ url: running.url });
    await using tells = watch({ url: running.url, list: false });
    expect(await take(lists, 1)).toEqual(['list gone']);
    const told = take(tells, 2);
    await until(() => subscribersOf(app) === 2);
    await app.model.collection.drop();
    const again = await next(lists);
    expect(again).toMatchObject({ type: 'list', cause: 'RESYNC_REQUIRED' });
    await until(() => subscribersOf(app) === 2);
    await app.model.collection.insertOne(stored('fresh') as never);
    const fold = new TaskFold<Row>();
    fold.apply(again);
    while (!fold.tasks.has('fresh')) fold.apply(await next(lists));
    expect([...fold.tasks.keys()]).toEqual(['fresh']);
    expect(await told).toEqual(['gap after RESYNC_REQUIRED', 'CREATED fresh QUEUED']);
  });

  it('hangs up while its reader is far behind, and misses nothing for it', async () => {
    await using running = await runningApp();
    const { seen, onStatus } = states();
    await using watched = watch({ url: running.url, bufferLimit: 5, onStatus });
    await next(watched);
    await until(() => subscribersOf(running.app) === 1);
    const names = Array.from({ length: 40 }, (_, n) => `e${n}`);
    for (const name of names) await running.app.model.collection.insertOne(stored(name) as never);
    await until(() => watched.status.state === 'paused');
    await until(() => subscribersOf(running.app) === 0);
    expect(await take(watched, 40)).toEqual(names.map((name) => `CREATED ${name} QUEUED`));
    expect(seen).toContain('paused');
  });

  it('calls onList and onChange one after the other, and ends when one of them fails', async () => {
    await using running = await runningApp();
    const { collection } = running.app.model;
    const seen: string[] = [];
    const watched = watchTasks<Row>({
      url: running.url,
      fields: FIELDS,
      onList: (list) => void seen.push(words(list)),
      async onChange(change) {
        seen.push(`begin ${change.executionId}`);
        await nextTurn();
        seen.push(`end ${change.executionId}`);
        if (change.executionId === 'c') throw new Error('cannot go on');
      },
    });
    const failed = expect(watched.finished).rejects.toThrow('cannot go on');
    await expect(watched.next()).rejects.toThrow('reads itself');
    await until(() => subscribersOf(running.app) === 1);
    for (const name of ['a', 'b', 'c', 'd']) await collection.insertOne(stored(name) as never);
    await failed;
    expect(seen).toEqual(['list ', 'begin a', 'end a', 'begin b', 'end b', 'begin c', 'end c']);
    await until(() => subscribersOf(running.app) === 0);
    expect(watched.status.state).toBe('ended');
  });

  it('hangs up when its reader leaves the loop, and when its signal says so', async () => {
    await using running = await runningApp();
    const left = watch({ url: running.url });
    for await (const item of left) {
      expect(item.type).toBe('list');
      break;
    }
    await left.finished;
    const stop = new AbortController();
    const aborted = watch({ url: running.url, signal: stop.signal });
    await next(aborted);
    await until(() => subscribersOf(running.app) === 1);
    const waiting = aborted.next();
    stop.abort();
    expect(await waiting).toEqual({ done: true, value: undefined });
    await aborted.finished;
    await until(() => subscribersOf(running.app) === 0);
    const never = watch({ url: running.url, signal: AbortSignal.abort() });
    expect(await never.next()).toEqual({ done: true, value: undefined });
    await never.finished;
  });

  it.each([
    ['a cursor that is none', { after: 'nonsense' }, 'INVALID_INPUT'],
    ['a condition that is none', { filter: { metadata: [{ path: '$where', eq: 1 }] } }, 'INVALID_INPUT'],
    ['a status that is none', { filter: { status: ['LOST' as never] } }, 'BAD_USER_INPUT'],
    ['a field that is none', { fields: 'colour' }, 'GRAPHQL_VALIDATION_FAILED'],
    ['fields that are no selection', { fields: 'status }' }, 'GRAPHQL_PARSE_FAILED'],
    ['more than the server reads', { fields: 'retryChain { attempts { retryChain { attempts { taskId } } } }' }, 'QUERY_TOO_COSTLY'],
  ])('ends at %s, with what the server says', async (_what, options, code) => {
    await using running = await runningApp();
    const watched = watch({ url: running.url, ...options });
    await expect(watched.next()).rejects.toMatchObject({ name: 'WatchRefusedError', code });
    await expect(watched.finished).rejects.toMatchObject({ code });
    expect(await watched.next()).toEqual({ done: true, value: undefined });
    expect(watched.status).toMatchObject({ state: 'ended', reason: expect.any(String) });
  });

  it('ends where more executions match than it may list', async () => {
    await using running = await runningApp();
    await running.app.model.collection.insertMany(Array.from({ length: 5 }, (_, n) => stored(`e${n}`)) as never);
    await expect(watch({ url: running.url, pageSize: 2, maxTasks: 3 }).next()).rejects.toMatchObject({ code: 'TOO_MANY_TASKS' });
  });

  it('ends at once where nothing listens and it is to fail fast, and after the tries that it has otherwise', async () => {
    const url = 'http://127.0.0.1:1/graphql';
    await expect(watch({ url, failFast: true }).next()).rejects.toMatchObject({ name: 'ServerUnreachableError', message: expect.stringMatching(/^http:\/\/127\.0\.0\.1:1\/graphql .*ECONNREFUSED/) });
    const { seen, onStatus } = states();
    await expect(watch({ url, retryAttempts: 3, firstRetryMs: 1, onStatus }).next()).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(seen).toEqual(['reconnecting', 'ended']);
  });

  it('refuses options that cannot be taken, before it connects', () => {
    expect(() => watchTasks({ url: 'nowhere' })).toThrow(TypeError);
    expect(() => watchTasks({ url: 'http://h', pageSize: 0 })).toThrow('pageSize: 0 must be a number from 1 to 200');
    expect(() => watchTasks({ url: 'http://h', bufferLimit: Number.NaN })).toThrow('bufferLimit');
  });

  it('shows the same list to several watches with different filters after many writes', async () => {
    await using running = await runningApp();
    const filters = [undefined, { queueName: ['jobs'] }, { status: ['QUEUED', 'FAILED'] as const }, { minRetryCount: 2 }, { taskIdPrefix: 'jobs:e1' }];
    const watches = filters.map((filter) => watch({ url: running.url, filter }));
    const folds = watches.map(() => new TaskFold<Row>());
    const reading = watches.map(async (watched, n) => {
      for await (const item of watched) folds[n]?.apply(item);
    });
    const { collection } = running.app.model;
    const statuses = ['queued', 'processing', 'failed', 'dlq'];
    for (let n = 0; n < 150; n += 1) {
      const executionId = `e${n % 20}`;
      const set = { status: statuses[(n * 7) % 4], queueName: n % 3 === 0 ? 'jobs' : 'mail', retryCount: n % 4 };
      await collection.updateOne({ executionId }, { $set: set, $setOnInsert: { ...stored(executionId), status: undefined, queueName: undefined, retryCount: undefined } as never }, { upsert: true, ignoreUndefined: true });
      if (n % 17 === 16) await collection.deleteOne({ executionId });
    }
    const wanted = await Promise.all(
      filters.map(async (filter) => {
        const { tasks } = await dataOf<{ tasks: { nodes: Row[] } }>(running.url, 'query ($filter: TaskFilter) { tasks(filter: $filter, first: 200) { nodes { id executionId status } } }', { filter });
        return tasks.nodes.map(({ executionId, status }) => `${executionId} ${status}`).sort();
      }),
    );
    const shown = () => folds.map((fold) => [...fold.tasks.values()].map(({ executionId, status }) => `${executionId} ${status}`).sort());
    await expect.poll(shown, { timeout: 10_000 }).toEqual(wanted);
    for (const watched of watches) watched.close();
    await Promise.all(reading);
  });
});
