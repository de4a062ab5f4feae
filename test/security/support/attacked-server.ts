import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { expect } from 'vitest';

import { CLI, type CommandLine, READY, type RunningCommand } from '../../support/command-line.js';

const MEASURED = path.resolve(import.meta.dirname, 'measured.mjs');
/** How much more memory a server may hold after an attack than before, as a share. */
const TOLERANCE = 0.2;
/** How long memory may take to come back: what is closed is let go of in turns of the loop, and the allocator waits. */
const SETTLE_MS = 20_000;

export interface Memory {
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
}

/** The built server in a process of its own, as an attacker finds it. */
export interface AttackedServer {
  readonly command: RunningCommand;
  /** URL of /graphql. */
  readonly url: string;
  /** What it has logged as errors, as it came. */
  complaints(): string;
  /** After the garbage has been collected. */
  memory(): Promise<Memory>;
  /** It is ready, answers a query, and has logged no error. */
  expectHealthy(headers?: Record<string, string>): Promise<void>;
  /** The same, and memory is back. @param before taken before the attack */
  expectUnharmed(before: Memory, headers?: Record<string, string>): Promise<void>;
}

async function readiness(url: string): Promise<number> {
  return (await fetch(new URL('/health/ready', url))).status;
}

/** Starts it on a database of its own. What it logs as an error of its own is a failure of `expectHealthy`. */
export async function attackedServer(commands: CommandLine, environment: Record<string, string> = {}): Promise<AttackedServer> {
  const command = commands.run(process.execPath, ['--expose-gc', '--import', MEASURED, CLI, 'serve'], { PORT: '0', MONGODB_URI: commands.ownDatabase(), ...environment });
  const [, url = ''] = await command.printed(READY);
  let complaints = '';
  command.child.stderr?.on('data', (chunk) => {
    complaints += String(chunk);
  });
  while ((await readiness(url)) !== 200) await delay(50);
  let asked = 0;
  const memory = async (): Promise<Memory> => {
    asked += 1;
    command.child.kill('SIGUSR2');
    const [, told = ''] = await command.printed(new RegExp(`^memory ${asked} (.*)$`, 'm'));
    return JSON.parse(told) as Memory;
  };
  const expectHealthy = async (headers: Record<string, string> = {}): Promise<void> => {
    expect([command.child.exitCode, command.child.signalCode]).toEqual([null, null]);
    expect(await readiness(url)).toBe(200);
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: '{"query":"{ tasks(first: 1) { nodes { taskId } } }"}' });
    expect(await response.json()).toEqual({ data: { tasks: { nodes: expect.any(Array) as unknown } } });
    expect(complaints).toBe('');
  };
  return {
    command,
    url,
    complaints: () => complaints,
    memory,
    expectHealthy,
    async expectUnharmed(before, headers) {
      await expectHealthy(headers);
      const until = performance.now() + SETTLE_MS;
      let after = await memory();
      while (after.rss > before.rss * (1 + TOLERANCE) && performance.now() < until) {
        await delay(500);
        after = await memory();
      }
      expect(after.rss, `RSS ${before.rss} before, ${after.rss} after (heap ${before.heapUsed}, ${after.heapUsed})`).toBeLessThanOrEqual(before.rss * (1 + TOLERANCE));
    },
  };
}
