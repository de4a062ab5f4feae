import { once } from 'node:events';
import { Duplex } from 'node:stream';

import { describe, expect, it } from 'vitest';

import { ConnectionWriter } from '../../../../src/server/fan-out/connection-writer.js';
import { utf8 } from '../../../../src/server/fan-out/frame.js';
import { Group } from '../../../../src/server/fan-out/group.js';
import { Member } from '../../../../src/server/fan-out/member.js';
import type { Payload } from '../../../../src/server/fan-out/payload.js';
import { QueuedPayloads } from '../../../../src/server/fan-out/queued-payloads.js';
import { WriteRounds } from '../../../../src/server/fan-out/write-rounds.js';

/** A connection whose client reads only when told to. */
class Client extends Duplex {
  readonly chunks: Buffer[] = [];
  #held: (() => void) | null = null;
  reading = true;

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.chunks.push(chunk);
    if (this.reading) done();
    else this.#held = done;
  }

  readOn(): void {
    this.reading = true;
    this.#held?.();
    this.#held = null;
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString('latin1');
  }
}

/** More than any of these tests lets wait, but one. */
const QUEUE_BYTES = 10_000_000;

const turn = () => new Promise((resolve) => setImmediate(resolve));

function payload(n: number, size = 10): Payload {
  return { json: `{"data":{"n":${n},"pad":"${'x'.repeat(size)}"}}`, cursor: `c${n}` };
}

function memberOn(writer: ConnectionWriter, id: string, queueLimit = 3): { member: Member; left: () => number } {
  let left = 0;
  const member = new Member({
    id,
    writer,
    queueLimit,
    tooSlow: (cursor) => ({ data: null, extensions: { cursor } }),
    onLeave: () => (left += 1),
  });
  return { member, left: () => left };
}

describe('what one connection is sent', () => {
  it('leaves in one write for everything that a turn of the event loop produced', async () => {
    const client = new Client();
    const writer = new ConnectionWriter(client, QUEUE_BYTES, new WriteRounds());
    const { member } = memberOn(writer, 'a');
    for (let n = 0; n < 5; n += 1) member.deliver(payload(n));
    await writer.send('{"type":"pong"}');
    expect(client.chunks).toHaveLength(1);
    expect(client.text.match(/"n":\d/g)).toEqual(['"n":0', '"n":1', '"n":2', '"n":3', '"n":4']);
    expect(client.text.endsWith('{"type":"pong"}')).toBe(true);
  });

  it('is written at once when the connection is about to close, and nothing after', async () => {
    const client = new Client();
    const writer = new ConnectionWriter(client, QUEUE_BYTES, new WriteRounds());
    memberOn(writer, 'a').member.deliver(payload(1));
    writer.flush();
    expect(client.chunks).toHaveLength(1);
    await turn();
    expect(client.chunks).toHaveLength(1);
  });

  it('is an answer at the end of its turn, with the events before it, also while events wait for a round', async () => {
    const client = new Client();
    const writer = new ConnectionWriter(client, QUEUE_BYTES, { add: () => undefined } as unknown as WriteRounds);
    memberOn(writer, 'a').member.deliver(payload(1));
    await turn();
    expect(client.chunks).toHaveLength(0);
    await writer.send('{"type":"pong"}');
    expect(client.text).toMatch(/"n":1.*"pong"/);
  });

  it('does not wait for a round where it is much: a client that reads is not taken for one that does not', () => {
    const client = new Client();
    const writer = new ConnectionWriter(client, QUEUE_BYTES, { add: () => undefined } as unknown as WriteRounds);
    const { member, left } = memberOn(writer, 'a', 1);
    for (let n = 0; n < 100; n += 1) member.deliver(payload(n, 10_000));
    expect(left()).toBe(0);
    expect(client.text.match(/"n":\d+/g)?.length).toBeGreaterThan(90);
  });

  it('is UTF-8, the id of the client included', async () => {
    const client = new Client();
    const writer = new ConnectionWriter(client, QUEUE_BYTES, new WriteRounds());
    memberOn(writer, 'ключ').member.deliver({ json: utf8('{"data":"héllo 🌍"}'), cursor: null });
    writer.flush();
    const [frame] = client.chunks;
    expect(frame?.subarray(2).toString()).toBe('{"id":"ключ","type":"next","payload":{"data":"héllo 🌍"}}');
    expect(frame?.[1]).toBe(frame ? frame.length - 2 : -1);
    await turn();
  });

  it('resolves a send when the connection is gone', async () => {
    const client = new Client();
    const writer = new ConnectionWriter(client, QUEUE_BYTES, new WriteRounds());
    client.destroy();
    await once(client, 'close');
    await writer.send('x');
    expect(client.chunks).toHaveLength(0);
  });
});

