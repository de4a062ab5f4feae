import { randomBytes } from 'node:crypto';

import { beforeAll, describe, expect, test } from 'vitest';

import { createApiKey } from '../../src/server/auth/api-key.js';
import { RawSocket } from '../support/clients.js';
import { commandLine } from '../support/command-line.js';
import { type AttackedServer, attackedServer, type Memory } from './support/attacked-server.js';
import { overHttp } from './support/both-ways.js';
import { hs256 } from './support/forged-tokens.js';

const LIMIT = 20;
const GUESSES = 2_000;
const AT_ONCE = 200;
const QUESTION = '{"query":"{ caller { name } }"}';

const key = createApiKey({ name: 'viewer', role: 'VIEWER' });
const other = createApiKey({ name: 'other', role: 'VIEWER' });
const secret = randomBytes(32).toString('hex');
const expiresAt = Math.floor(Date.now() / 1_000) + 3_600;
const token = (role: string, signer = secret): string => hs256(signer, { sub: 'somebody', role, exp: expiresAt });

const bearer = (shown: string) => ({ authorization: `Bearer ${shown}` });
const wrongKey = (): string => `tt_${key.entry.id}_${randomBytes(32).toString('base64url')}`;

const commands = commandLine();
let server: AttackedServer;
let before: Memory;

beforeAll(async () => {
  server = await attackedServer(commands, {
    TASKTRACKER_API_KEYS: JSON.stringify([key.entry, other.entry]),
    TASKTRACKER_JWT_SECRET: secret,
    TASKTRACKER_MAX_FAILED_AUTHENTICATIONS: String(LIMIT),
  });
  // Whoever is known when the attack begins.
  expect((await overHttp(server.url, QUESTION, bearer(key.key))).status).toBe(200);
  before = await server.memory();
});

describe('guessing keys and tokens', () => {
  test('is answered the same whatever is wrong', async () => {
    const guesses = [wrongKey(), 'tt_unknown_' + 'a'.repeat(43), 'a.b.c', token('ADMIN', randomBytes(32).toString('hex'))];
    for (const guess of guesses) expect(await overHttp(server.url, QUESTION, bearer(guess))).toMatchObject({ status: 401, codes: ['UNAUTHENTICATED'] });
    const rest = await Promise.all(Array.from({ length: AT_ONCE }, () => overHttp(server.url, QUESTION, bearer(token('ADMIN', randomBytes(32).toString('hex'))))));
    expect(rest.filter(({ status }) => status !== 401 && status !== 429)).toEqual([]);
  });

  test('is refused from then on, whatever is shown, by every way in', async () => {
    for (let sent = 0; sent < GUESSES; sent += AT_ONCE) {
      const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => overHttp(server.url, QUESTION, bearer(wrongKey()))));
      expect(new Set(answers.flatMap(({ status, codes }) => [status, ...codes]))).toEqual(new Set([429, 'TOO_MANY_FAILED_ATTEMPTS']));
    }
    for (const shown of [other.key, token('ADMIN')]) {
      expect(await overHttp(server.url, QUESTION, bearer(shown))).toMatchObject({ status: 429 });
      const response = await fetch(new URL('/export', server.url), { headers: bearer(shown) });
      expect([response.status, Number(response.headers.get('retry-after')) > 0]).toEqual([429, true]);
      const raw = await RawSocket.open(server.url);
      raw.send({ type: 'connection_init', payload: { authorization: shown } });
      expect(await raw.closed).toMatchObject({ code: 1013 });
    }
  });

  test('does not keep out who was let in before', async () => {
    expect((await overHttp(server.url, QUESTION, bearer(key.key))).status).toBe(200);
    const raw = await RawSocket.acknowledged(server.url, { authorization: key.key });
    raw.socket.terminate();
  });

  test('is not done many at a time in one request', async () => {
    const many = JSON.stringify(new Array(1_000).fill({ query: '{ caller { name } }' }));
    expect(await overHttp(server.url, many, bearer(key.key))).toMatchObject({ status: 400, codes: ['BAD_REQUEST'] });
  });

  test('nor many at a time on one connection: it is closed at the first', async () => {
    const raw = await RawSocket.open(server.url);
    for (let guess = 0; guess < 100; guess += 1) raw.send({ type: 'connection_init', payload: { authorization: wrongKey() } });
    expect([1013, 4403, 4429]).toContain((await raw.closed).code);
    expect(raw.messages).toEqual([]);
  });

  test('leaves the server as well as it was', () => server.expectUnharmed(before, bearer(key.key)));
});
