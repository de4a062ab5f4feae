import type { Command } from 'commander';

import { addServerOptions, addressOf, type ServerFlags } from './endpoint.js';

/** Adds `tasktracker top`: the queues and the newest failures, full screen and live, from a server that runs. */
export function registerTop(program: Command): void {
  const command = program.command('top').description('show the queues and the newest failures, live, until q');
  addServerOptions(command).action(async (flags: ServerFlags) => {
    const { isDumbTerminal, loadConfig } = await import('../config.js');
    const { runTop } = await import('./top/run.js');
    await runTop({ ...addressOf(flags, loadConfig()), queues: flags.queue, drawsOn: process.stdout.isTTY && !isDumbTerminal() });
  });
}
