import type { FormattedExecutionResult } from 'graphql';
import { describe, expect, it } from 'vitest';

import { type RunningApp, runningApp } from '../support/app.js';
import { dataOf, RawSocket, webSocketClient } from '../support/clients.js';
import { stored } from '../support/feed.js';
import { foldTaskList } from '../support/fold-task-list.js';

interface Task {
  readonly executionId: string;
  readonly status?: string;
}

interface Change {
  readonly kind: string;
  readonly cursor: string;
  readonly tasks: readonly Task[];
  readonly executionId: string | null;
  readonly task: Task | null;
  readonly index: number | null;
}

const WATCH =
  'subscription ($filter: TaskFilter, $orderBy: TaskOrder, $first: Int! = 50) { liveTasks(filter: $filter, orderBy: $orderBy, first: $first) { kind cursor tasks { executionId status } executionId task { executionId status } index } }';
const ASC = { field: 'ENQUEUED_AT', direction: 'ASC' };

type Results = AsyncIterableIterator<FormattedExecutionResult<Record<string, unknown>, unknown>>;

class List {
  list: readonly Task[] = [];
  readonly #results: Results;

  constructor(client: ReturnType<typeof webSocketClient>, variables: Record<string, unknown> = {}, query = WATCH) {
    this.#results = client.iterate({ query, variables });
  }

  async next(): Promise<Change> {
    const { value, done } = await this.#results.next();
    if (done || !value?.data) throw new Error(`no change came: ${JSON.stringify(value)}`);
    const change = value.data['liveTasks'] as Change;
    this.list = foldTaskList(this.list, change);
    return change;
  }

  async errors(): Promise<unknown> {
    const { value } = await this.#results.next();
    expect(value?.data ?? null).toBeNull();
    return value?.errors?.map(({ extensions }: { extensions?: unknown }) => extensions);
  }

  get ids(): string[] {
    return this.list.map(({ executionId }) => executionId);
  }

  async complete(): Promise<void> {
    await this.#results.return?.();
  }
}

const at = (second: number) => ({ enqueuedAt: new Date(Date.UTC(2026, 0, 1, 0, 0, second)) });

async function put({ app }: RunningApp, second: number, fields: Record<string, unknown> = {}): Promise<void> {
  await app.model.collection.insertOne(stored(`e${second}`, { ...at(second), ...fields }) as never);
}

async function untilSubscribers({ app }: RunningApp, count: number): Promise<void> {
  while (app.feed.status().subscribers !== count) await new Promise((resolve) => setImmediate(resolve));
}

