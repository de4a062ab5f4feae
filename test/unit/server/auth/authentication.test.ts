import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { SignJWT } from 'jose';
import { describe, expect, test, vi } from 'vitest';

import { createApiKey } from '../../../../src/server/auth/api-key.js';
import { createAuthentication, NO_AUTHENTICATION } from '../../../../src/server/auth/authentication.js';
import { bearerOf, bearerOfParams } from '../../../../src/server/auth/bearer.js';
import { FailedAttempts } from '../../../../src/server/auth/failed-attempts.js';
import { silentLogger } from '../../../support/database.js';

const BASE = { maxFailedAttempts: 3, log: silentLogger() };
const JWT = { clockToleranceMs: 0, roleClaim: 'role', queuesClaim: 'queues' };
const GOOD = createApiKey({ name: 'good', role: 'VIEWER' });
const WRONG = createApiKey({ name: 'wrong', role: 'ADMIN' }).key;

describe('credentials in a header', () => {
  test('are what follows the word Bearer, in any letter case', () => {
    expect(bearerOf(undefined)).toBeNull();
    expect(bearerOf('Bearer abc')).toBe('abc');
    expect(bearerOf('bearer  abc ')).toBe('abc');
  });

  test.each(['', 'abc', 'Basic abc', 'Bearer', 'Bearer a b', `Bearer ${'x'.repeat(9_000)}`])('are refused in another form: %s', (header) => {
    expect(() => bearerOf(header)).toThrow();
  });

  test('are in `authorization` of connection_init, in any letter case, with the word or without', () => {
    expect(bearerOfParams(undefined)).toBeNull();
    expect(bearerOfParams({ other: 1, authorization: null })).toBeNull();
    expect(bearerOfParams({ Authorization: 'Bearer abc' })).toBe('abc');
    expect(bearerOfParams({ AUTHORIZATION: 'abc' })).toBe('abc');
    expect(() => bearerOfParams({ authorization: 7 })).toThrow('must be a text');
  });
});

