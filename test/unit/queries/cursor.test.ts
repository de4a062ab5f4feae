import fc from 'fast-check';
import mongoose from 'mongoose';
import { describe, expect, it } from 'vitest';

import { InvalidInputError } from '../../../src/model/errors.js';
import { EMPTY_LIST } from '../../../src/queries/bson-order.js';
import { decodeCursor, encodeCursor } from '../../../src/queries/cursor.js';
import { pageArguments } from '../../../src/queries/page.js';
import type { PageRequest, TaskOrder } from '../../../src/queries/types.js';

const order: TaskOrder = { field: 'enqueuedAt', direction: 'DESC' };
const { ObjectId, Binary, Long, MinKey } = mongoose.mongo;

function refusal(run: () => unknown): InvalidInputError {
  try {
    run();
  } catch (error) {
    if (error instanceof InvalidInputError) return error;
    throw error;
  }
  throw new Error('accepted');
}

describe('A cursor', () => {
  it.each([
    [new Date(1_700_000_000_001), new ObjectId('0123456789abcdef01234567')],
    [null, 'text'],
    ['2026', { part: { $gt: '' } }],
    [new Binary(Buffer.from('a')), true],
    [Long.fromString('9007199254740993'), new Date(0)],
    [new MinKey(), null],
    [EMPTY_LIST, 'id'],
  ])('brings back the sort key and _id of any type: %s', (key, id) => {
    expect(decodeCursor(encodeCursor(order, { key, id }), order, ['after'])).toEqual({ key, id });
  });

  it('is refused with another order than its own, naming both', () => {
    const cursor = encodeCursor(order, { key: null, id: 1 });
    const error = refusal(() => decodeCursor(cursor, { field: 'updatedAt', direction: 'DESC' }, ['after']));
    expect(error.field).toEqual(['after']);
    expect(error.message).toContain('enqueuedAt DESC');
    expect(() => decodeCursor(cursor, { field: 'enqueuedAt', direction: 'ASC' }, ['after'])).toThrow(InvalidInputError);
  });

  it('is refused, never a crash, when it is none of ours', () => {
    const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const forged = ['', 'x', '%%%', encoded(null), encoded([]), encoded([2, 'enqueuedAt', 'DESC', [null], 1]), encoded([1, 'enqueuedAt', 'DESC', 7, 1]), encoded([1, 'enqueuedAt', 'DESC', [{ $oid: 'zz' }], 1]), 'A'.repeat(20_000), 7, {}];
    for (const cursor of forged) expect(refusal(() => decodeCursor(cursor, order, ['before'])).field).toEqual(['before']);
  });

  it('never throws anything but InvalidInputError, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json().map((json) => Buffer.from(`[1,"enqueuedAt","DESC",[${json}],${json}]`).toString('base64url'))), (cursor) => {
        try {
          decodeCursor(cursor, order, ['after']);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidInputError);
        }
      }),
    );
  });
});

describe('The arguments of a page', () => {
  const cursor = encodeCursor(order, { key: null, id: 1 });

  it.each<[Omit<PageRequest, 'filter'>, string]>([
    [{ first: 0 }, 'first'],
    [{ first: -1 }, 'first'],
    [{ first: 201 }, 'first'],
    [{ first: 1.5 }, 'first'],
    [{ last: 0 }, 'last'],
    [{ first: 1, last: 1 }, 'last'],
    [{ after: cursor, before: cursor }, 'before'],
    [{ last: 1, after: cursor }, 'after'],
    [{ first: 1, before: cursor }, 'before'],
    [{ after: 'nonsense' }, 'after'],
  ])('are refused, naming the argument: %j', (request, field) => {
    expect(refusal(() => pageArguments(request)).field).toEqual([field]);
  });

  it('refuse an order that is none', () => {
    expect(refusal(() => pageArguments({ orderBy: { field: '$where', direction: 'ASC' } as unknown as TaskOrder })).field).toEqual(['orderBy', 'field']);
    expect(refusal(() => pageArguments({ orderBy: { field: 'enqueuedAt', direction: -1 } as unknown as TaskOrder })).field).toEqual(['orderBy', 'direction']);
  });

  it('are 50 rows forwards by enqueuedAt, newest first, where nothing is given', () => {
    expect(pageArguments({})).toEqual({ order, size: 50, backward: false, start: undefined });
    expect(pageArguments({ before: cursor })).toMatchObject({ size: 50, backward: true });
  });
});
