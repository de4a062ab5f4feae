import { describe, expect, it } from 'vitest';

import { Group, type GroupOptions } from '../../../../src/server/fan-out/group.js';
import type { Member } from '../../../../src/server/fan-out/member.js';
import type { Payload } from '../../../../src/server/fan-out/payload.js';

/** A source that the test pushes into, and ends. */
class Pushed implements AsyncIterator<unknown> {
  #queue: IteratorResult<unknown>[] = [];
  #waiting: ((result: IteratorResult<unknown>) => void) | null = null;

  push(event: unknown): void {
    this.#put({ done: false, value: event });
  }

  end(): void {
    this.#put({ done: true, value: undefined });
  }

  #put(result: IteratorResult<unknown>): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting) waiting(result);
    else this.#queue.push(result);
  }

  next(): Promise<IteratorResult<unknown>> {
    const next = this.#queue.shift();
    if (next) return Promise.resolve(next);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }
}

/** What the group does to one of its members, in order. */
function member(): { member: Member; seen: string[] } {
  const seen: string[] = [];
  const stand = { deliver: ({ json }: Payload) => seen.push(json), end: (last: unknown) => seen.push(`end ${String(last)}`), room: () => null };
  return { member: stand as unknown as Member, seen };
}

function later<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const payload = (event: unknown): Payload => ({ json: String(event), cursor: null });

function group(options: Partial<GroupOptions> = {}): { group: Group; source: Pushed } {
  const source = new Pushed();
  const made = new Group({ source, render: payload, stateOf: null, onEmpty: () => undefined, welcome: (last) => `all after ${String(last)}`, ...options });
  return { group: made, source };
}

describe('a group whose events change a state', () => {
  it('sends who joins late the whole state first, as of the last event that the others were sent', async () => {
    const { group: shared, source } = group();
    const [early, late] = [member(), member()];
    shared.join(early.member);
    void shared.run();
    source.push('1');
    source.push('2');
    await turn();
    shared.join(late.member);
    source.push('3');
    await turn();
    expect(early.seen).toEqual(['1', '2', '3']);
    expect(late.seen).toEqual(['all after 2', '3']);
  });

  it('sends who joins before the first event nothing else before it', async () => {
    const { group: shared, source } = group();
    const members = [member(), member()];
    for (const each of members) shared.join(each.member);
    void shared.run();
    source.push('1');
    await turn();
    for (const { seen } of members) expect(seen).toEqual(['1']);
  });

  it('keeps what follows until the whole state is rendered, also where that takes longer', async () => {
    const slow = later<Payload>();
    const { group: shared, source } = group({ render: (event) => (String(event).startsWith('all') ? slow.promise : payload(event)) });
    const [early, late] = [member(), member()];
    shared.join(early.member);
    void shared.run();
    source.push('1');
    await turn();
    shared.join(late.member);
    source.push('2');
    source.push('3');
    await turn();
    expect(early.seen).toEqual(['1', '2', '3']);
    expect(late.seen).toEqual([]);
    slow.resolve(payload('all after 1'));
    await turn();
    source.push('4');
    await turn();
    expect(late.seen).toEqual(['all after 1', '2', '3', '4']);
  });

  it('sends who joins while an event is rendered the state before it, then that event', async () => {
    const second = later<Payload>();
    const { group: shared, source } = group({ render: (event) => (event === '2' ? second.promise : payload(event)) });
    const [early, late] = [member(), member()];
    shared.join(early.member);
    void shared.run();
    source.push('1');
    source.push('2');
    await turn();
    shared.join(late.member);
    second.resolve(payload('2'));
    await turn();
    expect(early.seen).toEqual(['1', '2']);
    expect(late.seen).toEqual(['all after 1', '2']);
  });

  it('ends who is still waiting for the state after everything that was delivered', async () => {
    const slow = later<Payload>();
    const { group: shared, source } = group({ render: (event) => (String(event).startsWith('all') ? slow.promise : payload(event)) });
    const [early, late] = [member(), member()];
    shared.join(early.member);
    const running = shared.run();
    source.push('1');
    await turn();
    shared.join(late.member);
    source.push('why it ends');
    source.end();
    await turn();
    slow.resolve(payload('all after 1'));
    await running;
    expect(late.seen).toEqual(['all after 1', 'why it ends', 'end null']);
    expect(early.seen).toEqual(['1', 'why it ends', 'end null']);
  });
});
