import type { QueueScope } from './queue-scope.js';
import type { Role } from './role.js';

/** Who asks, and what they may see and do. */
export interface Caller {
  /** Of the key or token; written to `archivedBy` and to the audit log. */
  readonly name: string;
  readonly role: Role;
  /** The queues that they may know of; null: all. */
  readonly queues: QueueScope | null;
  /** When what they showed stops being valid; null: never. */
  readonly expiresAt: Date | null;
}

/** The caller while no authentication is configured, which is on loopback only. */
export const ANONYMOUS: Caller = Object.freeze({ name: 'anonymous', role: 'ADMIN', queues: null, expiresAt: null });

/** Equal for callers that may see the same: their answers may be shared. */
export function audienceOf({ role, queues }: Caller): string {
  return JSON.stringify([role, queues?.patterns ?? null]);
}