describe('a member whose client does not read', () => {
  it('is ended with the cursor of the last event that was sent, without memory growing meanwhile', async () => {
    const client = new Client();
    client.reading = false;
    const writer = new ConnectionWriter(client, QUEUE_BYTES, new WriteRounds());
    const { member, left } = memberOn(writer, 'slow');
    const ended = member.next();
    let n = 0;
    while (!writer.congested) member.deliver(payload(n++, 10_000));
    const lastSent = n - 1;
    for (let queued = 0; queued < 4; queued += 1) member.deliver(payload(n++, 10_000));
    expect(left()).toBe(1);
    expect(await ended).toEqual({ done: false, value: { data: null, extensions: { cursor: `c${lastSent}` } } });
    expect(await member.next()).toEqual({ done: true, value: undefined });
  });

  it('is sent what waited once it reads again, in order', async () => {
    const client = new Client();
    client.reading = false;
    const writer = new ConnectionWriter(client, QUEUE_BYTES, new WriteRounds());
    const { member, left } = memberOn(writer, 'a', 100);
    let n = 0;
    while (!writer.congested) member.deliver(payload(n++, 10_000));
    for (let queued = 0; queued < 20; queued += 1) member.deliver(payload(n++, 10));
    await turn();
    client.readOn();
    while (client.text.match(/"n":\d+/g)?.length !== n) await turn();
    expect(client.text.match(/"n":\d+/g)).toEqual(Array.from({ length: n }, (_, k) => `"n":${k}`));
    expect(left()).toBe(0);
  });

  it('is ended when too many bytes wait for its connection, and another subscription of the same connection goes on', async () => {
    const client = new Client();
    client.reading = false;
    const writer = new ConnectionWriter(client, 100_000, new WriteRounds());
    const [big, small] = [memberOn(writer, 'big', 1_000), memberOn(writer, 'small', 1_000)];
    let n = 0;
    while (!writer.congested) big.member.deliver(payload(n++, 10_000));
    small.member.deliver(payload(n++));
    for (let queued = 0; queued < 9; queued += 1) big.member.deliver(payload(n++, 10_000));
    expect([big.left(), small.left()]).toEqual([0, 0]);
    big.member.deliver(payload(n++, 10_000));
    expect([big.left(), small.left()]).toEqual([1, 0]);
    expect(writer.queued).toBeLessThan(1_000);
    client.readOn();
    while (writer.queued > 0) await turn();
    expect(small.left()).toBe(0);
  });

  it('is ended when too much waits for all connections together, where an event that waits for many is counted once', async () => {
    const all = new QueuedPayloads(100_000);
    const members = Array.from({ length: 5 }, (_, n) => {
      const writer = new ConnectionWriter(Object.assign(new Client(), { reading: false }), QUEUE_BYTES, new WriteRounds(), all);
      const one = memberOn(writer, `m${n}`, 1_000);
      while (!writer.congested) one.member.deliver(payload(0, 10_000));
      return one;
    });
    for (let n = 0; n < 8; n += 1) {
      const shared = payload(n, 10_000);
      for (const { member } of members) member.deliver(shared);
    }
    expect(all.bytes).toBe(8 * payload(0, 10_000).json.length);
    expect(members.map(({ left }) => left())).toEqual([0, 0, 0, 0, 0]);
    // Not shared: each of them holds its own.
    for (let n = 0; n < 3; n += 1) members[0]?.member.deliver(payload(n, 10_000));
    expect(members.map(({ left }) => left())).toEqual([1, 0, 0, 0, 0]);
    for (const { member } of members) void member.return();
    expect(all.bytes).toBe(0);
  });

  it('gives back the room of what was queued when its client completes it', () => {
    const client = new Client();
    client.reading = false;
    const writer = new ConnectionWriter(client, QUEUE_BYTES, new WriteRounds());
    const { member } = memberOn(writer, 'a', 100);
    while (!writer.congested) member.deliver(payload(0, 10_000));
    for (let queued = 0; queued < 9; queued += 1) member.deliver(payload(0, 10_000));
    expect(writer.queued).toBeGreaterThan(90_000);
    void member.return();
    expect(writer.queued).toBe(0);
  });

  it('holds back a source that is its own: nothing is too much for it', async () => {
    const client = new Client();
    client.reading = false;
    let given = 0;
    const source: AsyncIterator<unknown> = { next: () => Promise.resolve(given < 500 ? { done: false, value: given++ } : { done: true, value: undefined }) };
    const group = new Group({ source, render: (n) => payload(n as number, 10_000), stateOf: null, paced: true, onEmpty: () => undefined });
    const { member, left } = memberOn(new ConnectionWriter(client, 50_000, new WriteRounds()), 'own', 2);
    group.join(member);
    const running = group.run();
    for (let times = 0; times < 10; times += 1) await turn();
    expect([given < 20, left()]).toEqual([true, 0]);
    client.readOn();
    await running;
    await turn();
    expect(client.text.match(/"n":\d+/g)).toEqual(Array.from({ length: 500 }, (_, k) => `"n":${k}`));
  });

  it('does not hold back another member of its group', async () => {
    const [slow, fast] = [new Client(), new Client()];
    slow.reading = false;
    let push: (n: number) => void = () => undefined;
    let finish: () => void = () => undefined;
    const events: number[] = [];
    const source: AsyncIterator<unknown> = {
      next: () =>
        new Promise((resolve) => {
          push = (n) => resolve({ done: false, value: n });
          finish = () => resolve({ done: true, value: undefined });
        }),
    };
    const group = new Group({
      source,
      render: (n) => {
        events.push(n as number);
        return payload(n as number, 50_000);
      },
      stateOf: null,
      onEmpty: () => undefined,
    });
    const members = [slow, fast].map((client, index) => memberOn(new ConnectionWriter(client, QUEUE_BYTES, new WriteRounds()), String(index), 2));
    for (const { member } of members) group.join(member);
    const running = group.run();
    for (let n = 0; n < 20; n += 1) {
      push(n);
      // A round may begin later where the one before took long.
      while (!fast.text.includes(`"n":${n},`)) await turn();
    }
    finish();
    await running;
    expect(events).toHaveLength(20);
    expect(fast.text.match(/"n":\d+/g)).toHaveLength(20);
    expect(members[0]?.left()).toBe(1);
  });
});

