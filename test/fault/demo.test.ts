import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';

import { EXAMPLES } from '../../src/demo/examples.js';
import { webSocketClient } from '../support/clients.js';

const CLI = path.resolve(import.meta.dirname, '../../dist/cli.js');
const STATUSES = ['ARCHIVED', 'COMPLETED', 'DLQ', 'FAILED', 'PROCESSING', 'QUEUED'];
const QUEUES = ['demo_jobs', 'demo_notifications', 'demo_partner_tasks'];

interface Folders {
  readonly root: string;
  readonly files: string;
  readonly temporary: string;
  readonly home: string;
  readonly cwd: string;
}

let folders: Folders;
let demo: Demo;

function makeFolders(): Folders {
  const root = mkdtempSync(path.join(os.tmpdir(), 'demo-test-'));
  const make = (name: string) => {
    const folder = path.join(root, name);
    mkdirSync(folder);
    return folder;
  };
  const made = { root, files: make('files'), temporary: make('temporary'), home: make('home'), cwd: make('cwd') };
  fillWithFiles(made.files);
  return made;
}

async function cleanUp(): Promise<void> {
  demo.child.kill('SIGKILL');
  await demo.exit;
  for (const { pid } of processes()) process.kill(pid, 'SIGKILL');
  rmSync(folders.root, { recursive: true, force: true });
}

function fillWithFiles(folder: string): void {
  const inside = path.join(folder, 'package');
  mkdirSync(inside);
  writeFileSync(path.join(inside, 'package.json'), '{"name": "fixture", "version": "1.0.0"}');
  writeFileSync(path.join(inside, 'tsconfig.json'), '// a comment, which JSON has not\n{"strict": true}');
  writeFileSync(path.join(inside, 'list.json'), '[1, 2, 3]');
  writeFileSync(path.join(folder, 'package.json'), '{"type": "module"}');
  // Large enough that a worker is killed in the middle of compressing them.
  for (let index = 0; index < 6; index++) {
    const lines = Array.from({ length: 20_000 }, (_, line) => createHash('md5').update(`${index} ${line}`).digest('hex'));
    writeFileSync(path.join(inside, `flight-${index}.log`), lines.join('\n'));
  }
}

/** Every file below a folder with its content's hash. */
function contentOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => path.join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(paths.map((file) => [file, createHash('sha256').update(readFileSync(file)).digest('hex')]));
}

/** The demonstration as a user starts it, or as npm does, from a shell that passes no signal on. */
class Demo {
  readonly child: ChildProcess;
  readonly exit: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Resolves when nobody is left who could print anything. */
  readonly closed: Promise<void>;
  output = '';
  #ended = false;
  #tell: () => void = () => undefined;

  constructor(args: readonly string[], how: 'directly' | 'from a shell' = 'directly') {
    const env = { ...process.env, TMPDIR: folders.temporary, HOME: folders.home, TASKTRACKER_CACHE_DIR: inject('cacheDir') };
    const command = [process.execPath, CLI, 'demo', '--files', folders.files, '--port', '0', ...args];
    const [file = '', ...rest] = how === 'directly' ? command : ['sh', '-c', '"$@"; true', 'sh', ...command];
    this.child = spawn(file, rest, { cwd: folders.cwd, env });
    this.exit = new Promise((resolve) => this.child.once('exit', (code, signal) => resolve({ code, signal })));
    this.closed = new Promise((resolve) => this.child.once('close', () => resolve()));
    const onData = (chunk: Buffer) => {
      this.output += chunk.toString();
      this.#tell();
    };
    this.child.stdout?.on('data', onData);
    this.child.stderr?.on('data', onData);
    void this.closed.then(() => {
      this.#ended = true;
      this.#tell();
    });
  }

  /** Resolves with the match when the pattern is in what was printed; rejects when the process ends without it. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.output);
      if (match !== null) return match;
      if (this.#ended) throw new Error(`ended without ${String(pattern)}:\n${this.output}`);
      await new Promise<void>((resolve) => {
        this.#tell = resolve;
      });
    }
  }

  async url(): Promise<string> {
    return String((await this.until(/TaskTracker ready at (\S+)/))[1]);
  }
}

/** Processes of the demonstration (itself included) and their command lines, by their environment. Linux only: else none. */
function processes(): { readonly pid: number; readonly command: string }[] {
  if (process.platform !== 'linux') return [];
  const found: { pid: number; command: string }[] = [];
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      if (!readFileSync(`/proc/${name}/environ`, 'latin1').includes(`TMPDIR=${folders.temporary}`)) continue;
      found.push({ pid: Number(name), command: readFileSync(`/proc/${name}/cmdline`, 'latin1').replaceAll('\0', ' ') });
    } catch {
      // It ended while it was looked at.
    }
  }
  return found;
}

