/** What is killed: the API's process, and the database's. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

import { DIST } from '../processes.mjs';

/** A start that takes longer is a fault of its own. */
const START_MS = 60_000;

/** `tasktracker serve` on a port that it keeps over its deaths. */
export class MortalApi {
  #child = null;
  #environment;
  url = '';
  deaths = 0;

  constructor(environment) {
    this.#environment = { ...process.env, NODE_ENV: 'production', HOST: '127.0.0.1', LOG_LEVEL: 'error', TASKTRACKER_MAX_OPERATIONS_PER_SECOND: '0', ...environment };
    process.on('exit', () => this.#child?.kill('SIGKILL'));
  }

  async start() {
    const port = this.url === '' ? '0' : new URL(this.url).port;
    const child = spawn(process.execPath, [path.join(DIST, 'cli.js'), 'serve'], { env: { ...this.#environment, PORT: port }, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    const late = setTimeout(() => child.kill('SIGKILL'), START_MS);
    try {
      for await (const line of createInterface({ input: child.stdout })) {
        const url = /ready at (\S+)/.exec(line)?.[1];
        if (url === undefined) continue;
        this.url = url;
        return;
      }
    } finally {
      clearTimeout(late);
    }
    throw new Error(`the API ended, or was not ready within ${START_MS} ms`);
  }

  /** SIGKILL, and up again. */
  async die() {
    await this.kill();
    await this.revive();
  }

  /** SIGKILL. */
  async kill() {
    await this.#end('SIGKILL');
    this.deaths += 1;
  }

  async revive() {
    // Its database may be on its way up: then it says so and ends, as for a service manager to start it again.
    for (let tries = 1; ; tries += 1) {
      try {
        await this.start();
        return;
      } catch (error) {
        if (tries === 10) throw error;
        await delay(500);
      }
    }
  }

  async #end(signal) {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  stop() {
    return this.#end('SIGTERM');
  }
}

/** Kills the process of an embedded database, and resolves when the one that takes its place answers. */
export async function killDatabase(opened, ping) {
  const { pid } = opened;
  process.kill(pid, 'SIGKILL');
  for (;;) {
    if (opened.pid !== undefined && opened.pid !== pid) {
      try {
        await ping();
        return;
      } catch {
        // Not yet.
      }
    }
    await delay(50);
  }
}
