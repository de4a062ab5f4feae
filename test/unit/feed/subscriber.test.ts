import { describe, expect, it } from 'vitest';

import { CursorCodec } from '../../../src/feed/cursor.js';
import { FeedClosedError, SlowConsumerError } from '../../../src/feed/errors.js';
import { Subscriber, type SubscriberOptions } from '../../../src/feed/subscriber.js';
import { createEventMaker } from '../../../src/feed/to-event.js';
import type { TaskChangeEvent } from '../../../src/feed/types.js';

const maker = createEventMaker({ lookup: () => Promise.resolve(null) }, new CursorCodec('a.b'));

function event(seq: number): TaskChangeEvent {
  const position = { epoch: 'e', seq, time: { t: seq, i: 1 }, token: `t${seq}` };
  const made = maker.make({ _id: { _data: position.token }, operationType: 'insert', documentKey: { _id: seq }, fullDocument: { _id: seq, retryCount: seq } }, position);
  return made as TaskChangeEvent;
}

function subscriber(options: Partial<SubscriberOptions> = {}): Subscriber {
  return new Subscriber({ accepts: undefined, bookmarks: true, queueLimit: 3, startCursor: () => 'start', onClose: () => undefined, ...options });
}

describe('a subscriber', () => {
  it('is given events in order, whether it asks before or after they come', async () => {
    const reader = subscriber();
    const early = reader.next();
    for (let seq = 1; seq <= 3; seq += 1) reader.offer(event(seq));
    const seen = [await early, await reader.next(), await reader.next()].map((result) => result.value?.documentId);
    expect(seen).toEqual([1, 2, 3]);
  });

  it('that does not read ends as SLOW_CONSUMER with the cursor of the last event it took', async () => {
    let closed = 0;
    const reader = subscriber({ onClose: () => (closed += 1) });
    const first = event(1);
    reader.offer(first);
    await reader.next();
    for (let seq = 2; seq <= 5; seq += 1) reader.offer(event(seq));
    expect(closed).toBe(1);
    const error = await reader.next().catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(SlowConsumerError);
    expect((error as SlowConsumerError).cursor).toBe(first.cursor);
    expect(await reader.next()).toEqual({ done: true, value: undefined });
  });

  it('that never took an event is told the cursor it began with', async () => {
    const reader = subscriber({ queueLimit: 1 });
    reader.offer(event(1));
    reader.offer(event(2));
    await expect(reader.next()).rejects.toMatchObject({ code: 'SLOW_CONSUMER', cursor: 'start' });
  });

  it('does not count events that its filter refuses', async () => {
    const reader = subscriber({ queueLimit: 1, accepts: ({ documentId }) => documentId === 9 });
    for (let seq = 1; seq <= 9; seq += 1) reader.offer(event(seq));
    expect((await reader.next()).value?.documentId).toBe(9);
  });

  it('ends alone when its filter throws', async () => {
    const reader = subscriber({
      accepts: () => {
        throw new Error('broken filter');
      },
    });
    expect(reader.offer(event(1))).toBe(false);
    await expect(reader.next()).rejects.toThrow('broken filter');
  });

  it('is given what is queued before the error that ends it', async () => {
    const reader = subscriber();
    reader.offer(event(1));
    reader.shutDown();
    expect((await reader.next()).value?.documentId).toBe(1);
    await expect(reader.next()).rejects.toBeInstanceOf(FeedClosedError);
  });

  it('that returns while it waits gets its end at once', async () => {
    const reader = subscriber();
    const waiting = reader.next();
    await reader.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(reader.offer(event(1))).toBe(false);
  });
});
