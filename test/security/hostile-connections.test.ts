import { once } from 'node:events';
import net from 'node:net';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';

import { RawSocket, upgradeStatus, webSocketUrl } from '../support/clients.js';
import { commandLine } from '../support/command-line.js';
import { rawAnswer, requestText } from '../support/raw-http.js';
import { type AttackedServer, attackedServer, type Memory } from './support/attacked-server.js';

const SLOW = 200;
const CONNECTIONS = 5_000;
const PER_ADDRESS = 1_000;
const INIT_TIMEOUT_MS = 8_000;
const KEEP_ALIVE_MS = 1_000;
/** A request has 30 s to arrive, its headers 10; who has taken longer is looked for every 5 s. The rest is for a busy machine. */
const CUT_WITHIN_MS = 45_000;

const commands = commandLine();
let server: AttackedServer;
let before: Memory;
/** Clients that take their time, from before the first test on: what became of each. */
let slow: readonly Promise<SlowEnd>[];

interface SlowEnd {
  readonly how: string;
  readonly ms: number;
  readonly answer: string;
}

/** Sends the beginning of a request, and then one more byte each second. */
async function slowLoris(how: string, beginning: string, dripped: string): Promise<SlowEnd> {
  const { hostname, port } = new URL(server.url);
  const socket = net.connect(Number(port), hostname);
  const begun = performance.now();
  let answer = '';
  socket.on('error', () => undefined).on('data', (chunk) => (answer += String(chunk)));
  await once(socket, 'connect');
  socket.write(beginning);
  const drip = setInterval(() => dripped !== '' && socket.writable && socket.write(dripped), 1_000);
  await once(socket, 'close');
  clearInterval(drip);
  return { how, ms: performance.now() - begun, answer };
}

const answersQuickly = async (): Promise<void> => {
  const begun = performance.now();
  expect((await fetch(new URL('/health/live', server.url))).status).toBe(200);
  expect(performance.now() - begun).toBeLessThan(3_000);
};

async function manyAtOnce<T>(count: number, open: (index: number) => Promise<T>): Promise<T[]> {
  const opened: T[] = [];
  for (let begun = 0; begun < count; begun += 250) opened.push(...(await Promise.all(Array.from({ length: Math.min(250, count - begun) }, (_, index) => open(begun + index)))));
  return opened;
}

/** The status of an upgrade, and the socket where it was let in. */
function upgrade(): Promise<{ status: number; socket: WebSocket }> {
  const socket = new WebSocket(webSocketUrl(server.url), 'graphql-transport-ws');
  return new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.once('open', () => resolve({ status: 101, socket }));
    socket.once('unexpected-response', (request, response) => {
      resolve({ status: response.statusCode ?? 0, socket });
      response.resume();
      request.destroy();
    });
  });
}

beforeAll(async () => {
  server = await attackedServer(commands, { TASKTRACKER_MAX_CONNECTIONS_PER_ADDRESS: String(PER_ADDRESS), TASKTRACKER_CONNECTION_INIT_TIMEOUT_MS: String(INIT_TIMEOUT_MS), TASKTRACKER_KEEP_ALIVE_MS: String(KEEP_ALIVE_MS) });
  // Once as many connections as there will be: what a server that has had them holds is not what it leaks.
  const warm = await manyAtOnce(PER_ADDRESS, upgrade);
  for (const { socket } of warm) socket.terminate();
  before = await server.memory();
  const head = 'POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n';
  const ways = [
    ['nothing', '', ''],
    ['headers', head, 'x'],
    ['lines of headers', head, 'x-y: z\r\n'],
    ['a body', `${head}content-length: 1000\r\n\r\n`, ' '],
    ['chunks', `${head}transfer-encoding: chunked\r\n\r\n`, '1\r\n \r\n'],
  ] as const;
  slow = Array.from({ length: SLOW }, (_, index) => {
    const [how, beginning, dripped] = ways[index % ways.length] ?? ways[0];
    return slowLoris(how, beginning, dripped);
  });
});
afterAll(() => Promise.allSettled(slow));

describe('5,000 connections of one client', () => {
  test('are taken as far as one client may have them, and refused with 429 beyond; other requests go on', async () => {
    const opened = await manyAtOnce(CONNECTIONS, upgrade);
    const statuses = opened.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([101, 429]));
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(CONNECTIONS - PER_ADDRESS - statuses.length * 0.2);
    await answersQuickly();
    // Each that was let in has said nothing: half-open.
    const codes = await Promise.all(opened.filter(({ status }) => status === 101).map(async ({ socket }) => socket.readyState === WebSocket.CLOSED || ((await once(socket, 'close')) as [number])[0]));
    expect(new Set(codes.filter((code) => code !== true))).toEqual(new Set([4408]));
  });

  test('without an upgrade are as many as they like, and keep nobody out', async () => {
    const { hostname, port } = new URL(server.url);
    const opened = await manyAtOnce(CONNECTIONS, async () => {
      const socket = net.connect(Number(port), hostname);
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      return socket;
    });
    await answersQuickly();
    const raw = await RawSocket.acknowledged(server.url);
    raw.socket.terminate();
    for (const socket of opened) socket.destroy();
  });
});

