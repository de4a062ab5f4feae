import { type Execution, toExecution } from '../model/execution.js';
import type { StoredExecutions } from './executions.js';
import { text } from './validate.js';

/** How many taskIds one read asks for. */
export const CHAINS_PER_READ = 1_000;

/** Attempts of a chain that are kept: the newest. A chain of retries is far shorter; a taskId that is used daily for years is not. */
export const MAX_ATTEMPTS = 1_000;

/** Chains of a whole page come with one answer of the database. */
const BATCH = 5_000;

/** The attempts of each taskId, oldest first. Newest first is how they are read, so that the oldest are left out. */
export async function readRetryChains(executions: StoredExecutions, taskIds: readonly string[]): Promise<ReadonlyMap<string, readonly Execution[]>> {
  const wanted = [...new Set(taskIds.map((taskId) => text(taskId, ['taskId'])))];
  const chains = new Map<string, Execution[]>();
  for (let at = 0; at < wanted.length; at += CHAINS_PER_READ) await readInto(chains, executions, wanted.slice(at, at + CHAINS_PER_READ));
  for (const attempts of chains.values()) attempts.reverse();
  return chains;
}

async function readInto(chains: Map<string, Execution[]>, executions: StoredExecutions, taskIds: readonly string[]): Promise<void> {
  const wanted = new Set<unknown>(taskIds);
  let full = 0;
  await executions.each({ taskId: { $in: [...taskIds] } }, { sort: { createdAt: -1, _id: -1 }, batchSize: BATCH }, (document) => {
    const { taskId } = document;
    // A list of taskIds belongs to no chain.
    if (typeof taskId !== 'string' || !wanted.has(taskId)) return true;
    const attempts = chains.get(taskId) ?? [];
    if (attempts.length === MAX_ATTEMPTS) return true;
    chains.set(taskId, attempts);
    attempts.push(toExecution(document));
    if (attempts.length === MAX_ATTEMPTS) full += 1;
    return full < taskIds.length;
  });
}
