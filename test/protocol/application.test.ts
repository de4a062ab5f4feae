import type { FormattedExecutionResult } from 'graphql';
import { describe, expect, it } from 'vitest';

import { createTaskTracker } from '../../src/app.js';
import { runningApp } from '../support/app.js';
import { dataOf, post, webSocketClient } from '../support/clients.js';
import { stored } from '../support/feed.js';

type Changed = { taskChanged: { kind: string; executionId: string; cursor: string; status: string; previousStatus: string | null } };

const WATCH = 'subscription Watch($after: String) { taskChanged(after: $after) { kind executionId cursor status previousStatus } }';

async function nextChange(results: AsyncIterator<FormattedExecutionResult<Record<string, unknown>, unknown>>): Promise<Changed['taskChanged']> {
  const { value, done } = await results.next();
  if (done || !value?.data) throw new Error(`no change came: ${JSON.stringify(value)}`);
  return (value.data as unknown as Changed).taskChanged;
}

/** Resolves when the feed has this many subscribers: a subscription has then reached the server. */
async function untilSubscribers(app: { feed: { status(): { subscribers: number } } }, count: number): Promise<void> {
  while (app.feed.status().subscribers !== count) await new Promise((resolve) => setImmediate(resolve));
}

describe('the application', () => {
  it('pushes what a worker writes straight into the collection to a graphql-ws client', async () => {
    await using running = await runningApp();
    const client = webSocketClient(running.url);
    const changes = client.iterate({ query: WATCH });
    const first = nextChange(changes);
    await untilSubscribers(running.app, 1);
    await running.app.model.collection.insertOne(stored('e1') as never);
    await running.app.model.collection.updateOne({ executionId: 'e1' }, { $set: { status: 'processing' } });
    expect(await first).toMatchObject({ kind: 'CREATED', executionId: 'e1', status: 'QUEUED', previousStatus: null });
    expect(await nextChange(changes)).toMatchObject({ kind: 'UPDATED', status: 'PROCESSING', previousStatus: 'QUEUED' });
    await client.dispose();
  });

  it('misses nothing between a list and the watch after it', async () => {
    await using running = await runningApp();
    const { url, app } = running;
    await app.model.collection.insertOne(stored('listed') as never);
    const { tasks } = await dataOf<{ tasks: { feedCursor: string } }>(url, '{ tasks { feedCursor nodes { executionId } } }');
    await app.model.collection.insertOne(stored('between') as never);
    const client = webSocketClient(url);
    const changes = client.iterate({ query: WATCH, variables: { after: tasks.feedCursor } });
    const seen: string[] = [];
    while (seen.at(-1) !== 'between') seen.push((await nextChange(changes)).executionId);
    expect(seen.filter((executionId) => executionId === 'between')).toHaveLength(1);
    await client.dispose();
  });

  it('serves equal subscriptions of many clients from one source, each with its own id', async () => {
    await using running = await runningApp();
    const clients = Array.from({ length: 20 }, () => webSocketClient(running.url));
    const streams = clients.map((client) => client.iterate({ query: WATCH }));
    const firsts = streams.map((stream) => nextChange(stream));
    let served = false;
    const all = Promise.all(firsts).finally(() => {
      served = true;
    });
    // The clients arrive one after another: changes go on until each has seen one.
    for (let n = 0; !served; n += 1) await running.app.model.collection.insertOne(stored(`e${n}`) as never);
    for (const change of await all) expect(change).toMatchObject({ kind: 'CREATED', status: 'QUEUED' });
    expect(running.app.feed.status().subscribers).toBe(1);
    for (const client of clients) await client.dispose();
    await untilSubscribers(running.app, 0);
  });

  it('tells each of different filters what a change means for it', async () => {
    await using running = await runningApp();
    await running.app.model.collection.insertOne(stored('e1') as never);
    const query = 'subscription ($status: [TaskStatus!]!) { taskChanged(filter: { status: $status }) { executionId matches task { status } } }';
    const clients = [['QUEUED'], ['PROCESSING'], ['QUEUED', 'PROCESSING'], ['QUEUED', 'FAILED']].map((status) => {
      const client = webSocketClient(running.url);
      return { client, changes: client.iterate({ query, variables: { status } }) };
    });
    const seen = clients.map(({ changes }) => changes.next());
    await untilSubscribers(running.app, clients.length);
    await running.app.model.collection.updateOne({ executionId: 'e1' }, { $set: { status: 'processing' } });
    const changes = (await Promise.all(seen)).map(({ value }) => (value as FormattedExecutionResult).data?.['taskChanged']);
    expect(changes).toEqual([false, true, true, false].map((matches) => ({ executionId: 'e1', matches, task: { status: 'PROCESSING' } })));
    for (const { client } of clients) await client.dispose();
  });

  it('sends a client that joins late the present counts of every queue', async () => {
    await using running = await runningApp();
    await running.app.model.collection.insertMany([stored('e1'), stored('e2', { queueName: 'mail' })] as never);
    const query = 'subscription { queueStatsChanged { queueName queued } }';
    for (let round = 0; round < 2; round += 1) {
      const client = webSocketClient(running.url);
      const seen = new Map<string, number>();
      for await (const { data } of client.iterate<{ queueStatsChanged: { queueName: string; queued: number } }>({ query })) {
        if (data) seen.set(data.queueStatsChanged.queueName, data.queueStatsChanged.queued);
        if (seen.size === 2) break;
      }
      expect(Object.fromEntries(seen)).toEqual({ jobs: 1, mail: 1 });
      if (round === 1) await client.dispose();
    }
  });

  it('does not see another application in the same process', async () => {
    await using one = await runningApp();
    await using two = await runningApp();
    await dataOf(one.url, 'mutation { enqueueTask(input: { taskId: "jobs:1", queueName: "jobs" }) { deduplicated } }');
    const count = '{ tasks { totalCount } queues { name } }';
    // Queues are counted in memory, which follows the collection.
    await expect.poll(() => dataOf(one.url, count)).toEqual({ tasks: { totalCount: 1 }, queues: [{ name: 'jobs' }] });
    expect(await dataOf(two.url, count)).toEqual({ tasks: { totalCount: 0 }, queues: [] });
    const cursor = one.app.feed.cursor();
    const client = webSocketClient(two.url);
    const { value } = await client.iterate({ query: WATCH, variables: { after: cursor } }).next();
    expect(JSON.stringify(value)).toContain('another collection');
    await client.dispose();
  });

  it('says over HTTP where subscriptions are served', async () => {
    await using running = await runningApp();
    const { status, body } = await post(running.url, 'subscription { taskChanged { kind } }');
    expect(status).toBe(400);
    expect(body.errors).toEqual([expect.objectContaining({ message: expect.stringContaining('WebSocket'), extensions: { code: 'SUBSCRIPTION_OVER_HTTP' } })]);
  });

  it('bounds the reason of a move to the dead-letter queue, and names the field', async () => {
    await using running = await runningApp();
    await running.app.model.collection.insertOne(stored('e1', { status: 'failed' }) as never);
    const move = 'mutation ($reason: String) { moveTaskToDlq(executionId: "e1", reason: $reason) { changed userErrors { code field } } }';
    expect(await dataOf(running.url, move, { reason: 'x'.repeat(2_049) })).toEqual({
      moveTaskToDlq: { changed: false, userErrors: [{ code: 'INVALID_INPUT', field: ['reason'] }] },
    });
    expect(await dataOf(running.url, move, { reason: 'broken for good' })).toEqual({ moveTaskToDlq: { changed: true, userErrors: [] } });
  });

  it('says that it is ready when the feed is live', async () => {
    await using running = await runningApp();
    const ready = await fetch(new URL('/health/ready', running.url));
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({ ready: true, feed: { state: 'LIVE' }, deduplication: { mode: 'index' } });
  });

  it('refuses to listen beyond loopback while nobody is authenticated, before it opens anything', async () => {
    await expect(createTaskTracker({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'UNSAFE_BIND' });
  });

  it('takes text that looks like an operator as text', async () => {
    await using running = await runningApp();
    const text = '{"$gt": ""}';
    await running.app.model.collection.insertOne(stored('e1') as never);
    const { body } = await post(running.url, 'query ($text: String!) { tasks(filter: { taskId: $text }) { totalCount } duplicateCheck(taskId: $text) { isDuplicate } }', { text });
    expect(body.data).toEqual({ tasks: { totalCount: 0 }, duplicateCheck: { isDuplicate: false } });
    const wrong = await post(running.url, 'query ($text: String!) { tasks(filter: { taskId: $text }) { totalCount } }', { text: { $gt: '' } });
    expect(wrong.body.errors?.[0]?.extensions?.['code']).toBe('BAD_USER_INPUT');
  });
});
