import { type Command, InvalidArgumentError } from 'commander';

import { webSocketUrl } from '../client/web-socket.js';

/** Which server a command asks, and of which queues. */
export interface ServerFlags {
  readonly url?: string;
  readonly token?: string;
  /** Empty: all. */
  readonly queue: readonly string[];
}

const EVERY_INTERFACE = new Set(['0.0.0.0', '::', '']);

export function addServerOptions(command: Command): Command {
  return command
    .option('--url <url>', 'GraphQL endpoint of the server (default: by HOST and PORT, http://127.0.0.1:4000/graphql)', url)
    .option('--token <token>', 'API key or token to show the server (default: TASKTRACKER_TOKEN, which other users of the machine do not see)')
    .option('--queue <name>', 'only this queue; may be given again', (name: string, before: readonly string[]) => [...before, name], []);
}

/** Which server, and what it is shown. */
export interface ServerAddress {
  readonly url: string;
  readonly token: string | undefined;
}

export function addressOf({ url: given, token }: ServerFlags, config: { readonly host: string; readonly port: number; readonly clientToken: string | undefined }): ServerAddress {
  return { url: given ?? endpointOf(config), token: token ?? config.clientToken };
}

/** Where a server with these settings answers callers of this machine. */
export function endpointOf({ host, port }: { readonly host: string; readonly port: number }): string {
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
