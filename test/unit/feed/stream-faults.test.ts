import { mongo } from 'mongoose';
import { afterEach, describe, expect, it } from 'vitest';

import { CursorCodec } from '../../../src/feed/cursor.js';
import { createFeed, type FeedOptions, type RunningFeed } from '../../../src/feed/feed.js';
import type { FeedState } from '../../../src/feed/types.js';
import { InvalidInputError } from '../../../src/model/errors.js';
import { silentLogger } from '../../support/database.js';
import { take, untilState } from '../../support/feed.js';
import { inserted, memorySource, type MemorySource } from '../../support/memory-source.js';

const running: RunningFeed[] = [];
afterEach(async () => {
  for (const feed of running.splice(0)) await feed.close();
});

interface Watched {
  readonly source: MemorySource;
  readonly feed: RunningFeed;
  readonly states: FeedState[];
}

async function watched(options: Partial<FeedOptions> = {}): Promise<Watched> {
  const source = memorySource();
  const feed = createFeed({ source, namespace: 'a.b', log: silentLogger(), ...options });
  running.push(feed);
  await feed.start();
  const states: FeedState[] = [];
  void (async () => {
    for await (const { state } of feed.watchStatus()) if (states.at(-1) !== state) states.push(state);
  })();
  return { source, feed, states };
}

const serverError = (code: number, message: string, labels: string[] = []) => new mongo.MongoServerError({ message, code, errorLabels: labels });

/** Resolves when the feed was told to list again so many times, and is live. */
async function resynced(feed: RunningFeed, times: number): Promise<void> {
  for await (const { state, resyncs } of feed.watchStatus()) if (resyncs >= times && state === 'LIVE') return;
}

describe('a stream that breaks', () => {
  it('begins anew from now where its place in history is gone, and never asks for that place again', async () => {
    const { source, feed, states } = await watched();
    source.commit(inserted('e1'));
    await take(feed.subscribe({ after: feed.cursor() }), 1);
    const reader = feed.subscribe();
    source.break(serverError(286, 'Resume of change stream was not possible, as the resume point may no longer be in the oplog.', ['NonResumableChangeStreamError']));
    const error = (await reader.next().catch((failure: unknown) => failure)) as { code: string; cursor: string };
    expect(error).toMatchObject({ code: 'RESYNC_REQUIRED', cursor: feed.cursor() });
    await resynced(feed, 1);
    expect(source.opened).toEqual([null, null]);
    expect(states).toEqual(['LIVE', 'RESYNCING', 'LIVE']);
    const again = feed.subscribe({ after: error.cursor });
    source.commit(inserted('e2'));
    expect((await take(again, 1))[0]?.executionId).toBe('e2');
  });

  it('goes on at the same place where the database was away, and nobody is told to list again', async () => {
    const { source, feed, states } = await watched();
    const reader = feed.subscribe();
    source.commit(inserted('e1'));
    await take(reader, 1);
    let refusals = 3;
    source.onOpen = () => {
      if (refusals-- > 0) throw new mongo.MongoNetworkError('connect ECONNREFUSED');
    };
    source.break(new mongo.MongoNetworkError('connection 1 to 127.0.0.1 closed'));
    source.commit(inserted('e2'));
    expect((await take(reader, 1))[0]?.executionId).toBe('e2');
    const place = '0000000000000001';
    expect(source.opened).toEqual([null, place, place, place, place]);
    expect(states).toEqual(['LIVE', 'RECONNECTING', 'LIVE']);
    expect(feed.status().resyncs).toBe(0);
  });

  it('tries an error that nobody knows again, and gives its place up when that repeats', async () => {
    const { source, feed } = await watched();
    const reader = feed.subscribe();
    const odd = serverError(96, 'OperationFailed: something is odd');
    let refusals = 2;
    source.onOpen = (from) => {
      if (from !== null && refusals-- > 0) throw odd;
    };
    source.break(odd);
    await expect(reader.next()).rejects.toMatchObject({ code: 'RESYNC_REQUIRED' });
    await resynced(feed, 1);
    const place = '0000000000000000';
    expect(source.opened).toEqual([null, place, place, null]);
  });

  it('passes by a change that cannot be dealt with, and tells everybody to list again', async () => {
    const { source, feed } = await watched();
    const reader = feed.subscribe();
    const cannotBeRead = (): never => {
      throw new Error('cannot be read');
    };
    const unreadable = new Proxy({}, { get: cannotBeRead });
    source.commit(inserted('e1'));
    await take(reader, 1);
    source.commit({ ...inserted('bad'), fullDocument: unreadable });
    await expect(reader.next()).rejects.toMatchObject({ code: 'RESYNC_REQUIRED' });
    await resynced(feed, 1);
    expect(source.opened.at(-1)).toBeNull();
    const next = feed.subscribe();
    source.commit(inserted('e2'));
    expect((await take(next, 1))[0]?.executionId).toBe('e2');
  });

  it('is FAILED, with the reason, where the database does not allow it', async () => {
    const { source, feed } = await watched();
    source.onOpen = () => {
      throw serverError(13, 'not authorized on a to execute command { aggregate: "b" }');
    };
    source.break(new mongo.MongoNetworkError('closed'));
    await untilState(feed, 'FAILED');
    expect(feed.status().reason).toContain('not authorized');
  });

  it('counts every loss of its place, and gives each reader the newest', async () => {
    const { source, feed } = await watched();
    for (let times = 1; times <= 3; times += 1) {
      const reader = feed.subscribe();
      source.break(serverError(280, 'cannot resume stream; the resume token was not found.'));
      const error = (await reader.next().catch((failure: unknown) => failure)) as { cursor: string };
      await resynced(feed, times);
      expect(error.cursor).toBe(feed.cursor());
    }
    expect(source.opened).toEqual([null, null, null, null]);
  });
});

