import { PassThrough } from 'node:stream';

import { describe, expect, test } from 'vitest';

import type { ConnectionCaller } from '../../../src/server/auth/connection-caller.js';
import { Connection } from '../../../src/server/connection.js';
import { ConnectionWriter } from '../../../src/server/fan-out/connection-writer.js';
import { WriteRounds } from '../../../src/server/fan-out/write-rounds.js';

function connection(): Connection {
  return new Connection(new ConnectionWriter(new PassThrough(), 1_000, new WriteRounds()), 2, { release: () => undefined } as ConnectionCaller, '127.0.0.1');
}

/** Whether the promise has resolved by the next turn of the event loop. */
async function isSettled(promise: Promise<void>): Promise<boolean> {
  let settled = false;
  void promise.then(() => {
    settled = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

describe('a connection', () => {
  test('is idle while no query or mutation is in flight', async () => {
    expect(await isSettled(connection().idle())).toBe(true);
  });

  test('becomes idle when the last of several operations ends', async () => {
    const subject = connection();
    const [one, two] = [{}, {}];
    subject.begin('request', one);
    subject.begin('request', two);
    const idle = subject.idle();
    subject.end(one);
    expect(await isSettled(idle)).toBe(false);
    subject.end(two);
    expect(await isSettled(idle)).toBe(true);
  });

  test('runs as many of each kind as it may, and another one when one has ended', () => {
    const subject = connection();
    const first = {};
    for (const kind of ['subscription', 'request'] as const) {
      expect([subject.begin(kind, first), subject.begin(kind, {}), subject.begin(kind, {})]).toEqual([true, true, false]);
    }
    subject.end(first);
    expect([subject.begin('subscription', {}), subject.begin('subscription', {})]).toEqual([true, false]);
  });

  test('is idle while only subscriptions run', async () => {
    const subject = connection();
    subject.begin('subscription', {});
    expect(await isSettled(subject.idle())).toBe(true);
  });

  test('is not made idle by the end of what never began', async () => {
    const subject = connection();
    subject.begin('request', {});
    const idle = subject.idle();
    subject.end({});
    expect(await isSettled(idle)).toBe(false);
    subject.abandon();
    expect(await isSettled(idle)).toBe(true);
  });
});
