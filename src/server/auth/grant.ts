import { ANONYMOUS, type Caller } from '../../access/caller.js';

/** What somebody has shown amounts to. */
export interface Grant {
  readonly caller: Caller;
  /** Aborted when it is taken back before it expires; null where that cannot happen. */
  readonly revoked: AbortSignal | null;
}

/** For everybody, while no authentication is configured. */
export const ANONYMOUS_GRANT: Grant = Object.freeze({ caller: ANONYMOUS, revoked: null });

/** Whether it still holds. */
export function isValid({ caller, revoked }: Grant, now = Date.now()): boolean {
  return revoked?.aborted !== true && (caller.expiresAt === null || caller.expiresAt.getTime() > now);
}
