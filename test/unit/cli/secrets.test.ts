import { describe, expect, test } from 'vitest';

import { Secrets } from '../../../src/cli/secrets.js';
import { createApiKey } from '../../../src/server/auth/api-key.js';

const { key, entry } = createApiKey({ name: 'a', role: 'ADMIN' });
const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiQURNSU4ifQ.s5kXhBwe-abc_DEF';

describe('what is secret by its form', () => {
  test.each([
    ['mongodb://app:hunter2@db1:27017,db2/app?replicaSet=rs0', 'mongodb://***@db1:27017,db2/app?replicaSet=rs0'],
    ['see mongodb+srv://app:p%40ss@cluster.example/ and', 'see mongodb+srv://***@cluster.example/ and'],
    ['pip: https://user:pass@pypi.example/simple failed', 'pip: https://***@pypi.example/simple failed'],
    ['mongodb://db/?tlsCertificateKeyFilePassword=hunter2&x=1', 'mongodb://db/?tlsCertificateKeyFilePassword=***&x=1'],
    ['{"headers":{"authorization":"Bearer abc","host":"a"}}', '{"headers":{"authorization":"***","host":"a"}}'],
    ['{"headers":{"Cookie":"session=1; b=2"}}', '{"headers":{"Cookie":"***"}}'],
    [String.raw`{"payload":"{\"authorization\":\"my own token\"}"}`, String.raw`{"payload":"{\"authorization\":\"***\"}"}`],
    ['Authorization: Basic dXNlcjpwYXNz', 'Authorization: ***'],
    ['sent Bearer abcdef.ghi to', 'sent Bearer *** to'],
    [`{"key":"${key}"}`, `{"key":"tt_${entry.id}_***"}`],
    [`token ${TOKEN} expired`, 'token *** expired'],
  ])('%s', (text, scrubbed) => {
    expect(new Secrets().scrub(text)).toBe(scrubbed);
  });

  test.each(['{"level":30,"msg":"index built","index":"tasktracker_active_taskId"}', 'http://127.0.0.1:4000/graphql', 'mail to ops@example.org', 'Show the header "Authorization: Bearer" with an API key.'])(
    '%s is not',
    (text) => {
      expect(new Secrets().scrub(text)).toBe(text);
    },
  );
});

describe('what is known to be secret', () => {
  test('is taken out wherever it stands, escaped and decoded too', () => {
    const secrets = new Secrets(['mongodb://app:p%40ss"word@db/app', 'two\nlines', 'https://hooks.example/T0/B0/x']);
    const line = JSON.stringify({ a: 'p@ss"word', b: 'p%40ss"word', c: 'two\nlines', d: 'https://hooks.example/T0/B0/x' });
    expect(JSON.parse(secrets.scrub(line))).toEqual({ a: '***', b: '***', c: '***', d: '***' });
  });

  test('leaves the line what it is where it is too short, or no secret: of a URI only the password is', () => {
    const secrets = new Secrets(['abc', 'mongodb://db1:27017,db2/app', 'mongodb://app:pw@db/app']);
    for (const text of ['abcdef', 'mongodb://db1:27017,db2/app', 'db app pw']) expect(secrets.scrub(text)).toBe(text);
  });
});
