import { beforeAll, describe, expect, test } from 'vitest';

import { commandLine } from '../support/command-line.js';
import { type AttackedServer, attackedServer, type Memory } from './support/attacked-server.js';
import { overHttp, overSocket } from './support/both-ways.js';
import { ATTACKS, body, ENQUEUE, FILTER, LONG_ATTACKS } from './support/hostile-operations.js';

/** Longest that an operation may keep the server, in ms, on a machine that is busy with other tests. */
const LONGEST_MS = 5_000;
const ROUNDS = 3;

const commands = commandLine();

describe.each([
  ['with its defaults', {}, ATTACKS],
  ['that takes long operations', { TASKTRACKER_MAX_TOKENS: '10000' }, LONG_ATTACKS],
] as const)('a server %s', (_how, environment, attacks) => {
  let server: AttackedServer;
  let before: Memory;
  beforeAll(async () => {
    server = await attackedServer(commands, environment);
    for (const [, text] of attacks) await Promise.all([overHttp(server.url, text), overSocket(server.url, text)]);
    before = await server.memory();
  });

  test.each(attacks)('refuses %s over both transports', async (_what, text, code) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const [http, socket] = await Promise.all([overHttp(server.url, text), overSocket(server.url, text)]);
      const expected = code === null ? [] : expect.arrayContaining([code]);
      expect(http.codes).toEqual(expected);
      expect(socket).toMatchObject({ codes: [...new Set(http.codes)].length === 0 ? [] : expected, closed: null });
      expect(http.status).toBeLessThan(500);
      expect(Math.max(http.ms, socket.ms)).toBeLessThan(LONGEST_MS);
    }
  });

  test('is as well after as before', () => server.expectUnharmed(before));
});

describe('a body', () => {
  let server: AttackedServer;
  let before: Memory;
  beforeAll(async () => {
    server = await attackedServer(commands);
    before = await server.memory();
  });

  test('of many operations is taken by nobody, and none of them is run', async () => {
    const many = JSON.stringify(new Array(1_000).fill({ query: ENQUEUE, variables: { metadata: {} } }));
    expect(await overHttp(server.url, many)).toMatchObject({ status: 400, codes: ['BAD_REQUEST'] });
    expect((await overSocket(server.url, many)).closed).toBe(4400);
  });

  test('larger than is taken is 413, and 1009 over WebSocket', async () => {
    const large = body(FILTER, { filter: { taskId: 'a'.repeat(2_000_000) } });
    expect(await overHttp(server.url, large)).toMatchObject({ status: 413, codes: ['PAYLOAD_TOO_LARGE'] });
    expect(await overSocket(server.url, large)).toMatchObject({ closed: 1009 });
  });

  test.each([
    ['a byte that begins nothing', [0xff]],
    ['half of a character', [0xe2, 0x82]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['more bytes than the character needs', [0xc0, 0xaf]],
  ])('with %s is refused', async (_what, bytes) => {
    const [front = '', back = ''] = body('query ($v: String!) { retryChain(taskId: $v) { status } }', { v: 'HERE' }).split('HERE');
    const broken = Uint8Array.from([...Buffer.from(front), ...bytes, ...Buffer.from(back)]);
    expect(await overHttp(server.url, broken)).toMatchObject({ status: 400, codes: ['BAD_REQUEST'] });
  });

  test('and the server is as well after as before', () => server.expectUnharmed(before));
});
