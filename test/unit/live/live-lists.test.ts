import { describe, expect, it } from 'vitest';

import { FeedClosedError, ResyncRequiredError, SlowConsumerError } from '../../../src/feed/errors.js';
import { Subscriber } from '../../../src/feed/subscriber.js';
import type { Feed, FeedSubscribeOptions, TaskChangeEvent } from '../../../src/feed/types.js';
import { createLiveLists } from '../../../src/live/live-lists.js';
import type { ListChange, LiveLists } from '../../../src/live/types.js';
import { type Execution, toExecution } from '../../../src/model/execution.js';
import type { SliceRequest } from '../../../src/queries/types.js';

/** The feed's subscribers, without a database: the test publishes. */
class ScriptedFeed implements Feed {
  readonly subscribers = new Set<Subscriber>();
  position = 0;
  closed = false;

  cursor(): string {
    return `c${this.position}`;
  }

  subscribe(options: FeedSubscribeOptions = {}): Subscriber {
    if (this.closed) throw new FeedClosedError('closed');
    const subscriber = new Subscriber({
      accepts: options.accepts,
      bookmarks: options.bookmarks ?? true,
      queueLimit: 1_000,
      startCursor: () => this.cursor(),
      onClose: (gone) => this.subscribers.delete(gone),
    });
    this.subscribers.add(subscriber);
    return subscriber;
  }

  publish(event: Partial<TaskChangeEvent>): void {
    this.position += 1;
    const whole: TaskChangeEvent = {
      cursor: this.cursor(),
      kind: 'UPDATED',
      at: new Date(0),
      executionId: null,
      documentId: event.task?._id ?? null,
      task: null,
      before: null,
      lookedUp: false,
      status: null,
      previousStatus: null,
      changedFields: [],
      ...event,
    };
    for (const subscriber of [...this.subscribers]) subscriber.offer(whole);
  }

  status(): never {
    throw new Error('not asked');
  }

  watchStatus(): never {
    throw new Error('not asked');
  }
}

const task = (n: number): Execution => toExecution({ _id: n, executionId: `e${n}`, enqueuedAt: new Date(n), status: 'queued' });

class Away extends Error {}

/** A read that the test answers. */
interface Read {
  readonly request: SliceRequest;
  answer(rows: readonly Execution[]): void;
  fail(error: Error): void;
}

class Setup {
  readonly feed = new ScriptedFeed();
  readonly lists: LiveLists;
  readonly #reads: Read[] = [];
  #told: (() => void) | null = null;
  readsBegun = 0;

  constructor(mostTouched = 50_000) {
    this.lists = createLiveLists({
      feed: this.feed,
      queries: {
        slice: (request) =>
          new Promise((resolve, reject) => {
            this.readsBegun += 1;
            this.#reads.push({ request, answer: resolve, fail: reject });
            this.#told?.();
          }),
        within: () => {
          throw new Error('nobody asks within a scope');
        },
      },
      isTransient: (error) => error instanceof Away,
      retryMs: 1,
      mostTouched,
    });
  }

