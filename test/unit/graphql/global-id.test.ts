import mongoose from 'mongoose';
import { describe, expect, it } from 'vitest';

import { decodeGlobalId, encodeGlobalId } from '../../../src/graphql/global-id.js';

const { ObjectId, Long, Decimal128, UUID } = mongoose.mongo;

const idOf = (ejson: string): string => Buffer.from(`TaskTracker:${ejson}`).toString('base64url');

describe('global ids', () => {
  it.each([
    ['an ObjectId', new ObjectId()],
    ['a text', 'job-1'],
    ['a text with a colon', 'a:b:c'],
    ['a date', new Date('2026-01-01T00:00:00Z')],
    ['a 64-bit integer', Long.fromString('9007199254740993')],
    ['a decimal', Decimal128.fromString('1.10')],
    ['a UUID', new UUID()],
    ['a compound id', { queue: 'a', number: 'b' }],
  ])('come back as the type and the document id they were made of: %s', (_name, documentId) => {
    const decoded = decodeGlobalId(encodeGlobalId('TaskTracker', documentId));
    expect(decoded?.type).toBe('TaskTracker');
    expect(encodeGlobalId('TaskTracker', decoded?.documentId)).toBe(encodeGlobalId('TaskTracker', documentId));
    expect(String(decoded?.documentId)).toBe(String(documentId));
  });

  it('are safe in URLs and say nothing readable', () => {
    expect(encodeGlobalId('TaskTracker', new ObjectId('65a0c0ffee65a0c0ffee65a0'))).toMatch(/^[\w-]+$/);
  });

  it.each([
    ['no text at all', ''],
    ['a text of somebody else', 'not-an-id'],
    ['no type', Buffer.from(':"a"').toString('base64url')],
    ['a type that is no name', Buffer.from('__proto__:"a"').toString('base64url')],
    ['no JSON', idOf('{')],
    ['an ObjectId of the wrong length', idOf('{"$oid":"abc"}')],
    ['far too long', idOf(JSON.stringify('x'.repeat(10_000)))],
  ])('that are none decode to null: %s', (_name, id) => {
    expect(decodeGlobalId(id)).toBeNull();
  });

  it.each([
    ['an operator', '{"$gt":""}'],
    ['an operator inside', '{"a":{"$ne":null}}'],
    ['a regular expression', '{"$regularExpression":{"pattern":".*","options":""}}'],
    ['code', '{"$code":"sleep(1)"}'],
    ['a reference', '{"$ref":"a","$id":"b"}'],
    ['the least key', '{"$minKey":1}'],
    ['a list', '["a"]'],
    ['an object that only names itself an ObjectId', '{"_bsontype":"ObjectId"}'],
  ])('cannot carry what the database would interpret: %s', (_name, ejson) => {
    expect(decodeGlobalId(idOf(ejson))).toBeNull();
  });
});
