import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { LONGEST_MESSAGE, normalise } from '../../../../src/model/fingerprint/normalise.js';
import { message } from '../../../support/failure-messages.js';

describe('what varies in a message is replaced', () => {
  it.each([
    ['a UUID', 'exec:550e8400-e29b-41d4-a716-446655440000:x failed', 'exec:<uuid>:x failed'],
    ['a UUID in capitals', 'Task 550E8400-E29B-41D4-A716-446655440000', 'Task <uuid>'],
    ['an ObjectId', 'Task 507f1f77bcf86cd799439011 is gone', 'Task <id> is gone'],
    ['eight hexadecimal digits with letters and digits', 'notifications:u:EMAIL:1a187da6', 'notifications:u:EMAIL:<id>'],
    ['0x and hexadecimal digits', 'fault at 0xdeadBEEF', 'fault at <id>'],
    ['a long token with digits in two places', 'key AKIA1OSFODNN7EXAMPLE', 'key <id>'],
    ['a word of more than 40 letters', `key ${'abcdefghij'.repeat(5)}.`, 'key <id>.'],
    ['base64', 'bad QWxhZGRpbjpvcGVuIHNlc2FtZQ1x2QWxhZGRpbjpv/GVu+IHNlc2FtZQ1x2==', 'bad <id>'],
    ['a web token', 'jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.SflKxw-_x expired', 'jwt <id> expired'],
    ['an ISO timestamp', 'at 2024-01-31T10:00:00.123Z', 'at <date>'],
    ['a timestamp with an offset', 'at 2024-01-31 10:00:00+02:00.', 'at <date>.'],
    ['a date', 'since 2024-01-31, or 2024/01/31', 'since <date>, or <date>'],
    ['a time', 'at 10:20:45,123', 'at <date>'],
    ['a date as JavaScript prints it', 'Tue Nov 24 2026 10:20:45 GMT+0000 (Coordinated Universal Time): bad', '<date>: bad'],
    ['a date as HTTP prints it', 'until Tue, 24 Nov 2026 10:20:45 GMT', 'until <date>'],
    ['an IPv4 address with a port', 'connect ECONNREFUSED 10.0.0.1:27017', 'connect ECONNREFUSED <ip>:<n>'],
    ['an IPv6 address', 'connect ECONNREFUSED ::1:27017, fe80::1ff:fe23:4567:890a', 'connect ECONNREFUSED <ip>:<n>, <ip>'],
    ['an e-mail address', 'user bob+x@mail.example.com not found. Bye', 'user <email> not found. Bye'],
    ['a URL, with its host and its password', 'GET https://u:pw@api.x.com/v1/a?b=c. Failed (see http://x.y/z)', 'GET <url>. Failed (see <url>)'],
    ['a connection string', 'mongodb://u:pw@h1:27017,h2:27017/db?x=1 is away', '<url> is away'],
    ['a POSIX path, not the line behind it', 'open /var/lib/x/y-1.log:12:5', 'open <path>:<n>:<n>'],
    ['a path from here or home', 'no ./a, ../b/c.txt or ~/d', 'no <path>, <path> or <path>'],
    ['a Windows path', 'C:\\Users\\me\\a.txt is not \\\\srv\\share\\x', '<path> is not <path>'],
    ['a relative path of three names or more', 'in src/foo/bar.ts:12', 'in <path>:<n>'],
    ['what is quoted', 'a \'b c\', "d\'s" and `e`', 'a <string>, <string> and <string>'],
    ['a whole number', 'row 12 of 12345', 'row <n> of <n>'],
    ['a decimal, a thousand, an exponent', '3.14, 1,234.5 and 1.5e-7', '<n>, <n> and <n>'],
    ['a duration', 'took 12ms, 30 s, 1h30m15s', 'took <n>, <n> s, <n>'],
    ['a size and a share', '3.5GB or 512KiB: 50%', '<n> or <n>: <n>%'],
    ['a version', 'v1.2.3', 'v<n>.<n>'],
    ['a list of numbers, whatever its length', 'ids [1,2,3]', 'ids [<n>]'],
    ['the number at the end of a word', 'userId305 of job_987', 'userId<n> of job_<n>'],
  ])('%s', (_, given, wanted) => expect(normalise(given)).toBe(wanted));
});

