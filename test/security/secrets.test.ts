import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createApiKey } from '../../src/server/auth/api-key.js';
import { post, RawSocket, webSocketUrl } from '../support/clients.js';
import { commandLine, READY } from '../support/command-line.js';
import { rawAnswer, requestText } from '../support/raw-http.js';

const { tasktracker, ownDatabase } = commandLine();

const admin = createApiKey({ name: 'admin', role: 'ADMIN' });
const stranger = createApiKey({ name: 'stranger', role: 'ADMIN' });
const JWT_SECRET = 'jwt-secret-"of"-more-than-thirty-two-bytes';
const METRICS_TOKEN = 'metrics-token-of-twenty-and-more';
const HOOK_SECRET = 'webhook-secret-4711';
const HOOK_PATH = 'T00-webhook-path-B00';
const DATABASE_PASSWORD = 'database-pass-0815';
const CERTIFICATE_PASSWORD = 'certificate-pass-0815';
const FREE_TOKEN = 'some-free-token-of-a-caller';
const COOKIE = 'session-cookie-of-a-caller';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tasktracker-secrets-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function expectNoneIn(where: string, text: string, secrets: readonly string[]): void {
  for (const secret of secrets) {
    for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64').replace(/=+$/, ''), JSON.stringify(secret).slice(1, -1)]) {
      const at = text.indexOf(form);
      expect(at === -1 ? '' : text.slice(Math.max(0, at - 200), at + form.length), `${where} holds ${secret}`).toBe('');
    }
  }
}

function withOption(uri: string, option: string): string {
  return `${uri}${uri.includes('?') ? '&' : '?'}${option}`;
}

