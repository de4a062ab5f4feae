import { setTimeout as delay } from 'node:timers/promises';
import { crc32 } from 'node:zlib';

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { CursorCodec, type Position } from '../../../src/feed/cursor.js';
import { runningApp, type RunningApp } from '../../support/app.js';
import { until } from '../../support/embedded.js';
import { stored } from '../../support/feed.js';
import { type Told, Watcher } from '../../support/watcher.js';

let running: RunningApp;
let watcher: Watcher;
let codec: CursorCodec;
/** Cursors as clients hold them: of the start, and of each of some changes. */
const real: string[] = [];
let inserted = 0;
let subscribed = 0;

beforeAll(async () => {
  // A small memory, so that most cursors go to the database.
  running = await runningApp({ feedRingSize: 4 });
  codec = new CursorCodec(`${running.app.model.db.name}.task_trackers`);
  watcher = await Watcher.open(running.url);
  real.push(running.app.feed.cursor());
  watcher.watch('real');
  await until('the subscription stands', () => running.app.feed.status().subscribers === 1);
  for (let n = 0; n < 12; n += 1) await insert();
  await watcher.until('real', ({ executionId }) => executionId === 'e12');
  real.push(...watcher.told('real').map(({ cursor }) => cursor as string));
  watcher.socket.send({ id: 'real', type: 'complete' });
});

afterAll(async () => {
  watcher[Symbol.dispose]();
  await running[Symbol.asyncDispose]();
});

async function insert(): Promise<void> {
  inserted += 1;
  await running.app.model.collection.insertOne(stored(`e${inserted}`) as never);
}

/** The code with which a cursor is refused, or null where it is taken: then changes arrive. */
async function answerTo(after: string): Promise<string | null> {
  subscribed += 1;
  const id = `s${subscribed}`;
  watcher.watch(id, { after });
  let told: Told | undefined;
  const telling = watcher.until(id, ({ kind }) => kind !== 'BOOKMARK').then((first) => (told = first));
  // A place that was never may hide the first of them, but not the next ones.
  while (told === undefined) {
    await insert();
    await Promise.race([telling, delay(100)]);
  }
  const { code } = told;
  if (code === undefined) watcher.socket.send({ id, type: 'complete' });
  else await watcher.untilCompleted(id);
  return code ?? null;
}

const anyReal = fc.nat().map((at) => real[at % real.length] ?? '');
const character = fc.constantFrom(...'ABCxyz019-_=+/ .\u0000é');

const damaged: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(anyReal, fc.nat(), character).map(([cursor, at, other]) => cursor.slice(0, at % cursor.length) + other + cursor.slice((at % cursor.length) + 1)),
  fc.tuple(anyReal, fc.nat()).map(([cursor, at]) => cursor.slice(0, at % cursor.length)),
  fc.tuple(anyReal, fc.nat()).map(([cursor, at]) => cursor.slice(at % cursor.length)),
  fc.tuple(anyReal, anyReal).map(([one, two]) => one + two),
  anyReal.map((cursor) => cursor.repeat(100)),
  anyReal.map((cursor) => cursor.toLowerCase()),
  fc.string(),
  fc.base64String(),
  // Longer ones are variables of a size that is refused before anything reads them.
  fc.integer({ min: 1, max: 5 }).map((size) => 'A'.repeat(10 ** size)),
);

/** A token that the database gave, with something else in it. */
const badToken: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(fc.nat(), fc.nat(), fc.constantFrom(...'0123456789abcdef')).map(([which, at, nibble]) => {
    const { token } = codec.decode(real[which % real.length] ?? '');
    return token.slice(0, at % token.length) + nibble + token.slice((at % token.length) + 1);
  }),
  fc.tuple(fc.nat(), fc.nat()).map(([which, length]) => {
    const { token } = codec.decode(real[which % real.length] ?? '');
    return token.slice(0, 2 + 2 * (length % (token.length / 2 - 1)));
  }),
  fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  fc.string({ minLength: 1, maxLength: 200 }),
  fc.constantFrom('$where', '{"$gt":""}', '\u0000', 'zz', 'f', 'é'.repeat(50)),
);

const wholeNumber = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.constantFrom(0, -1, Number.MAX_SAFE_INTEGER, 2 ** 32));

/** A position that was never, with a check sum that is right. */
const forged: fc.Arbitrary<string> = fc
  .record({
    epoch: fc.oneof(fc.nat().map((at) => codec.decode(real[at % real.length] ?? '').epoch), fc.string()),
    seq: wholeNumber,
    time: fc.option(fc.record({ t: wholeNumber, i: wholeNumber }), { nil: null }),
    token: badToken,
  })
  .map((position: Position) => codec.encode(position));

/** Any JSON at all, with a check sum that is right. */
const sealed: fc.Arbitrary<string> = fc
  .oneof(
    fc.jsonValue(),
    fc.array(fc.jsonValue()),
    fc.tuple(fc.constantFrom(0, 1, 2, '1'), fc.string(), fc.string(), fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), fc.jsonValue()),
  )
  .map((value) => JSON.stringify(value))
  .map((body) => Buffer.from(`${crc32(body).toString(36)}${body}`).toString('base64url'));

describe('a cursor that the feed did not give', () => {
  const check = async (cursor: string, codes: readonly (string | null)[]) => {
    const code = await answerTo(cursor);
    expect(codes, cursor).toContain(code);
    const { state, resyncs } = running.app.feed.status();
    expect({ state, resyncs }).toEqual({ state: 'LIVE', resyncs: 0 });
  };

  it('but is one of its own, damaged anywhere, is INVALID_INPUT', async () => {
    await fc.assert(
      fc.asyncProperty(damaged, async (cursor) => {
        // Bits beyond the last byte say nothing: such a cursor is the real one.
        const bytes = Buffer.from(cursor, 'base64url');
        const same = real.some((own) => Buffer.from(own, 'base64url').equals(bytes));
        await check(cursor, same ? [null] : ['INVALID_INPUT']);
      }),
      { numRuns: 120 },
    );
  });

  it('that was sealed by somebody who knows how is refused, or has a place in history, but breaks nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof({ weight: 3, arbitrary: forged }, { weight: 1, arbitrary: sealed }), async (cursor) => {
        await check(cursor, ['INVALID_INPUT', 'CURSOR_EXPIRED', null]);
      }),
      { numRuns: 200 },
    );
  });

  it('of another collection is INVALID_INPUT', async () => {
    await using other = await runningApp();
    await check(other.app.feed.cursor(), ['INVALID_INPUT']);
  });

  it('leaves every real one as good as it was', async () => {
    for (const cursor of real) expect(await answerTo(cursor)).toBeNull();
  });
});
