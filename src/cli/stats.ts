import type { Command } from 'commander';

import { addServerOptions, addressOf, type ServerFlags } from './endpoint.js';

/** Adds `tasktracker stats`: the figures of the queues, once, from a server that runs. */
export function registerStats(program: Command): void {
  const command = program.command('stats').description('print the figures of the queues once');
  addServerOptions(command)
    .option('--json', 'one JSON document')
    .action(async (flags: ServerFlags & { readonly json?: boolean }) => {
      const { loadConfig } = await import('../config.js');
      const { printStats } = await import('./stats/print.js');
      const { printable } = await import('./watch/line.js');
      const { text, note } = await printStats({ ...addressOf(flags, loadConfig()), queues: flags.queue, json: flags.json ?? false });
      process.stdout.write(text);
      if (note !== null) process.stderr.write(`tasktracker: ${printable(note)}\n`);
    });
}