describe('a server that has secrets in every place', () => {
  test('writes none of them to its log, of whatever level, nor to any answer, whatever callers send', async () => {
    const alerts = path.join(folder, 'alerts.yaml');
    writeFileSync(
      alerts,
      'webhooks: [{ name: ops, urlFrom: HOOK_URL, secretFrom: HOOK_SECRET, attempts: 2 }]\nrules:\n  - { name: dead, when: dead_letters, above: 0 }\n  - { name: old, when: oldest_queued, olderThan: 1s }\n',
    );
    const server = tasktracker(['serve'], {
      LOG_LEVEL: 'trace',
      LOG_FORMAT: 'json',
      PORT: '0',
      MONGODB_URI: withOption(ownDatabase(), `tlsCertificateKeyFilePassword=${CERTIFICATE_PASSWORD}`),
      TASKTRACKER_API_KEYS: JSON.stringify([admin.entry]),
      TASKTRACKER_JWT_SECRET: JWT_SECRET,
      TASKTRACKER_METRICS_TOKEN: METRICS_TOKEN,
      TASKTRACKER_TOKEN: FREE_TOKEN,
      TASKTRACKER_ALERTS_FILE: alerts,
      TASKTRACKER_ALERTS_INTERVAL_MS: '100',
      HOOK_URL: `http://127.0.0.1:9/hooks/${HOOK_PATH}`,
      HOOK_SECRET,
    });
    const [, url = ''] = await server.printed(READY);
    const signed = (secret: string) => new SignJWT({ role: 'VIEWER' }).setProtectedHeader({ alg: 'HS256' }).setSubject('ann').setExpirationTime('1h').sign(new TextEncoder().encode(secret));
    const [token, forged] = [await signed(JWT_SECRET), await signed('another secret of more than thirty-two bytes')];
    const callers = [admin.key, stranger.key, token, forged, FREE_TOKEN];
    const answers: string[] = [];
    const say = (answer: unknown) => answers.push(JSON.stringify(answer));

    const enqueue = 'mutation { enqueueTask(input: { taskId: "t", queueName: "q" }) { userErrors { message } } }';
    say((await post(url, enqueue, {}, { authorization: `Bearer ${admin.key}` })).body);
    for (const caller of callers) {
      const headers = { authorization: `Bearer ${caller}`, cookie: COOKIE, 'x-api-key': caller };
      say((await post(url, '{ queues { name stats { total } } }', {}, headers)).body);
      say((await post(url, '{ nothing }', {}, headers)).body);
      say((await post(url, '{ queues { name ', {}, headers)).body);
      for (const at of ['/export', '/nowhere', '/metrics', '/health/ready', '/graphql', '/%']) say(await rawAnswer(url, requestText(at, headers)));
      // Broken requests, as they come: Node's error holds their bytes.
      say(await rawAnswer(url, `GET / HTTP/1.1\r\nauthorization: Bearer ${caller}\r\nbroken header\r\n\r\n`));
      const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', origin: 'http://evil.example' };
      say(await rawAnswer(url, requestText('/graphql', { ...headers, ...upgrade })));
      for (const payload of [{ authorization: `Bearer ${caller}` }, { authorization: caller }, { Authorization: caller, cookie: COOKIE }]) {
        const socket = await RawSocket.open(url);
        socket.send({ type: 'connection_init', payload });
        await Promise.race([socket.until(({ type }) => type === 'connection_ack'), socket.closed]);
        // What the protocol does not know: the server says why it closes.
        if (socket.socket.readyState === socket.socket.OPEN) socket.send({ type: 'connection_init', payload });
        say(await socket.closed);
        say(socket.messages);
      }
    }
    const metrics = await rawAnswer(url, requestText('/metrics', { authorization: `Bearer ${METRICS_TOKEN}` }));
    expect(metrics.status).toBe(200);
    say(metrics);
    say(await rawAnswer(url, requestText('/metrics', { authorization: `Bearer ${METRICS_TOKEN}x` })));
    await server.complained(/an alert could not be delivered"/);
    server.child.kill('SIGTERM');
    const { code, out, err } = await server.ended;
    expect(code).toBe(0);
    // It was looked at: the log holds what was refused, at the lowest level too.
    for (const line of ['"msg":"a caller was refused"', '"msg":"request"', '"msg":"WebSocket upgrade refused"', '"msg":"a request could not be read"', '"level":20']) expect(err).toContain(line);
    for (const line of err.split('\n').filter((each) => each.startsWith('{'))) expect(() => JSON.parse(line) as unknown, line).not.toThrow();
    const secrets = [...callers, JWT_SECRET, METRICS_TOKEN, HOOK_SECRET, HOOK_PATH, CERTIFICATE_PASSWORD, COOKIE, admin.entry.hash];
    expectNoneIn('stdout', out, secrets);
    expectNoneIn('the log', err, secrets);
    expectNoneIn('an answer', answers.join('\n'), secrets);
    expect(webSocketUrl(url)).toMatch(/^ws:/);
  });
});

describe('a command that fails or only explains', () => {
  const refused = `mongodb://app:${DATABASE_PASSWORD}@127.0.0.1:1/app?replicaSet=rs0&serverSelectionTimeoutMS=200&connectTimeoutMS=200`;
  const secret = {
    LOG_LEVEL: 'trace',
    TASKTRACKER_JWT_SECRET: JWT_SECRET,
    TASKTRACKER_API_KEYS: JSON.stringify([admin.entry]),
    TASKTRACKER_METRICS_TOKEN: METRICS_TOKEN,
    TASKTRACKER_TOKEN: stranger.key,
  };
  const secrets = [DATABASE_PASSWORD, JWT_SECRET, METRICS_TOKEN, stranger.key, admin.entry.hash];

  test.each([
    ['serve', 'a database that does not answer', { MONGODB_URI: refused }],
    ['serve', 'a URI of another scheme', { MONGODB_URI: refused.replace('mongodb', 'mongo') }],
    ['serve', 'a URI with an option that is none', { MONGODB_URI: `${refused}&nothing=1&tls=maybe` }],
    ['serve', 'a password that is not encoded', { MONGODB_URI: refused.replace(`${DATABASE_PASSWORD}@`, `${DATABASE_PASSWORD}@/%:@`) }],
    ['serve', 'keys that are none', { TASKTRACKER_API_KEYS: `[${JSON.stringify({ ...admin.entry, role: 'KING' })}]` }],
    ['serve', 'a key in place of its entry', { TASKTRACKER_API_KEYS: stranger.key }],
    ['serve', 'a secret that is too short', { TASKTRACKER_JWT_SECRET: JWT_SECRET.slice(0, 12) }],
    ['serve', 'a metrics token that is too short', { TASKTRACKER_METRICS_TOKEN: `${METRICS_TOKEN} ` + 'and a blank' }],
    ['doctor --json', 'a database that does not answer', { MONGODB_URI: refused }],
    ['retention --dry-run', 'a database that does not answer', { MONGODB_URI: refused }],
    ['stats --json --url http://127.0.0.1:1/graphql', 'a server that does not answer', {}],
    ['serve --help', 'nothing', { MONGODB_URI: refused }],
    ['--help', 'nothing', { MONGODB_URI: refused }],
  ])('%s, given %s, tells none of them', async (command, _what, environment) => {
    const given = { ...secret, ...environment };
    const { out, err } = await tasktracker(command.split(' '), given).ended;
    expect(out + err).not.toBe('');
    expectNoneIn(command, out + err, [...secrets, JWT_SECRET.slice(0, 12)]);
  });
});
