import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';

import { type TaskKeys, type TaskWatch, type WatchItem, type WatchOptions, type WatchStatus, watchTasks } from '../../src/client/index.js';
import { NoWebSocketError } from '../../src/client/errors.js';
import { webSocketClass } from '../../src/client/web-socket.js';
import { type Script, type ScriptedOperation, type ScriptedServer, scriptedServer } from '../support/scripted-server.js';

/** Waits so short that a test need not count them. */
const QUICK = { fields: 'status', firstRetryMs: 1, lastRetryMs: 5 };

interface Watching extends AsyncDisposable {
  readonly server: ScriptedServer;
  readonly watched: TaskWatch<TaskKeys>;
  readonly statuses: WatchStatus[];
}

async function watching(script: Script, options: Partial<WatchOptions<TaskKeys>> = {}): Promise<Watching> {
  const server = await scriptedServer(script);
  const statuses: WatchStatus[] = [];
  const watched = watchTasks<TaskKeys>({ url: server.url, ...QUICK, onStatus: (status) => statuses.push(status), ...options });
  return {
    server,
    watched,
    statuses,
    async [Symbol.asyncDispose]() {
      watched.close();
      await watched.finished.catch(() => undefined);
      await server[Symbol.asyncDispose]();
    },
  };
}

function changed(cursor: string, fields: Record<string, unknown> = {}) {
  const task = { id: `id-${cursor}`, executionId: cursor, status: 'QUEUED' };
  return { data: { taskChanged: { cursor, kind: 'UPDATED', at: '', executionId: cursor, nodeId: task.id, status: 'QUEUED', previousStatus: null, changedFields: [], lookedUp: false, matches: true, task, ...fields } } };
}

const bookmark = (cursor: string) => ({ data: { taskChanged: { cursor, kind: 'BOOKMARK' } } });

const refusal = (code: string, extensions: Record<string, unknown> = {}) => ({ errors: [{ message: `it says ${code}`, extensions: { code, ...extensions } }] });

function page(feedCursor: string, names: readonly string[], endCursor: string | null = null) {
  return { data: { tasks: { feedCursor, pageInfo: { hasNextPage: endCursor !== null, endCursor }, nodes: names.map((name) => ({ id: `id-${name}`, executionId: name, status: 'QUEUED' })) } } };
}

/** Answers each operation of a name with the next of its acts; the last one is repeated. */
function acts(script: Record<string, readonly ((operation: ScriptedOperation) => void)[]>): Pick<Script, 'onOperation'> {
  const turns = new Map<string, number>();
  return {
    onOperation(operation) {
      const own = script[operation.name];
      const turn = turns.get(operation.name) ?? 0;
      turns.set(operation.name, turn + 1);
      own?.[Math.min(turn, own.length - 1)]?.(operation);
    },
  };
}

async function cursorsOf(watched: TaskWatch<TaskKeys>, count: number): Promise<string[]> {
  const cursors: string[] = [];
  while (cursors.length < count) {
    const { value, done } = await watched.next();
    if (done) throw new Error('the watch has ended');
    cursors.push((value as WatchItem<TaskKeys>).cursor);
  }
  return cursors;
}

const silent = () => undefined;

