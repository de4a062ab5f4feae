import { describe, expect, it } from 'vitest';

import { runningApp } from '../support/app.js';
import { webSocketClient } from '../support/clients.js';
import { stored, take } from '../support/feed.js';

interface Seen {
  readonly kind: string;
  readonly cursor: string;
  readonly executionId: string | null;
}

const WATCH = 'subscription ($filter: TaskFilter, $after: String) { taskChanged(filter: $filter, after: $after) { kind cursor executionId } }';
const INTERVAL_MS = 400;

describe('a subscription whose filter is quiet while other executions change all the time', () => {
  it('is sent a BOOKMARK within the interval, whose cursor is where the feed stands', async () => {
    await using running = await runningApp({ bookmarkIntervalMs: INTERVAL_MS });
    const { app, url } = running;
    const client = webSocketClient(url);
    const results = client.iterate<{ taskChanged: Seen }>({ query: WATCH, variables: { filter: { queueName: ['quiet'] } } });
    const next = async (): Promise<Seen> => {
      const { value } = (await results.next()) as { value?: { data?: { taskChanged: Seen } | null } };
      if (!value?.data) throw new Error(`no change came: ${JSON.stringify(value)}`);
      return value.data.taskChanged;
    };

    let writing = true;
    let written = 0;
    const writer = (async () => {
      for (; writing; written += 1) await app.model.collection.insertOne(stored(`busy-${written}`) as never);
    })();
    const bookmarks: Seen[] = [];
    const waits: number[] = [];
    const before: number[] = [];
    for (let n = 0; n < 4; n += 1) {
      const askedAt = performance.now();
      before.push(written);
      bookmarks.push(await next());
      waits.push(performance.now() - askedAt);
    }
    writing = false;
    await writer;
    // So that there is a change after the last bookmark as well.
    await app.model.collection.insertOne(stored(`busy-${written}`) as never);

    expect(bookmarks.every(({ kind }) => kind === 'BOOKMARK')).toBe(true);
    // The first one waits for the subscription to stand as well. A busy machine may be late now and then, but not as a rule.
    const [quickest, usual] = waits.slice(1).sort((a, b) => a - b) as [number, number];
    expect(quickest).toBeLessThan(2 * INTERVAL_MS);
    expect(usual).toBeLessThan(4 * INTERVAL_MS);
    expect(written).toBeGreaterThan(20);
    // From each of them the next change is one that was written after it was asked for, not one from long ago.
    for (const [index, { cursor }] of bookmarks.entries()) {
      const [event] = await take(app.feed.subscribe({ after: cursor }), 1);
      expect(Number(event?.executionId?.split('-')[1])).toBeGreaterThanOrEqual(before[index] ?? 0);
    }
    await client.dispose();
  });

  it('is sent BOOKMARKs while a long past is gone through, and goes on from there', async () => {
    await using running = await runningApp({ bookmarkIntervalMs: 100, feedRingSize: 10 });
    const { app } = running;
    const after = app.feed.cursor();
    const all = take(app.feed.subscribe({ bookmarks: false }), 2_500);
    for (let round = 0; round < 5; round += 1) {
      await app.model.collection.insertMany(Array.from({ length: 500 }, (_, n) => stored(`${round}-${n}`)) as never);
    }
    await all;
    const events = app.feed.subscribe({
      after,
      accepts: () => {
        // As slow as a filter of many clients at once.
        const until = performance.now() + 0.2;
        while (performance.now() < until);
        return false;
      },
    });
    const { value: bookmark } = await events.next();
    expect(bookmark).toMatchObject({ kind: 'BOOKMARK' });
    const rest = await take(app.feed.subscribe({ after: (bookmark as Seen).cursor }), 1);
    expect(rest[0]?.executionId).not.toBe('0-0');
    await events.return?.();
  });
});