/** Watches until every status was entered, in each of the queues at least once, and says which were. */
async function statusesEntered(url: string): Promise<{ statuses: string[]; queues: string[] }> {
  const client = webSocketClient(url);
  const statuses = new Set<string>();
  const queues = new Set<string>();
  const query = 'subscription { taskChanged { status task { queueName } } }';
  for await (const { data } of client.iterate<{ taskChanged: { status: string | null; task: { queueName: string } | null } }>({ query })) {
    if (data?.taskChanged.status) statuses.add(data.taskChanged.status);
    if (data?.taskChanged.task) queues.add(data.taskChanged.task.queueName);
    if (statuses.size >= STATUSES.length && queues.size >= QUEUES.length) break;
  }
  await client.dispose();
  return { statuses: [...statuses].sort(), queues: [...queues].sort() };
}

describe('the demonstration', () => {
  let before: Record<string, string>;

  beforeAll(() => {
    folders = makeFolders();
    before = contentOf(folders.files);
    demo = new Demo(['--rate', '12']);
  });
  afterAll(cleanUp);

  it('moves executions of all three queues through all six statuses', async () => {
    expect(await statusesEntered(await demo.url())).toEqual({ statuses: STATUSES, queues: QUEUES });
  });

  it('prints operations that the API answers without an error', async () => {
    const client = webSocketClient(await demo.url());
    for (const { operation } of EXAMPLES) {
      expect(demo.output).toContain(operation);
      for await (const result of client.iterate({ query: operation })) {
        expect(result.errors).toBeUndefined();
        break;
      }
    }
    await client.dispose();
  });

  it('finds what a worker killed in the middle of its work left behind, and fails it so that it is retried', async () => {
    await demo.until(/was killed in the middle of its work; another one starts/);
    await demo.until(/watchdog: \d+ stuck executions? failed, to be retried/);
  });

  it('leaves no process behind and has written nowhere else when SIGTERM ends it', async () => {
    demo.child.kill('SIGTERM');
    expect(await demo.exit).toEqual({ code: 0, signal: null });
    expect(processes()).toEqual([]);
    expect(contentOf(folders.files)).toEqual(before);
    for (const folder of [folders.temporary, folders.home, folders.cwd]) expect(readdirSync(folder)).toEqual([]);
  });
});

describe('the demonstration, when something ends', () => {
  beforeEach(() => {
    folders = makeFolders();
  });
  afterEach(cleanUp);

  it('starts another worker in the place of one that ended by itself, and ends by itself after --duration', async () => {
    demo = new Demo(['--duration', '13']);
    await demo.url();
    // Without /proc there is nobody to kill.
    const worker = processes().find(({ command }) => command.includes('api-worker.js'));
    if (worker !== undefined) {
      process.kill(worker.pid, 'SIGKILL');
      await demo.until(/api-worker-\d ended unasked \(SIGKILL\)/);
      await demo.until(/workers 3 \(1 replaced\)/);
    }
    expect(await demo.exit).toEqual({ code: 0, signal: null });
    expect(processes()).toEqual([]);
  });

  it('ends with the process that started it', async () => {
    demo = new Demo([], 'from a shell');
    await demo.url();
    demo.child.kill('SIGKILL');
    await demo.until(/Stopping\./);
    await demo.closed;
    expect(processes()).toEqual([]);
    expect(readdirSync(folders.temporary)).toEqual([]);
  });

  it('leaves no process behind when it is killed', async () => {
    demo = new Demo([]);
    await demo.url();
    demo.child.kill('SIGKILL');
    await vi.waitFor(() => expect(processes()).toEqual([]), { timeout: 10_000, interval: 100 });
  });

  it('says what to do when there are no files to work on', async () => {
    rmSync(folders.files, { recursive: true });
    mkdirSync(folders.files);
    demo = new Demo([]);
    expect(await demo.exit).toEqual({ code: 1, signal: null });
    expect(demo.output).toContain('--files');
  });
});