  async read(): Promise<Read> {
    while (this.#reads.length === 0) await new Promise<void>((resolve) => (this.#told = resolve));
    return this.#reads.shift() as Read;
  }
}

async function next(changes: AsyncIterator<ListChange>): Promise<ListChange> {
  const { value, done } = await changes.next();
  if (done) throw new Error('the list has ended');
  return value as ListChange;
}

const shown = ({ kind, cursor, tasks, executionId, task: row, index }: ListChange) => ({ kind, cursor, tasks: tasks.map(({ executionId: id }) => id), executionId, task: row?.executionId ?? null, index });
const turn = () => new Promise((resolve) => setImmediate(resolve));
const ASC = { field: 'enqueuedAt', direction: 'ASC' } as const;

describe('a live list', () => {
  it('sends a snapshot as of the last change that it knows, then each change with its cursor', async () => {
    const { feed, lists, read } = bound(new Setup());
    const changes = lists.open({ orderBy: ASC, first: 2 });
    const { request, answer } = await read();
    expect(request).toEqual({ filter: null, orderBy: ASC, behind: null, limit: 12 });
    feed.publish({ kind: 'CREATED', task: task(3) });
    await turn();
    answer([task(1), task(5)]);
    expect(shown(await next(changes))).toEqual({ kind: 'SNAPSHOT', cursor: 'c1', tasks: ['e1', 'e3'], executionId: null, task: null, index: null });
    feed.publish({ kind: 'REMOVED', documentId: 1 });
    expect(shown(await next(changes))).toEqual({ kind: 'LEAVE', cursor: 'c2', tasks: [], executionId: 'e1', task: null, index: 0 });
    expect(shown(await next(changes))).toEqual({ kind: 'ENTER', cursor: 'c2', tasks: [], executionId: 'e5', task: 'e5', index: 1 });
    feed.publish({ kind: 'BOOKMARK' });
    expect(shown(await next(changes))).toMatchObject({ kind: 'BOOKMARK', cursor: 'c3', executionId: null, index: null });
  });

  it('is one for equal requests, whatever the form in which they are given, and closes with its last reader', async () => {
    const setup = bound(new Setup());
    const { feed, lists } = setup;
    const readers = [lists.open({ first: 50 }), lists.open({ first: 50, filter: {}, orderBy: { field: 'enqueuedAt', direction: 'DESC' } }), lists.open({ first: 50, filter: { taskId: null } })];
    (await setup.read()).answer([task(1)]);
    for (const reader of readers) expect((await next(reader)).tasks).toHaveLength(1);
    lists.open({ first: 49 });
    expect(feed.subscribers.size).toBe(2);
    for (const reader of readers) await reader.return?.();
    expect(feed.subscribers.size).toBe(1);
    const again = lists.open({ first: 50 });
    await setup.read();
    (await setup.read()).answer([]);
    expect((await next(again)).tasks).toEqual([]);
  });

  it('sends who joins late the list as it is, and no change twice', async () => {
    const { feed, lists, read } = bound(new Setup());
    const early = lists.open({ orderBy: ASC, first: 5 });
    (await read()).answer([task(1)]);
    await next(early);
    feed.publish({ task: task(2) });
    await next(early);
    const late = lists.open({ orderBy: ASC, first: 5 });
    feed.publish({ task: task(3) });
    expect(shown(await next(late))).toMatchObject({ kind: 'SNAPSHOT', cursor: 'c1', tasks: ['e1', 'e2'] });
    expect(shown(await next(late))).toMatchObject({ kind: 'ENTER', cursor: 'c2', task: 'e3', index: 2 });
  });

  it('sends a reader that takes less than comes one snapshot in place of what waits', async () => {
    const { feed, lists, read } = bound(new Setup());
    const slow = lists.open({ orderBy: ASC, first: 10 });
    (await read()).answer([]);
    await next(slow);
    const changes = Array.from({ length: 51 }, (_, n) => task(n % 7));
    for (const each of changes) {
      feed.publish({ task: each });
      await turn();
    }
    const snapshot = await next(slow);
    expect(shown(snapshot)).toMatchObject({ kind: 'SNAPSHOT', cursor: 'c51', tasks: ['e0', 'e1', 'e2', 'e3', 'e4', 'e5', 'e6'] });
    feed.publish({ task: task(9) });
    expect(shown(await next(slow))).toMatchObject({ kind: 'ENTER', index: 7 });
  });

  it('waits while the database is away, and begins when it is back', async () => {
    const { lists, read } = bound(new Setup());
    const changes = lists.open({ first: 2 });
    const first = next(changes);
    for (let n = 0; n < 3; n += 1) (await read()).fail(new Away());
    (await read()).answer([task(1)]);
    expect((await first).tasks).toHaveLength(1);
  });

  it('ends with the error of a read that cannot succeed, and the next one begins anew', async () => {
    const { feed, lists, read } = bound(new Setup());
    const [one, other] = [lists.open({ first: 2 }), lists.open({ first: 2 })];
    (await read()).fail(new RangeError('no'));
    await expect(next(one)).rejects.toThrow('no');
    await expect(next(other)).rejects.toThrow('no');
    expect(await one.next()).toEqual({ done: true, value: undefined });
    expect(feed.subscribers.size).toBe(0);
    const again = lists.open({ first: 2 });
    (await read()).answer([task(1)]);
    expect((await next(again)).kind).toBe('SNAPSHOT');
  });

  it.each([new ResyncRequiredError('lost', 'c'), new SlowConsumerError('slow', 'c')])('is read again and sent as a snapshot after %s', async (error) => {
    const { feed, lists, read } = bound(new Setup());
    const changes = lists.open({ orderBy: ASC, first: 3 });
    (await read()).answer([task(1), task(2)]);
    await next(changes);
    for (const subscriber of [...feed.subscribers]) subscriber.fail(error);
    const { request, answer } = await read();
    expect(request.behind).toBeNull();
    expect(feed.subscribers.size).toBe(1);
    feed.publish({ task: task(0) });
    await turn();
    answer([task(2), task(7)]);
    expect(shown(await next(changes))).toMatchObject({ kind: 'SNAPSHOT', tasks: ['e0', 'e2', 'e7'] });
  });

  it('does not take a read that began before the feed lost its place for one that began after', async () => {
    const { feed, lists, read } = bound(new Setup());
    const changes = lists.open({ orderBy: ASC, first: 3 });
    const before = await read();
    for (const subscriber of [...feed.subscribers]) subscriber.fail(new ResyncRequiredError('lost', 'c'));
    await turn();
    before.answer([task(1)]);
    (await read()).answer([task(2)]);
    expect((await next(changes)).tasks.map(({ executionId }) => executionId)).toEqual(['e2']);
  });

  it('ends when the application closes', async () => {
    const { feed, lists, read } = bound(new Setup());
    const changes = lists.open({ first: 3 });
    (await read()).answer([]);
    await next(changes);
    feed.closed = true;
    for (const subscriber of [...feed.subscribers]) subscriber.shutDown();
    await expect(next(changes)).rejects.toBeInstanceOf(FeedClosedError);
    expect(() => lists.open({ first: 3 })).toThrow(FeedClosedError);
  });

  it('ends, rather than remember without bound, where too much changes during one read', async () => {
    const { feed, lists, read } = bound(new Setup(20));
    const changes = lists.open({ first: 3 });
    await read();
    for (let n = 0; n <= 20; n += 1) feed.publish({ task: task(n) });
    await expect(next(changes)).rejects.toMatchObject({ code: 'SLOW_CONSUMER', cursor: 'c21' });
    expect(feed.subscribers.size).toBe(0);
  });

  it('sends no bookmark while rows are missing from it', async () => {
    const { feed, lists, read } = bound(new Setup());
    const changes = lists.open({ orderBy: ASC, first: 1 });
    (await read()).answer(Array.from({ length: 11 }, (_, n) => task(n)));
    await next(changes);
    for (let n = 0; n < 11; n += 1) feed.publish({ kind: 'REMOVED', documentId: n });
    feed.publish({ kind: 'BOOKMARK' });
    const { request, answer } = await read();
    expect([request.behind?.executionId, request.limit]).toEqual(['e10', 6]);
    await turn();
    answer([task(11)]);
    await turn();
    feed.publish({ kind: 'BOOKMARK' });
    const seen: string[] = [];
    while (seen.at(-1) !== 'BOOKMARK') seen.push((await next(changes)).kind);
    expect(seen.slice(-2)).toEqual(['ENTER', 'BOOKMARK']);
    expect(seen.filter((kind) => kind === 'BOOKMARK')).toHaveLength(1);
  });

  it('is read in turn with others where many are to be read at once', async () => {
    const { lists, read, begun } = bound(new Setup());
    const readers = Array.from({ length: 20 }, (_, n) => lists.open({ first: n + 1 }));
    const held = [];
    for (let n = 0; n < 8; n += 1) held.push(await read());
    await turn();
    expect(begun()).toBe(8);
    for (const { answer } of held) answer([]);
    for (let n = 8; n < 20; n += 1) (await read()).answer([]);
    for (const reader of readers) expect((await next(reader)).kind).toBe('SNAPSHOT');
  });

  it('refuses a length that is none, and a filter that is none, before anything is read', () => {
    const setup = bound(new Setup());
    for (const first of [0, 201, 1.5]) expect(() => setup.lists.open({ first })).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', field: ['first'] }));
    expect(() => setup.lists.open({ first: 1, filter: { metadata: [{ path: '$where', eq: 1 }] } })).toThrow(expect.objectContaining({ field: ['filter', 'metadata', '0', 'path'] }));
    expect([setup.begun(), setup.feed.subscribers.size]).toEqual([0, 0]);
  });
});

function bound(setup: Setup) {
  return { feed: setup.feed, lists: setup.lists, read: () => setup.read(), begun: () => setup.readsBegun };
}