describe('liveTasks', () => {
  it('sends the list, and keeps it right as executions enter, change, move and leave', async () => {
    await using running = await runningApp();
    const client = webSocketClient(running.url);
    for (const second of [1, 2, 3, 4]) await put(running, second);
    const list = new List(client, { filter: { status: ['QUEUED'] }, orderBy: ASC, first: 3 });
    expect(await list.next()).toMatchObject({ kind: 'SNAPSHOT', executionId: null, task: null, index: null, tasks: [{ executionId: 'e1', status: 'QUEUED' }, { executionId: 'e2' }, { executionId: 'e3' }] });

    const { collection } = running.app.model;
    await collection.updateOne({ executionId: 'e2' }, { $set: { maxRetries: 9 } });
    expect(await list.next()).toMatchObject({ kind: 'UPDATE', executionId: 'e2', index: 1, tasks: [] });

    await collection.updateOne({ executionId: 'e1' }, { $set: { status: 'processing' } });
    expect(await list.next()).toMatchObject({ kind: 'LEAVE', executionId: 'e1', task: null, index: 0 });
    expect(await list.next()).toMatchObject({ kind: 'ENTER', executionId: 'e4', task: { executionId: 'e4', status: 'QUEUED' }, index: 2 });

    await put(running, 0);
    await list.next();
    await list.next();
    expect(list.ids).toEqual(['e0', 'e2', 'e3']);

    await collection.updateOne({ executionId: 'e0' }, { $set: at(2.5) });
    expect([(await list.next()).kind, (await list.next()).kind]).toEqual(['LEAVE', 'ENTER']);
    expect(list.ids).toEqual(['e2', 'e0', 'e3']);

    await collection.deleteOne({ executionId: 'e2' });
    await list.next();
    const { cursor } = await list.next();
    expect(list.ids).toEqual(['e0', 'e3', 'e4']);
    const { tasks } = await dataOf<{ tasks: { nodes: Task[] } }>(running.url, '{ tasks(filter: { status: QUEUED }, orderBy: { direction: ASC }, first: 3) { nodes { executionId status } } }');
    expect(tasks.nodes).toEqual(list.list);

    // The cursor is one of the feed: what follows it is all that the list does not know.
    await put(running, 9);
    const since = client.iterate({ query: 'subscription ($after: String) { taskChanged(after: $after) { executionId } }', variables: { after: cursor } });
    expect((await since.next()).value?.data).toEqual({ taskChanged: { executionId: 'e9' } });

    await list.complete();
    await since.return?.();
    await untilSubscribers(running, 0);
    await client.dispose();
  });

  it('sends each of many that join while things are written the list as it then is, and no change twice', async () => {
    await using running = await runningApp();
    const clients = Array.from({ length: 12 }, () => webSocketClient(running.url));
    let stop = false;
    const writing = (async () => {
      for (let n = 0; !stop; n = (n + 1) % 40) {
        const which = { executionId: `e${n}` };
        if (n % 3 === 0) await running.app.model.collection.deleteOne(which);
        else await running.app.model.collection.replaceOne(which, stored(`e${n}`, at((n * 7) % 40)) as never, { upsert: true });
      }
    })();
    const lists: List[] = [];
    for (const client of clients) {
      const list = new List(client, { first: 10 });
      lists.push(list);
      expect((await list.next()).kind).toBe('SNAPSHOT');
      for (let n = 0; n < 5; n += 1) await list.next();
    }
    expect(running.app.feed.status().subscribers).toBe(1);
    stop = true;
    await writing;
    await running.app.model.collection.insertOne(stored('last', at(59)) as never);
    for (const list of lists) while (list.ids[0] !== 'last') await list.next();
    const { tasks } = await dataOf<{ tasks: { nodes: Task[] } }>(running.url, '{ tasks(first: 10) { nodes { executionId status } } }');
    for (const { list } of lists) expect(list).toEqual(tasks.nodes);
    for (const client of clients) await client.dispose();
    await untilSubscribers(running, 0);
  });

  it('keeps one list for equal arguments, whatever is selected of its rows', async () => {
    await using running = await runningApp();
    await put(running, 1);
    const client = webSocketClient(running.url);
    const lists = ['tasks { executionId } task { executionId }', 'tasks { executionId taskId } task { executionId retryChain { attemptCount } }'].map(
      (selection) => new List(client, {}, `subscription { liveTasks { kind cursor executionId index ${selection} } }`),
    );
    for (const list of lists) expect((await list.next()).kind).toBe('SNAPSHOT');
    expect(running.app.feed.status().subscribers).toBe(1);
    await put(running, 2);
    for (const list of lists) {
      await list.next();
      expect(list.ids).toEqual(['e2', 'e1']);
    }
    await lists[0]?.complete();
    await put(running, 3);
    await lists[1]?.next();
    expect(lists[1]?.ids).toEqual(['e3', 'e2', 'e1']);
    await client.dispose();
    await untilSubscribers(running, 0);
  });

  it('refuses a length out of bounds and an operator in the filter, each by name, and reads nothing', async () => {
    await using running = await runningApp();
    const client = webSocketClient(running.url);
    for (const first of [201, 0, -1]) expect(await new List(client, { first }).errors()).toEqual([{ code: 'INVALID_INPUT', field: ['first'] }]);
    expect(await new List(client, { filter: { metadata: [{ path: '$where', eq: 1 }] } }).errors()).toEqual([{ code: 'INVALID_INPUT', field: ['filter', 'metadata', '0', 'path'] }]);
    expect(await new List(client, { filter: { metadata: [{ path: 'a', eq: { $gt: 0 } }] } }).errors()).toEqual([{ code: 'INVALID_INPUT', field: ['filter', 'metadata', '0', 'eq'] }]);
    expect(running.app.feed.status().subscribers).toBe(0);
    const list = new List(client, { filter: { taskId: '{"$gt": ""}' } });
    expect((await list.next()).tasks).toEqual([]);
    await client.dispose();
  });

  it('begins anew where the collection is dropped, with a snapshot in place of an error', async () => {
    await using running = await runningApp();
    const client = webSocketClient(running.url);
    await put(running, 1);
    const list = new List(client);
    expect((await list.next()).tasks).toHaveLength(1);
    await running.app.model.collection.drop();
    let change = await list.next();
    while (change.kind !== 'SNAPSHOT') change = await list.next();
    expect(change.tasks).toEqual([]);
    await put(running, 2);
    await list.next();
    expect(list.ids).toEqual(['e2']);
    await client.dispose();
  });

  it('ends with an error of its own for a client that does not read, and begins with a snapshot when it comes again', async () => {
    await using running = await runningApp({ subscriberQueue: 20 });
    await put(running, 1);
    const socket = await RawSocket.acknowledged(running.url);
    socket.send({ id: 'slow', type: 'subscribe', payload: { query: 'subscription { liveTasks(first: 5) { kind tasks { metadata } task { metadata } } }' } });
    await socket.until(({ type }) => type === 'next');
    socket.socket.pause();
    const pad = 'x'.repeat(40_000);
    while (running.app.feed.status().subscribers > 0) {
      await running.app.model.collection.updateOne({ executionId: 'e1' }, { $set: { metadata: { pad, at: Math.random() } } });
    }
    socket.socket.resume();
    const last = await socket.until(({ payload }) => JSON.stringify(payload ?? '').includes('SLOW_CONSUMER'));
    expect(last).toMatchObject({ id: 'slow', type: 'next' });
    await socket.until(({ type, id }) => type === 'complete' && id === 'slow');
    socket.send({ id: 'again', type: 'subscribe', payload: { query: 'subscription { liveTasks(first: 5) { kind } }' } });
    expect((await socket.until(({ id }) => id === 'again')).payload).toEqual({ data: { liveTasks: { kind: 'SNAPSHOT' } } });
    socket.socket.close();
  });
});
