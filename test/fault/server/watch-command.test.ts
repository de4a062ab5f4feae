import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { mongo } from 'mongoose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { TaskChange } from '../../../src/client/index.js';
import { dataOf } from '../../support/clients.js';
import { CLI, commandLine, READY, type RunningCommand } from '../../support/command-line.js';
import { stored } from '../../support/feed.js';

const { tasktracker, run, ownDatabase } = commandLine();

let environment: Record<string, string>;
let server: RunningCommand;
let url: string;
let client: mongo.MongoClient;
let tasks: mongo.Collection;

async function serve(port: string): Promise<void> {
  server = tasktracker(['serve'], { ...environment, PORT: port });
  url = (await server.printed(READY))[1] ?? '';
}

beforeAll(async () => {
  environment = { MONGODB_URI: ownDatabase() };
  await serve('0');
  client = await new mongo.MongoClient(environment['MONGODB_URI'] ?? '').connect();
  tasks = client.db().collection('task_trackers');
});

afterAll(() => client.close());

/** A cursor behind all that has been written: a watch that begins there needs not be waited for. */
async function now(): Promise<string> {
  const { executionId, ...marker } = stored(`marker-${Math.random()}`, { queueName: 'markers' });
  await tasks.insertOne({ ...marker, executionId });
  for (;;) {
    const { feed, task } = await dataOf<{ feed: { lastEventAt: string | null; cursor: string }; task: { createdAt: string } }>(
      url,
      'query ($executionId: ID!) { feed { cursor lastEventAt } task(executionId: $executionId) { createdAt } }',
      { executionId },
    );
    if (feed.lastEventAt !== null && Date.parse(feed.lastEventAt) >= Date.parse(task.createdAt) - 1) return feed.cursor;
  }
}

const move = (executionId: string, status: string, fields: Record<string, unknown> = {}) => tasks.updateOne({ executionId }, { $set: { status, ...fields } });