describe('a watch that is interrupted', () => {
  it('goes on behind the last cursor that came, that of a BOOKMARK too, which it does not tell', async () => {
    const script = acts({
      WatchChanges: [
        (operation) => {
          operation.next(changed('1'));
          operation.next(bookmark('2'));
          operation.connection.socket.close(1001, 'The server is shutting down');
        },
        (operation) => operation.next(changed('3')),
      ],
    });
    await using each = await watching(script, { after: '0' });
    expect(await cursorsOf(each.watched, 2)).toEqual(['1', '3']);
    expect((await each.server.until('WatchChanges')).variables).toMatchObject({ after: '0' });
    expect((await each.server.until('WatchChanges', 2)).variables).toMatchObject({ after: '2' });
    expect(each.statuses.find(({ state }) => state === 'reconnecting')).toMatchObject({ reason: 'The server is shutting down', failures: 1 });
  });

  it('moves its own cursor on at a BOOKMARK, once everything before it has been read', async () => {
    await using each = await watching(acts({ WatchChanges: [(operation) => [changed('1'), bookmark('2'), changed('3')].forEach((result) => operation.next(result))] }), { after: '0' });
    expect(each.watched.cursor).toBe('0');
    await cursorsOf(each.watched, 1);
    expect(each.watched.cursor).toBe('1');
    await cursorsOf(each.watched, 1);
    expect(each.watched.cursor).toBe('3');
    const waiting = each.watched.next();
    (await each.server.until('WatchChanges')).next(bookmark('4'));
    await expect.poll(() => each.watched.cursor).toBe('4');
    each.watched.close();
    await waiting;
  });

  it('subscribes again where it was too slow, behind the last change that came, over the same connection', async () => {
    const script = acts({
      WatchChanges: [
        (operation) => {
          operation.next(changed('7'));
          operation.next(refusal('SLOW_CONSUMER', { cursor: '7' }));
          operation.complete();
        },
        (operation) => operation.next(changed('8')),
      ],
    });
    await using each = await watching(script, { after: '0' });
    expect(await cursorsOf(each.watched, 2)).toEqual(['7', '8']);
    expect((await each.server.until('WatchChanges', 2)).variables['after']).toBe('7');
    expect(each.server.connections).toHaveLength(1);
  });

  it.each(['CURSOR_EXPIRED', 'RESYNC_REQUIRED'])('lists anew at %s, and watches behind the new list', async (code) => {
    const script = acts({
      WatchChanges: [(operation) => operation.next(refusal(code, { cursor: 'x' })), silent],
      WatchList: [(operation) => operation.next(page('9', ['a', 'b']))],
    });
    await using each = await watching(script, { after: 'old' });
    const { value } = await each.watched.next();
    expect(value).toMatchObject({ type: 'list', cause: code, cursor: '9', tasks: [{ executionId: 'a' }, { executionId: 'b' }] });
    expect((await each.server.until('WatchChanges', 2)).variables['after']).toBe('9');
  });

  it('tells of a gap where it is not to list, and goes on from now', async () => {
    const script = acts({
      WatchChanges: [(operation) => operation.next(refusal('CURSOR_EXPIRED')), silent],
      WatchStart: [(operation) => operation.next({ data: { feed: { cursor: 'now' } } })],
    });
    await using each = await watching(script, { after: 'old', list: false });
    expect((await each.watched.next()).value).toEqual({ type: 'gap', cause: 'CURSOR_EXPIRED', cursor: 'now' });
    expect((await each.server.until('WatchChanges', 2)).variables['after']).toBe('now');
  });

  it('goes on with the next page where the connection is lost while it lists, and watches behind the first', async () => {
    const script = acts({
      WatchList: [
        (operation) => operation.next(page('first', ['a', 'b'], 'p1')),
        ({ connection }) => connection.socket.terminate(),
        (operation) => operation.next(refusal('DATABASE_UNAVAILABLE')),
        (operation) => operation.next(page('later', ['b', 'c'])),
      ],
    });
    await using each = await watching(script);
    const { value } = await each.watched.next();
    expect(value).toMatchObject({ type: 'list', cursor: 'first', tasks: [{ executionId: 'a' }, { executionId: 'b' }, { executionId: 'c' }] });
    expect(each.server.operations.filter(({ name }) => name === 'WatchList').map(({ variables }) => variables['after'])).toEqual([null, 'p1', 'p1', 'p1']);
    expect((await each.server.until('WatchChanges')).variables['after']).toBe('first');
  });

  it('does not pass over a change that came with errors: it asks for it again', async () => {
    const broken = { ...changed('2', { task: null }), errors: [{ message: 'no', extensions: { code: 'DATABASE_UNAVAILABLE' } }] };
    const script = acts({
      WatchChanges: [(operation) => [changed('1'), broken, changed('3')].forEach((result) => operation.next(result)), (operation) => operation.next(changed('2'))],
    });
    await using each = await watching(script, { after: '0' });
    expect(await cursorsOf(each.watched, 2)).toEqual(['1', '2']);
    expect((await each.server.until('WatchChanges', 2)).variables['after']).toBe('1');
  });

  it('goes on where the server completes the subscription, and where it closes for no reason', async () => {
    const script = acts({
      WatchChanges: [(operation) => operation.complete(), ({ connection }) => connection.socket.close(1000), ({ connection }) => connection.socket.close(4500), (operation) => operation.next(changed('1'))],
    });
    await using each = await watching(script, { after: '0' });
    expect(await cursorsOf(each.watched, 1)).toEqual(['1']);
    expect(each.server.operations.filter(({ name }) => name === 'WatchChanges').map(({ variables }) => variables['after'])).toEqual(['0', '0', '0', '0']);
  });

  it('gives up a connection whose server has frozen, and one that is never acknowledged', async () => {
    let opened = 0;
    await using frozen = await watching({ answersPings: false, ...acts({ WatchChanges: [silent] }) }, { after: '0', keepAliveMs: 30 });
    expect(await (await frozen.server.until('WatchChanges')).connection.closed).toBe(4499);
    await frozen.server.until('WatchChanges', 2);
    expect(frozen.statuses.find(({ state }) => state === 'reconnecting')?.reason).toBe('the server does not answer a ping');
    await using never = await watching(
      {
        onInit: ({ socket }) => {
          opened += 1;
          if (opened > 1) socket.send('{"type":"connection_ack"}');
        },
      },
      { after: '0', connectTimeoutMs: 50 },
    );
    await never.server.until('WatchChanges');
    expect(opened).toBeGreaterThan(1);
    expect(never.statuses[0]).toMatchObject({ state: 'reconnecting', reason: 'no connection within 50 ms' });
  });

  it('gives up a server that takes the connection and never answers it', async () => {
    const { createServer } = await import('node:net');
    const mute = createServer((socket) => socket.on('error', () => undefined).resume());
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const { port } = mute.address() as { port: number };
    const watched = watchTasks({ url: `http://127.0.0.1:${port}`, connectTimeoutMs: 30, failFast: true });
    await expect(watched.next()).rejects.toMatchObject({ code: 'UNREACHABLE', message: expect.stringContaining('no connection within 30 ms') });
    const closing = watchTasks({ url: `http://127.0.0.1:${port}` });
    await new Promise<void>((resolve) => mute.once('connection', () => resolve()));
    closing.close();
    await closing.finished;
    await new Promise((resolve) => mute.close(resolve));
  });

  it.each([400, 404, 426, 301, 200])('ends where the very first connection is answered with %d: the URL is wrong', async (status) => {
    await using each = await watching({ refuseUpgrade: () => status });
    const message = `${each.server.url} answers, but not as a TaskTracker does: Unexpected server response: ${status}. Let \`url\` name the /graphql of a TaskTracker server.`;
    await expect(each.watched.next()).rejects.toMatchObject({ name: 'WatchRefusedError', code: 'PROTOCOL', message });
  });

  it('ends where the very first connection is answered by no web server', async () => {
    const { createServer } = await import('node:net');
    const other = createServer((socket) => socket.on('error', () => undefined).resume().end('220 mail.example.org ESMTP\r\n'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    await expect(watchTasks({ url: `http://127.0.0.1:${port}` }).next()).rejects.toMatchObject({ code: 'PROTOCOL', message: expect.stringContaining('not as a TaskTracker does: Parse Error') });
    await new Promise((resolve) => other.close(resolve));
  });

  it.each([429, 500, 502, 503, 504])('waits where the very first connection is answered with %d, which passes, and says so', async (status) => {
    await using each = await watching({ refuseUpgrade: (nth) => (nth === 1 ? status : undefined) }, { after: '0' });
    await each.server.until('WatchChanges');
    expect(each.statuses[0]).toMatchObject({ state: 'reconnecting', reason: `Unexpected server response: ${status}` });
  });

  it('goes on where a server that was there is answered for with 404 while it is replaced', async () => {
    const script = acts({ WatchChanges: [({ connection }) => connection.socket.terminate(), silent] });
    await using each = await watching({ ...script, refuseUpgrade: (nth) => (nth === 2 ? 404 : undefined) }, { after: '0' });
    await each.server.until('WatchChanges', 2);
    expect(each.statuses.map(({ reason }) => reason)).toContain('Unexpected server response: 404');
  });

  it('says what to do where it asks more than the server takes, or is answered more than it takes itself', async () => {
    await using asks = await watching({ onOperation: ({ connection }) => connection.socket.close(1009) }, { after: '0' });
    await expect(asks.watched.next()).rejects.toMatchObject({ code: 'PROTOCOL', message: expect.stringMatching(/^WebSocket closed with 1009: a message is larger than its reader takes\. Shorten the filter.*TASKTRACKER_BODY_LIMIT/) });
    class Narrow extends WebSocket {
      constructor(url: string, protocols?: string | string[]) {
        super(url, protocols, { maxPayload: 1_000 });
      }
    }
    const long = acts({ WatchChanges: [(operation) => operation.next(changed('1', { executionId: 'x'.repeat(2_000) }))] });
    await using answered = await watching(long, { after: '0', webSocketImpl: Narrow });
    await expect(answered.watched.next()).rejects.toMatchObject({ code: 'PROTOCOL', message: expect.stringMatching(/^Max payload size exceeded: .*smaller pageSize/) });
  });

  it.each([
    [4401, 'UNAUTHORIZED'],
    [4403, 'FORBIDDEN'],
    [4400, 'PROTOCOL'],
  ])('ends where its connection is closed with %d', async (close, code) => {
    await using each = await watching({ onInit: ({ socket }) => socket.close(close, 'Not for you') });
    await expect(each.watched.next()).rejects.toMatchObject({ name: 'WatchRefusedError', code, message: 'Not for you' });
    expect(each.server.connections).toHaveLength(1);
  });

  it('waits longer from failure to failure, and from the start again once something came', async () => {
    const script = acts({
      WatchChanges: [...Array.from({ length: 4 }, () => (operation: ScriptedOperation) => operation.next(refusal('INTERNAL_SERVER_ERROR'))), (operation) => {
        operation.next(changed('1'));
        operation.next(refusal('INTERNAL_SERVER_ERROR'));
      }, silent],
    });
    await using each = await watching(script, { after: '0' });
    await each.server.until('WatchChanges', 6);
    expect(each.statuses.filter(({ state }) => state === 'reconnecting').map(({ failures }) => failures)).toContain(1);
    const limited = await watching(acts({ WatchChanges: [(operation) => operation.next(refusal('INTERNAL_SERVER_ERROR'))] }), { after: '0', retryAttempts: 3 });
    await expect(limited.watched.next()).rejects.toMatchObject({ code: 'UNREACHABLE', message: expect.stringContaining('it says INTERNAL_SERVER_ERROR') });
    expect(limited.server.operations.filter(({ name }) => name === 'WatchChanges')).toHaveLength(4);
    await limited[Symbol.asyncDispose]();
  });
});

describe('the status of a watch', () => {
  it('is stalled while the feed of the server is', async () => {
    const told = (state: string, reason: string | null) => ({ data: { feedStatus: { state, reason } } });
    await using each = await watching(acts({ WatchFeed: [(operation) => [told('LIVE', null), told('RECONNECTING', 'the database is away'), told('LIVE', null)].forEach((result) => operation.next(result))] }), { after: '0' });
    await expect.poll(() => each.statuses.map(({ state }) => state)).toEqual(['live', 'stalled', 'live']);
    expect(each.statuses[1]).toMatchObject({ reason: "the server's feed is RECONNECTING: the database is away", since: expect.any(Date) });
  });
});

describe('the connection of a watch', () => {
  it('carries the headers and the parameters that it is given', async () => {
    let n = 0;
    await using each = await watching({}, { after: '0', headers: { authorization: 'Bearer abc' }, connectionParams: () => ({ token: `t${(n += 1)}` }) });
    const { connection } = await each.server.until('WatchChanges');
    expect(connection.request.headers.authorization).toBe('Bearer abc');
    expect(connection.params).toEqual({ token: 't1' });
    connection.socket.terminate();
    expect((await each.server.until('WatchChanges', 2)).connection.params).toEqual({ token: 't2' });
  });

  it('is tried again where the parameters cannot be had', async () => {
    let tries = 0;
    const connectionParams = () => {
      tries += 1;
      if (tries === 1) throw new Error('no token');
      return {};
    };
    await using each = await watching({}, { after: '0', connectionParams });
    await each.server.until('WatchChanges');
    expect(each.statuses[0]).toMatchObject({ state: 'reconnecting', reason: 'no token' });
  });

  it('refuses a header that cannot be sent, and ends', async () => {
    await using each = await watching({}, { headers: { 'x-a': 'b\r\nx-c: d' } });
    await expect(each.watched.next()).rejects.toThrow(TypeError);
  });

  it('is made with the WebSocket that it is given, or, where it is not in Node, the global one', async () => {
    const made: string[] = [];
    class Own extends WebSocket {
      constructor(url: string, protocols?: string | string[]) {
        super(url, protocols);
        made.push('own');
      }
    }
    await using given = await watching({}, { after: '0', webSocketImpl: Own });
    await given.server.until('WatchChanges');
    expect(made).toEqual(['own']);
    const globals = globalThis as { WebSocket?: unknown };
    const before = globals.WebSocket;
    globals.WebSocket = Own;
    try {
      expect((await webSocketClass({}, false)).prototype).toBeInstanceOf(Own);
      expect((await webSocketClass({})).prototype).not.toBeInstanceOf(Own);
      await expect(webSocketClass({ headers: { a: 'b' } }, false)).rejects.toThrow(NoWebSocketError);
    } finally {
      globals.WebSocket = before;
    }
  });

  it('is closed with 1000 when the watch ends', async () => {
    const each = await watching({}, { after: '0' });
    const { connection } = await each.server.until('WatchChanges');
    each.watched.close();
    expect(await connection.closed).toBe(1000);
    await each[Symbol.asyncDispose]();
  });
});
