import type { ConnectionOptions } from '../../client/connection.js';
import { whileConnected } from '../while-connected.js';

const SHOWN = 10;

/** What is to be said of queues that were asked for and do not exist; null where all do, or where all are meant. */
export function noteOfUnknown(wanted: readonly string[], known: readonly string[]): string | null {
  const unknown = wanted.filter((name) => !known.includes(name)).map((name) => JSON.stringify(name));
  if (unknown.length === 0) return null;
  const shown = known.slice(0, SHOWN).map((name) => JSON.stringify(name));
  const more = known.length > SHOWN ? ` and ${known.length - SHOWN} more` : '';
  const there = known.length === 0 ? 'there are no queues' : `there are ${shown.join(', ')}${more}`;
  return `no queue is named ${unknown.join(' or ')} yet: ${there}`;
}

/** Asks the server once. Null also where it cannot be asked: whoever asks beside a watch leaves it to that to say so. */
export async function askUnknown(options: ConnectionOptions, wanted: readonly string[], signal: AbortSignal): Promise<string | null> {
  if (wanted.length === 0) return null;
  try {
    const { queues } = await whileConnected(options, signal, (connection) =>
      connection.request<{ readonly queues: readonly { readonly name: string }[] }>({ query: 'query QueueNames { queues { name } }' }),
    );
    return noteOfUnknown(wanted, queues.map(({ name }) => name));
  } catch {
    return null;
  }
}
