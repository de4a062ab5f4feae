import { type Command, InvalidArgumentError } from 'commander';

import { TASK_STATUSES, type TaskStatus } from '../client/types.js';
import { webSocketUrl } from '../client/web-socket.js';

interface WatchFlags {
  readonly url?: string;
  readonly queue: readonly string[];
  readonly status: readonly TaskStatus[];
  readonly since?: string;
  readonly json?: boolean;
}

const EVERY_INTERFACE = new Set(['0.0.0.0', '::', '']);

/** Adds `tasktracker watch`: the changes of executions as they happen, from a server that runs. */
export function registerWatch(program: Command): void {
  program
    .command('watch')
    .description('tell every change of executions as it happens, until Ctrl-C; on a terminal with the counts of the queues above')
    .option('--url <url>', 'GraphQL endpoint of the server (default: by HOST and PORT, http://127.0.0.1:4000/graphql)', url)
    .option('--queue <name>', 'only this queue; may be given again', (name: string, before: readonly string[]) => [...before, name], [])
    .option('--status <status>', 'only executions in this status, and those that leave it; may be given again', status, [])
    .option('--since <cursor>', 'begin behind this cursor instead of now')
    .option('--json', 'one JSON object a line and change')
    .action(async (flags: WatchFlags) => {
      const { isDumbTerminal, loadConfig } = await import('../config.js');
      const { runWatch } = await import('./watch/run.js');
      await runWatch({
        url: flags.url ?? endpointOf(loadConfig()),
        queues: flags.queue,
        statuses: flags.status,
        since: flags.since,
        json: flags.json ?? false,
        drawsOn: process.stdout.isTTY && !isDumbTerminal(),
      });
    });
}

/** Where a server with these settings answers callers of this machine. */
function endpointOf({ host, port }: { readonly host: string; readonly port: number }): string {
  const name = EVERY_INTERFACE.has(host) ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}/graphql`;
}

function url(text: string): string {
  try {
    webSocketUrl(text);
    return text;
  } catch {
    throw new InvalidArgumentError('It must be a URL that begins with http://, https://, ws:// or wss://.');
  }
}

function status(text: string, before: readonly TaskStatus[]): readonly TaskStatus[] {
  const wanted = text.toUpperCase();
  const found = TASK_STATUSES.find((each) => each === wanted);
  if (found === undefined) throw new InvalidArgumentError(`It must be one of ${TASK_STATUSES.join(', ').toLowerCase()}.`);
  return [...before, found];
}