describe('tasktracker watch', () => {
  test('prints a line for each change, of the queues and statuses asked for, and ends with 0 on SIGTERM', async () => {
    const since = await now();
    const watch = tasktracker(['watch', '--url', url, '--since', since, '--queue', 'mail', '--queue', 'post', '--status', 'failed']);
    await tasks.insertOne(stored('m1', { queueName: 'mail', taskId: 'mail:1' }));
    await move('m1', 'processing', { processingStartedAt: new Date() });
    await tasks.insertOne(stored('p1', { queueName: 'post', taskId: 'post:1\u001b[2J', status: 'failed', retryCount: 2 }));
    await tasks.insertOne(stored('j1', { queueName: 'jobs', status: 'failed' }));
    await move('m1', 'failed', { failedAt: new Date(), errorCategory: 'transient', errorMessage: 'line one\nline two' });
    await move('m1', 'dlq');
    await watch.printed(/FAILED → DLQ/);
    watch.child.kill('SIGTERM');
    const { code, out, err } = await watch.ended;
    expect(code).toBe(0);
    const at = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
    expect(out.split('\n')).toEqual([
      expect.stringMatching(new RegExp(`^${at}  new → FAILED {12}post  post:1\ufffd\\[2J  attempt 3$`)),
      expect.stringMatching(new RegExp(`^${at}  PROCESSING → FAILED {5}mail  mail:1  attempt 1  ran \\d+ ms  TRANSIENT: line one\ufffdline two$`)),
      expect.stringMatching(new RegExp(`^${at}  FAILED → DLQ {12}mail  mail:1  attempt 1  TRANSIENT: line one\ufffdline two$`)),
      '',
    ]);
    expect(err).toMatch(/^tasktracker: to go on from here: tasktracker watch --since \S+\n$/);
  });

  test('leaves out that the attempt before was written when it is retried, which JSON tells, and says that a queue does not exist', async () => {
    const since = await now();
    await tasks.insertOne(stored('v1', { queueName: 'again', taskId: 'again:1', status: 'failed' }));
    const text = tasktracker(['watch', '--url', url, '--since', since, '--queue', 'again', '--queue', 'agian']);
    const json = tasktracker(['watch', '--url', url, '--since', since, '--queue', 'again', '--json']);
    await text.printed(/new → FAILED/);
    await dataOf(url, 'mutation { retryTask(input: { executionId: "v1" }) { userErrors { message } } }');
    await text.printed(/new → QUEUED .*attempt 2/);
    await json.printed(/"retryCount":1/);
    await text.complained(/tasktracker: no queue is named "agian" yet: there are .*"again"/);
    text.child.kill('SIGTERM');
    json.child.kill('SIGTERM');
    expect((await text.ended).out.trim().split('\n')).toHaveLength(2);
    const changes = (await json.ended).out.trim().split('\n').map((line) => JSON.parse(line) as TaskChange);
    expect(changes.filter(({ changedFields }) => changedFields.join() === 'updatedAt')).toHaveLength(1);
  });

  test('prints JSON that can be gone on from, and nothing else on stdout', async () => {
    const since = await now();
    const first = tasktracker(['watch', '--url', url, '--json', '--since', since, '--queue', 'json']);
    await tasks.insertOne(stored('x1', { queueName: 'json', metadata: { n: 1 } }));
    await first.printed(/\n/);
    first.child.kill('SIGINT');
    const { code, out } = await first.ended;
    expect(code).toBe(0);
    const change = JSON.parse(out) as TaskChange;
    expect(change).toMatchObject({ kind: 'CREATED', executionId: 'x1', status: 'QUEUED', matches: true, task: { metadata: { n: 1 }, queueName: 'json' } });
    await move('x1', 'processing');
    await tasks.deleteOne({ executionId: 'x1' });
    const second = tasktracker(['watch', '--url', url, '--json', '--since', change.cursor, '--queue', 'json']);
    await second.printed(/\n.*\n/);
    second.child.kill('SIGINT');
    const kinds = (await second.ended).out.trim().split('\n').map((line) => (JSON.parse(line) as TaskChange).kind);
    expect(kinds).toEqual(['UPDATED', 'REMOVED']);
  });

  test('ends without a word when nobody reads any more', async () => {
    const since = await now();
    for (let n = 0; n < 3; n += 1) await tasks.insertOne(stored(`h${n}`, { queueName: 'head' }));
    const pipe = run('sh', ['-c', `{ "${process.execPath}" "${CLI}" watch --url "${url}" --since "${since}" --queue head; echo "code $?" >&2; } | head -1`]);
    // What breaks the pipe is the first write after `head` has ended.
    const { code, out, err } = await Promise.race([pipe.ended, keepWriting(pipe)]);
    expect({ code, lines: out.split('\n').length }).toEqual({ code: 0, lines: 2 });
    expect(err).toBe('code 0\n');
  });

  async function keepWriting(until: RunningCommand): Promise<never> {
    let running = true;
    void until.ended.then(() => {
      running = false;
    });
    for (let n = 0; running; n += 1) await tasks.insertOne(stored(`k${n}`, { queueName: 'head' }));
    return new Promise(() => undefined);
  }

  test('goes on when its server is killed and comes back, misses nothing, and says so on stderr only', async () => {
    const since = await now();
    const watch = tasktracker(['watch', '--url', url, '--since', since, '--queue', 'restart', '--json']);
    await tasks.insertOne(stored('r1', { queueName: 'restart' }));
    await watch.printed(/r1/);
    server.child.kill('SIGKILL');
    await watch.complained(/connection lost \(.+\): trying again/);
    await tasks.insertOne(stored('r2', { queueName: 'restart' }));
    await serve(new URL(url).port);
    await watch.complained(/live again, nothing was missed/);
    await tasks.insertOne(stored('r3', { queueName: 'restart' }));
    await watch.printed(/r3/);
    watch.child.kill('SIGTERM');
    const { code, out } = await watch.ended;
    expect(code).toBe(0);
    expect(out.trim().split('\n').map((line) => (JSON.parse(line) as TaskChange).executionId)).toEqual(['r1', 'r2', 'r3']);
  });

  test('draws the counts and the last changes on a terminal, and gives the terminal back at Ctrl-C', async () => {
    const since = await now();
    await tasks.insertOne(stored('t1', { queueName: 'terminal' }));
    const command = `stty cols 110 rows 20; exec "${process.execPath}" "${CLI}" watch --url "${url}" --since "${since}" --queue terminal`;
    const terminal = run('script', ['-qec', command, '/dev/null'], { TERM: 'xterm-256color', SHELL: '/bin/sh' });
    await terminal.printed(/new → QUEUED/);
    await move('t1', 'completed');
    await terminal.printed(/QUEUED → COMPLETED/);
    await terminal.printed(/terminal +\S*0\S* +\S*0\S* +\u001b\[32m1\u001b\[0m/);
    terminal.child.stdin?.write('\u0003');
    const { code, out } = await terminal.ended;
    expect(code).toBe(0);
    expect(out.startsWith('\u001b[?1049h\u001b[?25l')).toBe(true);
    expect(out).toContain('\u001b[?25h\u001b[?1049l');
    expect(out).toMatch(/TaskTracker\S* http:\/\/127\.0\.0\.1:\d+\/graphql {2}\S*live/);
    expect(out.slice(out.indexOf('\u001b[?1049l'))).toContain('to go on from here');
    const plain = run('script', ['-qec', command, '/dev/null'], { TERM: 'dumb', SHELL: '/bin/sh' });
    await plain.printed(/QUEUED → COMPLETED/);
    plain.child.stdin?.write('\u0003');
    expect((await plain.ended).out).not.toContain('\u001b');
  });
});

describe('tasktracker watch ends with a message and the way out, without a stack,', () => {
  const NO_STACK = /^\s+at .*:\d+/m;

  async function refusal(...args: string[]): Promise<{ code: number | null; err: string }> {
    const { code, out, err } = await tasktracker(['watch', ...args]).ended;
    expect(out).toBe('');
    expect(err).not.toMatch(NO_STACK);
    return { code, err };
  }

  test('with 1 where the server refuses the cursor', async () => {
    const { code, err } = await refusal('--url', url, '--since', 'nonsense');
    expect(code).toBe(1);
    expect(err).toMatch(/refuses the cursor: after: this is not a cursor.*\n {2}Pass --since a cursor/);
  });

  test('with 1 where nothing listens', async () => {
    const { code, err } = await refusal('--url', 'http://127.0.0.1:1/graphql');
    expect(code).toBe(1);
    expect(err).toMatch(/No TaskTracker answers at http:\/\/127\.0\.0\.1:1\/graphql: .*ECONNREFUSED.*\n {2}Start one/);
  });

  test('with 1 where something else answers', async () => {
    const other = createServer((_request, response) => void response.end('hello'));
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const answers = await refusal('--url', `http://127.0.0.1:${(other.address() as AddressInfo).port}/`);
    other.close();
    const wrongPath = await refusal('--url', new URL('/elsewhere', url).href);
    for (const { code, err } of [answers, wrongPath]) {
      expect(code).toBe(1);
      expect(err).toMatch(/answers, but not as a TaskTracker does: Unexpected server response: (200|404)\n {2}Let --url name/);
    }
  });

  test('with 2 where it is asked wrongly', async () => {
    for (const args of [['--status', 'lost'], ['--url', 'nowhere'], ['--queue'], ['--colour']]) expect((await refusal(...args)).code).toBe(2);
    const { err } = await refusal('--status', 'lost');
    expect(err).toContain('It must be one of queued, processing, completed, failed, dlq, archived, unknown.');
  });

  test('with 1 where HOST and PORT name the server, and none is there', async () => {
    const { code, err } = await tasktracker(['watch'], { HOST: '0.0.0.0', PORT: '1' }).ended;
    expect(code).toBe(1);
    expect(err).toContain('No TaskTracker answers at http://127.0.0.1:1/graphql');
  });
});
