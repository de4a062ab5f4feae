import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { CursorCodec } from '../../../src/feed/cursor.js';
import { Ring } from '../../../src/feed/ring.js';
import { createEventMaker, type PositionedEvent } from '../../../src/feed/to-event.js';

const codec = new CursorCodec('app.task_trackers');
const maker = createEventMaker({ lookup: () => Promise.resolve(null) }, codec);

function event(seq: number, epoch = 'here', time = { t: seq, i: 1 }): PositionedEvent {
  return maker.bookmark({ epoch, seq, time, token: `token-${time.t}-${time.i}` }, new Date());
}

function ringOf(limit: number, upTo: number, bytes = 1e9): Ring {
  const ring = new Ring({ events: limit, bytes });
  for (let seq = 1; seq <= upTo; seq += 1) ring.push(event(seq));
  return ring;
}

describe('the ring of past events', () => {
  it('keeps the newest events within its number and its bytes', () => {
    expect(ringOf(10, 25).size).toBe(10);
    expect(ringOf(10, 25).oldest).toBe(16);
    const small = ringOf(1000, 25, 256 * 5);
    expect(small.bytes).toBeLessThanOrEqual(256 * 5);
    expect(small.size).toBe(5);
    expect(small.newest).toBe(25);
  });

  it('keeps one event even where it alone is over the limit of bytes', () => {
    expect(ringOf(10, 3, 1).size).toBe(1);
  });

  it('answers for every position of its own run exactly when nothing behind it was dropped', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.nat(60), fc.nat(60), (limit, upTo, seq) => {
        fc.pre(seq <= upTo);
        const ring = ringOf(limit, upTo);
        const first = ring.firstBehind({ epoch: 'here', seq, time: null, token: 'x' }, 'here');
        expect(first).toBe(seq + 1 >= ring.oldest ? seq + 1 : null);
      }),
    );
  });

  it('finds the place of another run by its token, and by its cluster time where the token is not there', () => {
    const ring = ringOf(10, 25);
    expect(ring.firstBehind({ epoch: 'there', seq: 3, time: { t: 20, i: 1 }, token: 'token-20-1' }, 'here')).toBe(21);
    expect(ring.firstBehind({ epoch: 'there', seq: 3, time: { t: 20, i: 1 }, token: 'unknown' }, 'here')).toBe(20);
    expect(ring.firstBehind({ epoch: 'there', seq: 3, time: { t: 15, i: 1 }, token: 'token-15-1' }, 'here')).toBeNull();
    expect(ring.firstBehind({ epoch: 'there', seq: 3, time: null, token: 'token-20-1' }, 'here')).toBeNull();
  });

  it('never skips an event of a transaction, whose events share one cluster time', () => {
    const ring = new Ring({ events: 3, bytes: 1e9 });
    for (let seq = 1; seq <= 5; seq += 1) {
      ring.push(maker.bookmark({ epoch: 'here', seq, time: { t: 7, i: 7 }, token: `t${seq}` }, new Date()));
    }
    expect(ring.firstBehind({ epoch: 'there', seq: 1, time: { t: 7, i: 7 }, token: 't1' }, 'here')).toBeNull();
    expect(ring.seqOfToken('t4', { t: 7, i: 7 })).toBe(4);
    expect(ring.seqOfToken('t1', { t: 7, i: 7 })).toBeNull();
  });
});
