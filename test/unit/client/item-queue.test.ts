import { describe, expect, it } from 'vitest';

import type { GapItem, TaskKeys } from '../../../src/client/index.js';
import { ItemQueue } from '../../../src/client/item-queue.js';

const gap = (cursor: string): GapItem => ({ type: 'gap', cause: 'RESYNC_REQUIRED', cursor });

function queueOf(limit: number): ItemQueue<TaskKeys> {
  return new ItemQueue<TaskKeys>(limit, 'start');
}

async function cursorOfNext(queue: ItemQueue<TaskKeys>): Promise<string | undefined> {
  const { value, done } = await queue.next();
  return done ? undefined : (value as GapItem).cursor;
}

describe('the items that wait for a reader', () => {
  it('come in order, whether the reader waits or they do', async () => {
    const queue = queueOf(10);
    const waiting = [cursorOfNext(queue), cursorOfNext(queue)];
    for (const cursor of ['a', 'b', 'c', 'd']) queue.push(gap(cursor));
    expect(await Promise.all(waiting)).toEqual(['a', 'b']);
    expect([await cursorOfNext(queue), await cursorOfNext(queue)]).toEqual(['c', 'd']);
  });

  it('have the place of the last one read, and newer places that nothing happened up to', async () => {
    const queue = queueOf(10);
    queue.advance('fresh');
    expect(queue.cursor).toBe('start');
    queue.push(gap('a'));
    queue.advance('b');
    queue.advance('c');
    queue.push(gap('d'));
    queue.advance('e');
    expect(queue.size).toBe(5);
    await queue.next();
    expect(queue.cursor).toBe('a');
    await queue.next();
    expect(queue.cursor).toBe('d');
    const waiting = cursorOfNext(queue);
    expect(queue.cursor).toBe('e');
    queue.advance('f');
    expect(queue.cursor).toBe('f');
    queue.push(gap('g'));
    expect(await waiting).toBe('g');
    expect(queue.cursor).toBe('g');
  });

  it('keep the place behind an item while its reader deals with it', async () => {
    const queue = queueOf(10);
    const waiting = queue.next();
    queue.push(gap('a'));
    queue.advance('b');
    await waiting;
    expect(queue.cursor).toBe('a');
    void queue.next();
    expect(queue.cursor).toBe('b');
  });

  it('are full at their limit, and have room again at half of it', async () => {
    const queue = queueOf(4);
    for (const cursor of ['a', 'b', 'c', 'd']) queue.push(gap(cursor));
    expect(queue.full).toBe(true);
    let room = false;
    const told = queue.room().then(() => {
      room = true;
    });
    await queue.next();
    await Promise.resolve();
    expect(room).toBe(false);
    await queue.next();
    await told;
    await queue.room();
  });

  it('can still be read after the end, then comes the error once, then the end', async () => {
    const queue = queueOf(2);
    queue.push(gap('a'));
    queue.end(new Error('broken'));
    queue.push(gap('late'));
    expect(await cursorOfNext(queue)).toBe('a');
    await expect(queue.next()).rejects.toThrow('broken');
    expect(await queue.next()).toEqual({ done: true, value: undefined });
  });

  it('are dropped when they are discarded, and whoever waits is told of the end', async () => {
    const queue = queueOf(2);
    const waiting = queue.next();
    queue.discard();
    expect(await waiting).toEqual({ done: true, value: undefined });
    const other = queueOf(2);
    other.push(gap('a'));
    const room = other.room();
    other.discard();
    await room;
    expect(await other.next()).toEqual({ done: true, value: undefined });
  });

  it('keep their order over many', async () => {
    const queue = queueOf(10_000);
    for (let n = 0; n < 5_000; n += 1) queue.push(gap(String(n)));
    for (let n = 0; n < 5_000; n += 1) expect(await cursorOfNext(queue)).toBe(String(n));
    expect(queue.size).toBe(0);
  });
});
