import { describe, expect, test } from 'vitest';

import { createApiKey, hasHash, hashOf, idOf } from '../../../../src/server/auth/api-key.js';
import { ApiKeys, readApiKeys } from '../../../../src/server/auth/api-keys.js';
import { UnauthenticatedError } from '../../../../src/server/auth/errors.js';

describe('an API key', () => {
  test('has 256 random bits, and its entry has only their hash', () => {
    const { key, entry } = createApiKey({ name: 'ci', role: 'VIEWER', queues: ['b*', 'a'] });
    expect(key).toMatch(/^tt_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$/);
    expect(entry).toEqual({ id: idOf(key), name: 'ci', role: 'VIEWER', hash: hashOf(key).toString('hex'), queues: ['a', 'b*'] });
    expect(JSON.stringify(entry)).not.toContain(key.slice(-43));
    expect(createApiKey({ name: 'ci', role: 'VIEWER' }).key).not.toBe(key);
  });

  test('is compared as a whole', () => {
    const { key } = createApiKey({ name: 'ci', role: 'VIEWER' });
    expect(hasHash(key, hashOf(key))).toBe(true);
    expect(hasHash(`${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`, hashOf(key))).toBe(false);
  });

  test.each(['', 'tt_', 'tt__x', `tt_abcd_${'a'.repeat(42)}`, `tt_abcd_${'a'.repeat(44)}`, `xx_abcd_${'a'.repeat(43)}`, `tt_ab.d_${'a'.repeat(43)}`])('is not what has another form: %s', (text) => {
    expect(idOf(text)).toBeNull();
  });
});

describe('the list of API keys', () => {
  const { key, entry } = createApiKey({ name: 'ci', role: 'OPERATOR', queues: ['a-*'], expiresAt: '2999-01-01T00:00:00Z' });

  test('says who shows one', () => {
    const { caller } = new ApiKeys([entry]).verify(key);
    expect(caller).toMatchObject({ name: 'ci', role: 'OPERATOR', queues: { patterns: ['a-*'] }, expiresAt: new Date('2999-01-01T00:00:00Z') });
  });

  test('refuses a wrong secret, an unknown id and what is no key in the same words', () => {
    const keys = new ApiKeys([entry]);
    const other = createApiKey({ name: 'x', role: 'ADMIN' }).key;
    const forged = `tt_${entry.id}_${other.slice(-43)}`;
    const messages = [`tt_${entry.id}_${'A'.repeat(43)}`, other, forged, 'tt_nonsense', ''].map((text) => {
      try {
        keys.verify(text);
      } catch (error) {
        if (error instanceof UnauthenticatedError) return error.message;
      }
      return 'it was taken';
    });
    expect(new Set(messages)).toEqual(new Set(['The API key is not valid.']));
  });

  test('refuses one that has expired', () => {
    const { key: old, entry: expired } = createApiKey({ name: 'ci', role: 'VIEWER', expiresAt: '2020-01-01T00:00:00Z' });
    expect(() => new ApiKeys([expired]).verify(old)).toThrow('The API key has expired.');
  });

  test('takes back what was granted by keys that are gone or changed, and leaves the others', () => {
    const [kept, gone, changed] = [createApiKey({ name: 'a', role: 'VIEWER' }), createApiKey({ name: 'b', role: 'VIEWER' }), createApiKey({ name: 'c', role: 'ADMIN' })];
    const keys = new ApiKeys([kept.entry, gone.entry, changed.entry]);
    const grants = [kept, gone, changed].map((each) => keys.verify(each.key));
    keys.replace([{ ...kept.entry }, { ...changed.entry, role: 'VIEWER' }]);
    expect(grants.map(({ revoked }) => revoked?.aborted)).toEqual([false, true, true]);
    expect(keys.verify(kept.key)).toBe(grants[0]);
    expect(keys.verify(changed.key).caller.role).toBe('VIEWER');
    expect(() => keys.verify(gone.key)).toThrow('not valid');
  });

  test.each([
    ['{', 'FILE is no JSON.'],
    ['{}', 'FILE: must be a list of entries as `tasktracker key create` prints them.'],
    [JSON.stringify([{ ...entry, role: 'ROOT' }]), 'FILE[0].role: must be one of VIEWER, OPERATOR, WORKER, ADMIN.'],
    [JSON.stringify([{ ...entry, hash: 'secret-in-the-clear' }]), 'FILE[0].hash: must be the SHA-256 of the key, as 64 hex digits.'],
    [JSON.stringify([entry, entry]), 'FILE[1].id: another entry has this id.'],
    [JSON.stringify([{ ...entry, queues: [] }]), 'FILE[0].queues: 1 to 100 patterns of queue names.'],
    [JSON.stringify([{ ...entry, expiresAt: 'tomorrow' }]), 'FILE[0].expiresAt: must be an instant such as 2027-01-31T00:00:00Z.'],
  ])('is refused where it cannot be used, by the place and without the value: %s', (text, message) => {
    expect(() => readApiKeys(text, 'FILE')).toThrow(expect.objectContaining({ message }));
  });
});