describe('authentication', () => {
  test('is not required where nothing is configured', async () => {
    const none = await createAuthentication(BASE);
    expect(none).toBe(NO_AUTHENTICATION);
    await expect(none.authenticate('whatever', '127.0.0.1')).resolves.toMatchObject({ caller: { name: 'anonymous', role: 'ADMIN' } });
  });

  test('refuses who shows nothing, a key where only tokens are taken, and a token where only keys are', async () => {
    const keys = await createAuthentication({ ...BASE, apiKeys: JSON.stringify([GOOD.entry]) });
    const tokens = await createAuthentication({ ...BASE, jwt: { ...JWT, secret: 'x'.repeat(32) } });
    expect(keys.required && tokens.required).toBe(true);
    await expect(keys.authenticate(null, 'a')).rejects.toMatchObject({ code: 'UNAUTHENTICATED', attempted: false });
    await expect(keys.authenticate('a.b.c', 'a')).rejects.toMatchObject({ code: 'UNAUTHENTICATED', attempted: true });
    await expect(tokens.authenticate(GOOD.key, 'a')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('lets an address fail no more often than it may, and keeps out nobody who was let in before', async () => {
    const newcomer = createApiKey({ name: 'new', role: 'VIEWER' });
    const subject = await createAuthentication({ ...BASE, apiKeys: JSON.stringify([GOOD.entry, newcomer.entry]) });
    await subject.authenticate(GOOD.key, '10.0.0.1');
    for (let attempt = 0; attempt < 3; attempt += 1) await expect(subject.authenticate(WRONG, '10.0.0.1')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(subject.authenticate(WRONG, '10.0.0.1')).rejects.toMatchObject({ code: 'TOO_MANY_FAILED_ATTEMPTS', status: 429 });
    await expect(subject.authenticate(newcomer.key, '10.0.0.1')).rejects.toMatchObject({ code: 'TOO_MANY_FAILED_ATTEMPTS' });
    await expect(subject.authenticate(GOOD.key, '10.0.0.1')).resolves.toMatchObject({ caller: { name: 'good' } });
    await expect(subject.authenticate(newcomer.key, '10.0.0.2')).resolves.toMatchObject({ caller: { name: 'new' } });
  });

  test('gives who tries many at once no more attempts than who tries one by one', async () => {
    const secret = 's'.repeat(32);
    const subject = await createAuthentication({ ...BASE, jwt: { ...JWT, secret } });
    const token = (signer: string) => new SignJWT({ role: 'ADMIN' }).setProtectedHeader({ alg: 'HS256' }).setSubject('a').setExpirationTime('1h').sign(new TextEncoder().encode(signer));
    const guesses = await Promise.all([...Array.from({ length: 10 }, (_, index) => `${index}`.repeat(32)), secret].map(token));
    const answers = await Promise.allSettled(guesses.map((guess) => subject.authenticate(guess, '10.0.0.1')));
    expect(answers.at(-1)).toMatchObject({ status: 'rejected', reason: { code: 'TOO_MANY_FAILED_ATTEMPTS' } });
  });

  test('showing nothing is no failed attempt', async () => {
    const subject = await createAuthentication({ ...BASE, apiKeys: JSON.stringify([GOOD.entry]) });
    for (let attempt = 0; attempt < 10; attempt += 1) await expect(subject.authenticate(null, 'a')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test.each([
    [{ apiKeys: '[]', apiKeysFile: 'x' }, 'not both'],
    [{ jwt: { ...JWT, secret: 'x'.repeat(32), jwksUrl: 'https://a.example' } }, 'not several'],
    [{ apiKeysFile: '/nowhere/keys.json' }, 'TASKTRACKER_API_KEYS_FILE: /nowhere/keys.json cannot be read (ENOENT).'],
  ])('says which settings cannot be used: %o', async (options, message) => {
    await expect(createAuthentication({ ...BASE, ...options })).rejects.toThrow(message);
  });

  test('reads a file again when it changes, ends what its keys had granted, and keeps what it knew where the file cannot be used', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'tt-keys-'));
    const file = path.join(folder, 'keys.json');
    const other = createApiKey({ name: 'other', role: 'ADMIN' });
    await writeFile(file, JSON.stringify([GOOD.entry]));
    const errors: string[] = [];
    const log = Object.assign(silentLogger(), { error: (_fields: unknown, message: string) => errors.push(message) });
    const subject = await createAuthentication({ ...BASE, log, apiKeysFile: file });
    try {
      const { revoked } = await subject.authenticate(GOOD.key, 'a');
      await writeFile(file, JSON.stringify([other.entry]));
      await vi.waitFor(() => expect(revoked?.aborted).toBe(true), { timeout: 5_000, interval: 50 });
      await expect(subject.authenticate(GOOD.key, 'a')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
      await writeFile(file, 'no JSON');
      await vi.waitFor(() => expect(errors).toHaveLength(1), { timeout: 5_000, interval: 50 });
      await expect(subject.authenticate(other.key, 'a')).resolves.toMatchObject({ caller: { name: 'other' } });
    } finally {
      subject.close();
      await rm(folder, { recursive: true });
    }
  });
});

describe('failed attempts', () => {
  test('are counted by client, and forgotten after a minute', () => {
    const failed = new FailedAttempts(2);
    failed.count('2001:db8::1', 0);
    expect(failed.blockedFor('2001:db8::2', 1)).toBe(0);
    failed.count('2001:db8::ffff', 1_000);
    expect(failed.blockedFor('2001:db8::2', 1_000)).toBe(59);
    expect(failed.blockedFor('2001:db9::1', 1_000)).toBe(0);
    expect(failed.blockedFor('2001:db8::2', 60_000)).toBe(0);
  });

  test('may be any number where the limit is 0', () => {
    const failed = new FailedAttempts(0);
    for (let attempt = 0; attempt < 100; attempt += 1) failed.count('a');
    expect(failed.blockedFor('a')).toBe(0);
  });
});
