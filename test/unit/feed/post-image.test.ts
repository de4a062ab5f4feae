import { describe, expect, it } from 'vitest';

import { postImage } from '../../../src/feed/post-image.js';

describe('the document after an update', () => {
  it('has what the update set, removed and truncated, and leaves the document before it alone', () => {
    const before = { _id: 1, status: 'queued', metadata: { a: { b: 1, c: [1, 2, 3] }, d: 'x' }, gone: true };
    const copy = structuredClone(before);
    const after = postImage(before, {
      updatedFields: { status: 'processing', 'metadata.a.b': 2, 'metadata.a.c.0': 9 },
      removedFields: ['gone', 'metadata.d'],
      truncatedArrays: [{ field: 'metadata.a.c', newSize: 2 }],
    });
    expect(after).toEqual({ _id: 1, status: 'processing', metadata: { a: { b: 2, c: [9, 2] } } });
    expect(before).toEqual(copy);
  });

  it('is not guessed where a name with a dot makes the path ambiguous', () => {
    expect(postImage({ _id: 1, metadata: { 'a.b': 1, a: { b: 2 } } }, { updatedFields: { 'metadata.a.b': 3 } })).toBeNull();
    expect(postImage({ _id: 1, metadata: {} }, { updatedFields: { 'metadata.a.b': 3 } })).toBeNull();
  });

  it('is not guessed where the path leads through something that is no object', () => {
    expect(postImage({ _id: 1, metadata: 'text' }, { updatedFields: { 'metadata.a': 3 } })).toBeNull();
    expect(postImage({ _id: 1, list: [1] }, { updatedFields: { 'list.x': 3 } })).toBeNull();
    expect(postImage({ _id: 1, list: [1] }, { updatedFields: { 'list.5': 3 } })).toBeNull();
  });

  it('treats __proto__ as a name like any other', () => {
    const after = postImage({ _id: 1, metadata: {} }, { updatedFields: { 'metadata.__proto__': { polluted: true } } });
    expect(Object.hasOwn((after as { metadata: object }).metadata, '__proto__')).toBe(true);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