describe('a group', () => {
  const never: AsyncIterator<unknown> = { next: () => new Promise(() => undefined) };

  it('ends its source when the last member has left, and takes nobody any more', async () => {
    let returned = 0;
    let emptied = 0;
    const group = new Group({
      source: { ...never, return: () => Promise.resolve({ done: true as const, value: (returned += 1) }) },
      render: () => payload(0),
      stateOf: null,
      onEmpty: () => (emptied += 1),
    });
    const writer = new ConnectionWriter(new Client(), QUEUE_BYTES, new WriteRounds());
    const members = ['a', 'b'].map((id) => new Member({ id, writer, queueLimit: 1, tooSlow: () => ({}), onLeave: (member) => group.leave(member) }));
    for (const member of members) group.join(member);
    await members[0]?.return();
    expect([returned, group.ended]).toEqual([0, false]);
    await members[1]?.return();
    expect([returned, emptied, group.ended]).toEqual([1, 1, true]);
  });

  it('sends a late member the last state of each thing', async () => {
    const states = ['a1', 'b1', 'a2'];
    const source: AsyncIterator<unknown> = {
      next: () => (states.length > 0 ? Promise.resolve({ done: false, value: states.shift() }) : new Promise(() => undefined)),
    };
    const group = new Group({
      source,
      render: (state) => ({ json: JSON.stringify(state), cursor: null }),
      stateOf: (state) => String(state)[0] ?? '',
      onEmpty: () => undefined,
    });
    const [early, late] = [new Client(), new Client()];
    group.join(memberOn(new ConnectionWriter(early, QUEUE_BYTES, new WriteRounds()), 'e', 10).member);
    void group.run();
    await turn();
    group.join(memberOn(new ConnectionWriter(late, QUEUE_BYTES, new WriteRounds()), 'l', 10).member);
    await turn();
    await turn();
    expect(early.text.match(/"[ab]\d"/g)).toEqual(['"a1"', '"b1"', '"a2"']);
    expect(late.text.match(/"[ab]\d"/g)).toEqual(['"a2"', '"b1"']);
  });
});