describe('what says which kind it is stays', () => {
  it.each([
    ['capital letters', 'Not Found', 'Not Found'],
    ['codes whose number follows a capital letter', 'E11000 and P2002 over HTTP2', 'E11000 and P2002 over HTTP2'],
    ['words that mix letters and digits', '3D and 4xx', '3D and 4xx'],
    ['apostrophes', "can't find user's file", "can't find user's file"],
    ['media types and alternatives', 'application/json and/or N/A', 'application/json and/or N/A'],
    ['hexadecimal words without digits', 'deadbeef facade', 'deadbeef facade'],
    ['scopes of C++', 'std::string', 'std::string'],
    ['a lone quote', 'Unexpected token " at', 'Unexpected token " at'],
    ['other letters than Latin ones', 'Ошибка É 😀', 'Ошибка É 😀'],
  ])('%s', (_, given, wanted) => expect(normalise(given)).toBe(wanted));
});

describe('which part of a message counts', () => {
  it('is its first line that is not empty', () => expect(normalise('\n  \nTypeError: x\n    at foo (/a/b.js:1:2)\n')).toBe('TypeError: x'));
  it('goes on behind a line that ends with a colon', () => expect(normalise('Command failed: \n\n  ffmpeg 5\n more')).toBe('Command failed: ffmpeg <n>'));
  it('has one space where there is white space', () => expect(normalise('a \t b\v\fc ')).toBe('a b c'));
  it('is nothing for nothing', () => expect(['', ' ', '\n\t'].map(normalise)).toEqual(['', '', '']));

  it('ends after about 150 characters, 6 placeholders or 16 signs between words, with a mark', () => {
    expect(normalise('word '.repeat(100))).toBe(`${'word '.repeat(30)}⋯`);
    expect(normalise('5 '.repeat(10))).toBe('<n> <n> <n> <n> <n> <n>⋯');
    expect(normalise('a-'.repeat(40))).toBe(`${'a-'.repeat(16)}a⋯`);
    expect(normalise('word '.repeat(30))).toBe('word '.repeat(30).trim());
  });

  it('is nothing of a message beyond 50,000 characters', () => {
    expect(normalise('x '.repeat(LONGEST_MESSAGE / 2))).toMatch(/^x x.*⋯$/);
    expect(normalise(`${'x '.repeat(LONGEST_MESSAGE / 2)}x`)).toBe('(message too long)');
    expect(normalise('😀'.repeat(LONGEST_MESSAGE))).not.toBe('(message too long)');
    expect(normalise('😀'.repeat(LONGEST_MESSAGE + 1))).toBe('(message too long)');
  });
});

describe('a message that holds a placeholder', () => {
  it('is left as it is, and is of the kind of those whose placeholder it is', () => {
    expect(normalise('a <n> b <uuid>')).toBe('a <n> b <uuid>');
    expect(normalise('a 5 b <uuid>')).toBe('a <n> b <uuid>');
  });
  it('does not become another when it touches a number or a quote', () => {
    for (const text of ["'a'<n>", '""q r""', `" \v"q r" x`, `<string>${'a1'.repeat(70)}`, '5<n>', '<n>5', '<n><n>', 'x<n>', '<<n>>', '<n>/a/b', 'a@<n>.de']) expect(normalise(normalise(text))).toBe(normalise(text));
  });
});

it('normalising again changes nothing, and no normalised message has more than 200 characters', () => {
  fc.assert(
    fc.property(fc.oneof(message, fc.string({ unit: 'binary', maxLength: 300 })), (text) => {
      const normalised = normalise(text);
      expect(normalise(normalised)).toBe(normalised);
      expect(normalised.length).toBeLessThanOrEqual(200);
    }),
    { numRuns: 3_000 },
  );
});

it('takes time in proportion to the message, whatever it holds', () => {
  const repeated = ['a', '5', "'", '" ', 'a.', 'a@', 'a@a.', '/a', '1:', 'a::', 'a/b', 'C:\\', ' ', ':\n', '<n>', 'eyJa.', 'A1b2+', '1h', '1,', 'f-', '2024-', 'x://', '😀', '[x] '];
  for (const text of repeated) {
    const hostile = text.repeat(Math.floor(100_000 / text.length));
    const started = performance.now();
    normalise(hostile);
    normalise(hostile.slice(0, LONGEST_MESSAGE));
    expect(performance.now() - started, JSON.stringify(text)).toBeLessThan(2_000);
  }
});
