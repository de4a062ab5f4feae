import type { FormattedExecutionResult } from 'graphql';
import type { Client } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type RunningApp, runningApp } from '../support/app.js';
import { dataOf, post, webSocketClient } from '../support/clients.js';
import { stored } from '../support/feed.js';
import { untilStatistics } from '../support/statistics.js';

const MINUTE = 60_000;

let running: RunningApp;
beforeAll(async () => {
  running = await runningApp();
  await untilStatistics(running.app.services.statistics, 'READY');
});
afterAll(() => running[Symbol.asyncDispose]());

async function insert(executionId: string, fields: Record<string, unknown> = {}): Promise<void> {
  await running.app.model.collection.insertOne(stored(executionId, fields) as never);
}

class Watch {
  readonly #results: AsyncIterableIterator<FormattedExecutionResult<Record<string, unknown>, unknown>>;

  constructor(client: Client, readonly query: string, variables: Record<string, unknown> = {}) {
    this.#results = client.iterate({ query, variables });
  }

  async next<T = Record<string, unknown>>(): Promise<T> {
    const { value, done } = await this.#results.next();
    if (done || !value?.data) throw new Error(`nothing came: ${JSON.stringify(value)}`);
    return Object.values(value.data)[0] as T;
  }

  /** The first value, of those that come, that is as wanted. */
  async until<T>(wanted: (value: T) => boolean): Promise<T> {
    for (let value = await this.next<T>(); ; value = await this.next<T>()) if (wanted(value)) return value;
  }
}

describe('figures over HTTP', () => {
  it('are one answer for a whole overview, from memory, and agree with each other', async () => {
    const failedAt = new Date();
    for (let n = 0; n < 5; n += 1) await insert(`h-${n}`, { queueName: 'http', status: 'failed', processingStartedAt: failedAt, failedAt, errorCategory: 'transient', errorMessage: `no answer within ${n} ms` });
    const from = new Date(Date.now() - 10 * MINUTE).toISOString();
    const query = `query ($from: DateTime!) {
      stats { state reason }
      queue(name: "http") { stats { failed source } throughput(from: $from) { start failed run { count } } history(from: $from) { failed } }
      errorGroups(queueName: "http", from: $from) { fingerprint count message sample { errorMessage } }
    }`;
    type Overview = {
      stats: object;
      queue: { stats: object; throughput: { start: string; failed: number; run: { count: number } }[] };
      errorGroups: { fingerprint: string; count: number; message: string }[];
    };
    await expect.poll(async () => (await dataOf<Overview>(running.url, query, { from })).errorGroups[0]?.count).toBe(5);
    const { stats, queue, errorGroups } = await dataOf<Overview>(running.url, query, { from });
    expect(stats).toEqual({ state: 'READY', reason: null });
    expect(queue.stats).toEqual({ failed: 5, source: 'STREAM' });
    expect(queue.throughput.reduce((sum, { failed }) => sum + failed, 0)).toBe(5);
    expect(queue.throughput.every(({ start }, index) => index === 0 || Date.parse(start) - Date.parse(queue.throughput[index - 1]?.start ?? '') === MINUTE)).toBe(true);
    expect(errorGroups).toMatchObject([{ count: 5, message: 'no answer within <n> ms' }]);
    const found = await dataOf<{ tasks: { totalCount: number } }>(running.url, 'query ($fingerprint: ID) { tasks(filter: { fingerprint: $fingerprint }) { totalCount } }', { fingerprint: errorGroups[0]?.fingerprint });
    expect(found.tasks.totalCount).toBe(5);
  });

  it('refuse what cannot be answered with a code and the name of the argument', async () => {
    for (const [source, field] of [
      ['{ throughput(from: "1969-01-01T00:00:00Z") { start } }', ['from']],
      ['{ queue(name: "http") { history(from: "2999-01-01T00:00:00Z") { at } } }', ['from']],
      ['{ errorGroups(first: 201) { count } }', ['first']],
      ['{ tasks(filter: { fingerprint: "forged" }) { totalCount } }', ['filter', 'fingerprint']],
    ] as const) {
      const { body } = await post(running.url, source);
      expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', field });
    }
    expect((await post(running.url, '{ errorGroups(from: "yesterday") { count } }')).status).toBe(400);
  });
});

describe('figures over WebSocket', () => {
  it('send who joins late the interval as it stands, from the source that is there', async () => {
    const client = webSocketClient(running.url);
    const other = webSocketClient(running.url);
    const query = 'subscription { throughputChanged(queueName: "joined", interval: DAY) { start enqueued } }';
    const first = new Watch(client, query);
    expect(await first.next()).toMatchObject({ enqueued: 0 });
    await insert('j-1', { queueName: 'joined' });
    expect(await first.until<{ enqueued: number }>(({ enqueued }) => enqueued === 1)).toMatchObject({ start: expect.stringMatching(/T00:00:00\.000Z$/) as string });
    const { subscribers } = running.app.feed.status();
    const late = new Watch(other, query);
    expect(await late.next()).toMatchObject({ enqueued: 1 });
    expect(running.app.feed.status().subscribers).toBe(subscribers);
    await insert('j-2', { queueName: 'joined' });
    await Promise.all([first, late].map((watch) => watch.until<{ enqueued: number }>(({ enqueued }) => enqueued === 2)));
    await client.dispose();
    await other.dispose();
  });

  it('tell each client of what is stuck already, however late it joins, and then of each once', async () => {
    await insert('s-1', { queueName: 'stuck', status: 'processing', processingStartedAt: new Date(Date.now() - MINUTE) });
    const query = 'subscription { stuckTaskDetected(queueName: "stuck", timeoutMs: 500) { executionId } }';
    const clients = [webSocketClient(running.url), webSocketClient(running.url)];
    const watches: Watch[] = [];
    for (const client of clients) {
      const watch = new Watch(client, query);
      expect(await watch.next()).toEqual({ executionId: 's-1' });
      watches.push(watch);
    }
    await insert('s-2', { queueName: 'stuck', status: 'processing', processingStartedAt: new Date() });
    expect(await Promise.all(watches.map((watch) => watch.next()))).toEqual([{ executionId: 's-2' }, { executionId: 's-2' }]);
    for (const client of clients) await client.dispose();
  });

  it('tell of kinds of failures as they happen, and of how the figures are kept', async () => {
    const client = webSocketClient(running.url);
    const status = new Watch(client, 'subscription { statsChanged { state progress } }');
    expect(await status.next()).toEqual({ state: 'READY', progress: 1 });
    const news = new Watch(client, 'subscription { errorGroupChanged(newOnly: true) { message sample { executionId } } }');
    const first = news.next();
    // Nothing says when the subscription stands: a new kind at a time until one is heard of.
    let heard = false;
    void first.then(() => {
      heard = true;
    });
    for (let n = 0; !heard; n += 1) {
      await insert(`k-${n}`, { queueName: 'kinds', status: 'failed', failedAt: new Date(), errorMessage: `kind ${'x'.repeat(n + 1)} of job 7` });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await first).toMatchObject({ message: expect.stringMatching(/^kind x+ of job <n>$/) as string });
    await client.dispose();
  });

  it('refuse arguments before anything is sent', async () => {
    const client = webSocketClient(running.url);
    for (const query of ['subscription { stuckTaskDetected(timeoutMs: -1) { executionId } }', `subscription { throughputChanged(queueName: "${'x'.repeat(5_000)}") { start } }`]) {
      await expect(new Watch(client, query).next()).rejects.toThrow('INVALID_INPUT');
    }
    await client.dispose();
  });
});
