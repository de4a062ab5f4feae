import { type Command, InvalidArgumentError } from 'commander';

import { TASK_STATUSES, type TaskStatus } from '../client/types.js';
import { addServerOptions, addressOf, type ServerFlags } from './endpoint.js';

interface WatchFlags extends ServerFlags {
  readonly status: readonly TaskStatus[];
  readonly since?: string;
  readonly json?: boolean;
}

/** Adds `tasktracker watch`: the changes of executions as they happen, from a server that runs. */
export function registerWatch(program: Command): void {
  const command = program
    .command('watch')
    .description('tell every change of executions as it happens, until Ctrl-C; on a terminal with the counts of the queues above');
  addServerOptions(command)
    .option('--status <status>', 'only executions in this status, and those that leave it; may be given again', status, [])
    .option('--since <cursor>', 'begin behind this cursor instead of now')
    .option('--json', 'one JSON object a line and change')
    .action(async (flags: WatchFlags) => {
      const { isDumbTerminal, loadConfig } = await import('../config.js');
      const { runWatch } = await import('./watch/run.js');
      await runWatch({
        ...addressOf(flags, loadConfig()),
        queues: flags.queue,
        statuses: flags.status,
        since: flags.since,
        json: flags.json ?? false,
        drawsOn: process.stdout.isTTY && !isDumbTerminal(),
      });
    });
}

function status(text: string, before: readonly TaskStatus[]): readonly TaskStatus[] {
  const wanted = text.toUpperCase();
  const found = TASK_STATUSES.find((each) => each === wanted);
  if (found === undefined) throw new InvalidArgumentError(`It must be one of ${TASK_STATUSES.join(', ').toLowerCase()}.`);
  return [...before, found];
}
