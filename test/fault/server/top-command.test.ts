import { spawnSync } from 'node:child_process';
import { once } from 'node:events';

import { mongo } from 'mongoose';
import { describe, expect, it } from 'vitest';

import { runningApp } from '../../support/app.js';
import { CLI, commandLine, READY, type RunningCommand } from '../../support/command-line.js';
import { stored } from '../../support/feed.js';

/** Runs a command on a terminal of 100 × 30: what is typed comes from stdin, what is drawn goes to stdout. */
const TERMINAL = `
import fcntl, os, pty, select, struct, sys, termios
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack('HHHH', 30, 100, 0, 0))
    os.execv(sys.argv[1], sys.argv[1:])
while True:
    ready, _, _ = select.select([terminal, 0], [], [])
    if 0 in ready:
        typed = os.read(0, 1024)
        if typed:
            os.write(terminal, typed)
    if terminal in ready:
        try:
            drawn = os.read(terminal, 65536)
        except OSError:
            break
        if not drawn:
            break
        os.write(1, drawn)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

const hasPseudoTerminal = spawnSync('python3', ['-c', 'import pty']).status === 0;
const commands = commandLine();
const failed = { status: 'failed', failedAt: new Date(), errorMessage: 'no route to host', errorCategory: 'transient' };

describe('tasktracker stats', () => {
  it('prints the figures of the queues once, as a table and as JSON', async () => {
    await using running = await runningApp();
    await running.app.model.collection.insertMany([stored('s1', { queueName: 'jobs' }), stored('s2', { queueName: 'jobs', ...failed }), stored('s3', { queueName: 'mails' })] as never[]);
    const json = await commands.tasktracker(['stats', '--json', '--url', running.url]).ended;
    expect(json).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(json.out)).toMatchObject({
      queues: [
        { name: 'jobs', counts: { queued: 1, failed: 1, total: 2, exact: true }, perMinute: { enqueued: 0 }, wait: null, stuckCount: 0 },
        { name: 'mails', counts: { queued: 1, total: 1 } },
      ],
      statistics: { state: 'READY' },
      feed: { state: 'LIVE' },
    });
    const table = await commands.tasktracker(['stats', '--queue', 'jobs', '--url', running.url]).ended;
    expect(table.out).toMatch(/│ jobs +│ +1 │ +0 │ +0 │ +1 │/);
    expect(table.out).not.toContain('mails');
    expect(table.out).toContain('feed LIVE');
    const typo = await commands.tasktracker(['stats', '--json', '--queue', 'job', '--queue', 'mails', '--url', running.url]).ended;
    expect(typo).toMatchObject({ code: 0, err: 'tasktracker: no queue is named "job" yet: there are "jobs", "mails"\n' });
    expect((JSON.parse(typo.out) as { queues: { name: string }[] }).queues.map(({ name }) => name)).toEqual(['mails']);
  });

  it('ends with 1 and a word of advice where no server answers', async () => {
    const { code, out, err } = await commands.tasktracker(['stats', '--json', '--url', 'http://127.0.0.1:1/graphql']).ended;
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('No TaskTracker answers at http://127.0.0.1:1/graphql');
    expect(err).toContain('tasktracker serve');
  });
});

describe('tasktracker top', () => {
  it('draws on terminals only, and names what is for programs', async () => {
    const { code, out, err } = await commands.tasktracker(['top', '--url', 'http://127.0.0.1:1/graphql']).ended;
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('tasktracker stats --json');
  });

  describe.runIf(hasPseudoTerminal)('on a terminal', () => {
    const top = (url: string): RunningCommand => commands.run('python3', ['-c', TERMINAL, process.execPath, CLI, 'top', '--url', url], { TERM: 'xterm-256color' });

    it('shows queues and failures as they change, follows keys, and gives the terminal back', { timeout: 60_000 }, async () => {
      await using running = await runningApp();
      const tasks = running.app.model.collection;
      await tasks.insertMany([stored('t1', { queueName: 'jobs' }), stored('t2', { queueName: 'mails', ...failed })] as never[]);
      const screen = top(running.url);
      await screen.printed(/jobs +1 +0 +0 +0/);
      await screen.printed(/FAILURES of all queues[^]*no route to host/);
      await tasks.insertOne(stored('t3', { queueName: 'jobs' }) as never);
      await screen.printed(/jobs +2 +0 +0 +0/);
      screen.child.stdin?.write('j');
      screen.child.stdin?.write('\r');
      await screen.printed(/FAILURES of jobs, the newest first: none/);
      await tasks.updateOne({ executionId: 't1' }, { $set: { ...failed, errorMessage: 'out of paper' } });
      await screen.printed(/out of paper/);
      screen.child.stdin?.write('q');
      const { code, out } = await screen.ended;
      expect(code).toBe(0);
      expect(out).toContain('\u001b[?1049h');
      expect(out.lastIndexOf('\u001b[?1049l')).toBeGreaterThan(out.lastIndexOf('jobs'));
    });

    it('says that its figures are old while the server is away, and goes on when it is back', { timeout: 90_000 }, async () => {
      const uri = commands.ownDatabase();
      const client = await new mongo.MongoClient(uri).connect();
      try {
        const tasks = client.db().collection('task_trackers');
        await tasks.insertOne(stored('u1', { queueName: 'jobs' }));
        const first = commands.tasktracker(['serve'], { MONGODB_URI: uri, PORT: '0' });
        const [, url = ''] = await first.printed(READY);
        const screen = top(url);
        await screen.printed(/jobs +1 /);
        first.child.kill('SIGKILL');
        await once(first.child, 'exit');
        await screen.printed(/NOT CONNECTED for/);
        await tasks.insertOne(stored('u2', { queueName: 'jobs' }));
        const second = commands.tasktracker(['serve'], { MONGODB_URI: uri, PORT: new URL(url).port });
        await second.printed(READY);
        await screen.printed(/LIVE[^]*jobs +2 /);
        screen.child.stdin?.write('\u0003');
        expect((await screen.ended).code).toBe(0);
      } finally {
        await client.close();
      }
    });

    it('ends with 1 where no server answers at first, the terminal as it was', async () => {
      const { code, out } = await top('http://127.0.0.1:1/graphql').ended;
      expect(code).toBe(1);
      expect(out.indexOf('No TaskTracker answers')).toBeGreaterThan(out.lastIndexOf('\u001b[?1049l'));
    });
  });
});
