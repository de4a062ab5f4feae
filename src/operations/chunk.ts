import type { mongo } from 'mongoose';

import type { MoveRefusedError } from '../lifecycle/errors.js';
import type { LifecycleContext } from '../lifecycle/context.js';
import { conjunction } from '../queries/filter-to-mongo.js';
import { ACTIONS } from './actions.js';
import type { Held } from './lease.js';
import { inOneTransaction } from './once.js';
import { conditionOf } from './request.js';
import { type ChunkCounts, type OperationDocument, type OperationStore, scopeOf } from './store.js';
import type { BulkFailure } from './types.js';

/** The operation is no longer this replica's, or no longer to be gone on with. */
export class OperationLostError extends Error {
  override name = 'OperationLostError';
}

export interface ChunkParts {
  readonly context: LifecycleContext;
  readonly store: OperationStore;
  /** That the lease was taken with. */
  readonly session: mongo.ClientSession;
}

const READ_LIMIT_MS = 30_000;

/** What the API says of a refusal that leaves something to be done; null where others have seen to the task. */
function failureOf({ code, message }: MoveRefusedError): BulkFailure | null {
  return code === 'RETRIES_EXHAUSTED' || code === 'INVALID_TRANSITION' ? { code, message } : null;
}

/** The reason that the moves of an operation keep. */
export function reasonOf({ action, reason, timeoutMs }: Pick<OperationDocument, 'action' | 'reason' | 'timeoutMs'>): string | undefined {
  return reason ?? (action === 'FAIL_STUCK' ? `Stuck: still processing after ${timeoutMs ?? 0} ms` : undefined);
}

async function advance({ store, session }: ChunkParts, operation: OperationDocument, held: Held, counts: ChunkCounts): Promise<ChunkCounts> {
  if (!(await store.advance(operation, held, counts, session))) throw new OperationLostError(`operation ${operation._id} was cancelled or taken over`);
  return counts;
}

/**
 * Deals with some executions of an operation, in one transaction: those that still fit are read and moved, each move is
 * written down, and the operation counts them and moves on to the next place. So after a crash at any moment the counts
 * are those of what was done, and whoever goes on begins exactly behind it; nor can a replica that was thought dead do
 * anything more, since the count is refused to it.
 *
 * @param operation as it stands: `processed` is the place of the first of `ids`
 * @throws OperationLostError; a driver's error, after which the chunk may have been committed all the same
 */
export async function dealWith(parts: ChunkParts, operation: OperationDocument, held: Held, ids: readonly unknown[]): Promise<ChunkCounts> {
  const { session } = parts;
  const { action, requestedBy, _id } = operation;
  const scope = scopeOf(operation);
  const context = { ...parts.context, scope };
  const condition = conjunction([{ _id: { $in: [...ids] } }, conditionOf(operation, scope)]);
  return inOneTransaction(session, async () => {
    const fitting = await context.documents.find(condition, { session, sort: { _id: 1 }, maxTimeMS: READ_LIMIT_MS }).toArray();
    const order = { session, actor: requestedBy, reason: reasonOf(operation), operationId: _id, recorded: true };
    const { moved, refusals } = await ACTIONS[action].make(context, fitting, order);
    const failures = refusals.flatMap((refusal) => failureOf(refusal) ?? []);
    return advance(parts, operation, held, { succeeded: moved, skipped: ids.length - moved - failures.length, failures });
  });
}

/** Counts executions that could not be dealt with, and moves on. */
export function passOver(parts: ChunkParts, operation: OperationDocument, held: Held, counts: ChunkCounts): Promise<ChunkCounts> {
  return inOneTransaction(parts.session, () => advance(parts, operation, held, counts));
}