describe('a database that is away, its stream open', () => {
  it('is noticed as soon as the driver can reach no server, long before its silence says so, until it answers the stream again', async () => {
    const { source, feed, states } = await watched({ bookmarkIntervalMs: 40 });
    const awaySince = performance.now();
    source.awaySince = awaySince;
    await untilState(feed, 'RECONNECTING');
    expect(performance.now() - awaySince).toBeLessThan(3_000);
    expect(feed.status().reason).toBe('no server of the database can be reached');
    source.awaySince = null;
    await untilState(feed, 'LIVE');
    expect(states).toEqual(['LIVE', 'RECONNECTING', 'LIVE']);
  });

  it('is not taken for one where the driver finds no server, but the stream is answered', async () => {
    const { source, feed, states } = await watched({ bookmarkIntervalMs: 40 });
    Object.defineProperty(source, 'unreachableSince', { value: () => performance.now() - 10_000 });
    const reader = feed.subscribe();
    for (let bookmarks = 0; bookmarks < 3; bookmarks += 1) expect((await reader.next()).value).toMatchObject({ kind: 'BOOKMARK' });
    expect(states).toEqual(['LIVE']);
  });

  it('makes the feed say how far behind it may be, which grows with the silence', async () => {
    const { source, feed } = await watched();
    source.commit(inserted('e1'));
    await take(feed.subscribe({ after: feed.cursor() }), 1);
    expect(feed.status().lagMs).toBeLessThan(1_000);
    source.noticesAbsence = false;
    source.awaySince = performance.now() - 4_000;
    expect(feed.status().lagMs).toBeGreaterThanOrEqual(4_000);
    source.awaySince -= 3_000;
    expect(feed.status().lagMs).toBeGreaterThanOrEqual(7_000);
    source.awaySince = null;
    expect(feed.status().lagMs).toBeLessThan(1_000);
  });
});

describe('a cursor of this run of the feed with a number that it never gave', () => {
  const codec = new CursorCodec('a.b');

  it.each([
    ['beyond the newest', 1],
    ['far beyond the newest', 1_000_000],
  ])('%s is INVALID_INPUT', async (_what, beyond) => {
    const { source, feed } = await watched();
    const reader = feed.subscribe();
    source.commit(inserted('e1'));
    await take(reader, 1);
    await reader.return?.();
    const newest = codec.decode(feed.cursor());
    const forged = codec.encode({ ...newest, seq: newest.seq + beyond });
    expect(() => feed.subscribe({ after: forged })).toThrow(InvalidInputError);
    expect(() => feed.tap({ onEvent: () => undefined, onLost: () => undefined }, { after: forged })).toThrow(InvalidInputError);
    expect(feed.status().subscribers).toBe(0);
  });

  it('below zero is INVALID_INPUT', async () => {
    const { feed } = await watched();
    const forged = codec.encode({ ...codec.decode(feed.cursor()), seq: -1 });
    expect(() => feed.subscribe({ after: forged })).toThrow(InvalidInputError);
  });
});

describe('a cursor of a time that this database has not reached', () => {
  const cursorAt = (t: number) => new CursorCodec('a.b').encode({ epoch: 'another', seq: 1, time: { t, i: 1 }, token: '0000000000000000' });
  const now = () => Math.floor(Date.now() / 1_000);

  it('is CURSOR_EXPIRED, as after a restore from a backup, rather than silent until then', async () => {
    const { feed } = await watched();
    await expect(feed.subscribe({ after: cursorAt(now() + 3_600) }).next()).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' });
    expect(feed.status().subscribers).toBe(0);
  });

  it('is taken where it is ahead by no more than clocks differ', async () => {
    const { feed, source } = await watched();
    const reader = feed.subscribe({ after: cursorAt(now() + 60) });
    expect(feed.status().subscribers).toBe(1);
    source.commit(inserted('e1'));
    await reader.return?.();
  });
});