describe('a WebSocket', () => {
  test('whose client answers no ping is cut', async () => {
    const raw = await RawSocket.open(server.url, { autoPong: false });
    raw.send({ type: 'connection_init' });
    const begun = performance.now();
    expect((await raw.closed).code).toBe(1006);
    expect(performance.now() - begun).toBeLessThan(KEEP_ALIVE_MS * 2 + 3_000);
  });

  test.each([
    ['a message larger than is taken', (raw: RawSocket) => raw.socket.send('x'.repeat(2 * 1024 * 1024)), 1009],
    ['a message in pieces that are larger together', (raw: RawSocket) => Array.from({ length: 40 }, (_, index) => raw.socket.send('x'.repeat(64 * 1024), { fin: index === 39 })), 1009],
    ['a message that is no UTF-8', (raw: RawSocket) => raw.socket.send(Buffer.from([0x22, 0xff, 0xfe, 0x22]), { binary: false }), 1007],
    ['a message with a surrogate in it', (raw: RawSocket) => raw.socket.send(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), { binary: false }), 1007],
    ['what is no JSON', (raw: RawSocket) => raw.socket.send('{'), 4400],
    ['bytes', (raw: RawSocket) => raw.socket.send(Buffer.from([1, 2, 3])), 4400],
    ['no message of the protocol', (raw: RawSocket) => raw.send({ type: 'constructor', id: '__proto__' }), 4400],
    ['an operation before it has begun', (raw: RawSocket) => raw.send({ id: '1', type: 'subscribe', payload: { query: '{ __typename }' } }), 4401],
    ['its beginning twice', (raw: RawSocket) => [1, 2].forEach(() => raw.send({ type: 'connection_init' })), 4429],
    ['a frame that no client may send', (raw: RawSocket) => (raw.socket as unknown as { _socket: net.Socket })._socket.write(Buffer.from([0x81, 0x02, 0x7b, 0x7d])), 1002],
    ['a frame of an unknown kind', (raw: RawSocket) => (raw.socket as unknown as { _socket: net.Socket })._socket.write(Buffer.from([0x83, 0x80, 0, 0, 0, 0])), 1002],
    ['a frame that says it is longer than there are numbers', (raw: RawSocket) => (raw.socket as unknown as { _socket: net.Socket })._socket.write(Buffer.from([0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0])), 1009],
  ])('that sends %s is closed', async (_what, send, code) => {
    const raw = await RawSocket.open(server.url);
    send(raw);
    expect((await raw.closed).code).toBe(code);
    await answersQuickly();
  });

  test.each(['http://evil.example', 'https://evil.example:443', 'null', 'file://', 'http://127.0.0.1.evil.example', 'http://127.0.0.1@evil.example', 'http://evil.example/127.0.0.1', 'chrome-extension://abcdef', 'http://localhost:1', 'HTTP://EVIL.EXAMPLE', '://'])('is not opened from a page of "%s"', async (origin) => {
    expect(await upgradeStatus(server.url, { origin })).toBe(403);
  });

  test('is not opened from a page that shares the address and not the port', async () => {
    expect(await upgradeStatus(server.url, { origin: 'http://127.0.0.1:81' })).toBe(403);
    expect(await upgradeStatus(server.url, { origin: new URL(server.url).origin })).toBe(101);
  });
});

describe('a request', () => {
  const query = '{"query":"{ __typename }"}';
  const post = { 'content-type': 'application/json' };
  test.each([
    ['that says its length twice', 400, `${requestText('/graphql', { ...post, 'content-length': '5', 'Content-Length': '26' }, 'POST')}${query}`],
    ['of a length and of chunks', 400, `${requestText('/graphql', { ...post, 'content-length': '26', 'transfer-encoding': 'chunked' }, 'POST')}0\r\n\r\n`],
    ['of a length below nothing', 400, `${requestText('/graphql', { ...post, 'content-length': '-1' }, 'POST')}${query}`],
    ['of chunks that are no numbers', 400, `${requestText('/graphql', { ...post, 'transfer-encoding': 'chunked' }, 'POST')}zz\r\n`],
    ['with a header in two lines', 400, 'GET / HTTP/1.1\r\nhost: a\r\n x: folded\r\n\r\n'],
    ['with a NUL in a header', 400, 'GET / HTTP/1.1\r\nhost: a\r\nx: a\0b\r\n\r\n'],
    ['without a host', 400, 'GET / HTTP/1.1\r\n\r\n'],
    ['with 100 KB of headers', 431, requestText('/', { x: 'x'.repeat(100_000) })],
    ['of TLS', 400, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['of HTTP/2', 400, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['through a proxy that it is not', 404, requestText('/', {}).replace('GET /', 'GET http://evil.example/nowhere')],
  ])('%s is refused', async (_what, status, request) => {
    expect((await rawAnswer(server.url, request)).status).toBe(status);
    await answersQuickly();
  });
});

describe('clients that take their time', () => {
  test('are answered 408 and cut, whatever they are slow with', async () => {
    const ends = await Promise.all(slow);
    const wrong = ends.filter(({ ms, answer }) => ms > CUT_WITHIN_MS || !answer.startsWith('HTTP/1.1 408') || !answer.includes('"REQUEST_TIMEOUT"'));
    expect(wrong).toEqual([]);
  });

  test('and the server is as well after all of this as before', () => server.expectUnharmed(before));
});
