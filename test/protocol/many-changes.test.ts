import { setTimeout as delay } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { type RawMessage, RawSocket, webSocketClient } from '../support/clients.js';
import { memoryApp } from '../support/memory-app.js';
import { inserted } from '../support/memory-source.js';

const WATCH = 'subscription ($after: String) { taskChanged(after: $after) { kind executionId cursor task { taskId queueName metadata } } }';
const COUNT = 5_000;
const PROBE = 'probe';

const burst = (bytes = 1_000) => Array.from({ length: COUNT }, (_, n) => inserted(`e${n}`, { metadata: { pad: 'x'.repeat(bytes) } }));

/** The executions of a burst that one subscription is told of; what ends it before is thrown. */
async function watch(url: string, after: string | null = null, onProbe: () => void = () => undefined): Promise<string[]> {
  const client = webSocketClient(url);
  const seen: string[] = [];
  for await (const { data, errors } of client.iterate<{ taskChanged: { kind: string; executionId: string } }>({ query: WATCH, variables: { after } })) {
    if (errors) throw new Error(JSON.stringify(errors));
    if (data?.taskChanged.executionId === PROBE) onProbe();
    else if (data && data.taskChanged.kind !== 'BOOKMARK') seen.push(data.taskChanged.executionId);
    if (seen.length === COUNT) break;
  }
  await client.dispose();
  return seen;
}

const all = Array.from({ length: COUNT }, (_, n) => `e${n}`);

describe('a client that reads is sent everything', () => {
  it('of thousands of changes that the database reports at once', async () => {
    await using app = await memoryApp();
    const standing = new Set<number>();
    const watching = Array.from({ length: 3 }, (_, n) => watch(app.url, null, () => standing.add(n)));
    // A subscription stands when a change reaches it.
    while (standing.size < 3) {
      app.source.commit(inserted(PROBE));
      await new Promise((resolve) => setImmediate(resolve));
    }
    app.source.commit(...burst());
    for (const seen of await Promise.all(watching)) expect(seen).toEqual(all);
  });

  it.each([
    ['that memory holds', 10_000],
    ['that are further back than memory', 100],
  ])('of thousands of changes behind its cursor %s', async (_where, ringEvents) => {
    await using app = await memoryApp({ feed: { ringEvents } });
    const cursor = app.feed.cursor();
    app.source.commit(...burst());
    await expect.poll(() => app.feed.status().ringSize).toBe(Math.min(ringEvents, COUNT));
    expect(await watch(app.url, cursor)).toEqual(all);
  });

  it('of the past behind its cursor, also where it stops reading for a while in the middle of it', async () => {
    await using app = await memoryApp();
    const after = app.feed.cursor();
    app.source.commit(...burst(4_000));
    await expect.poll(() => app.feed.status().ringSize).toBe(COUNT);
    const raw = await RawSocket.acknowledged(app.url);
    raw.send({ id: 'past', type: 'subscribe', payload: { query: WATCH, variables: { after } } });
    await raw.until(({ type }) => type === 'next');
    raw.socket.pause();
    // As long as the server would have sent all of it in.
    await delay(1_000);
    raw.socket.resume();
    const executionOf = ({ payload }: RawMessage) => (payload as { data?: { taskChanged: { executionId: string | null } } | null }).data?.taskChanged.executionId;
    await raw.until((message) => message.type === 'next' && (executionOf(message) === `e${COUNT - 1}` || executionOf(message) === undefined));
    expect((raw.messages as RawMessage[]).filter(({ type }) => type === 'next').map(executionOf)).toEqual(all);
    raw.socket.terminate();
  });
});
