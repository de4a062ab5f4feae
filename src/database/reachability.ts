import type { mongo } from 'mongoose';

const NOTHING_KNOWN: ReadonlySet<string> = new Set(['Unknown', 'PossiblePrimary']);

/**
 * Follows what the driver finds out about the servers, from now on. Returns how to ask since when none of them can be
 * reached (`performance.now()`); null while one can.
 */
export function watchReachability(client: mongo.MongoClient): () => number | null {
  let since: number | null = null;
  client.on('topologyDescriptionChanged', ({ newDescription }) => {
    const reachable = [...newDescription.servers.values()].some(({ type }) => !NOTHING_KNOWN.has(type));
    since = reachable ? null : (since ?? performance.now());
  });
  return () => since;
}
