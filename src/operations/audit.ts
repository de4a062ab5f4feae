import type { AuditRecord } from '../audit/types.js';
import type { OperationDocument } from './store.js';

/** How an operation began or ended, for the audit log: what it is as given. */
export function auditOf(operation: OperationDocument, actor: string, at: Date): AuditRecord {
  const { _id, action, filter, reason, state, matched, succeeded, skipped, failed, error } = operation;
  const detail =
    state === 'RUNNING'
      ? `${action} of ${matched} executions started`
      : `${action} ${state.toLowerCase()}: of ${matched} executions ${succeeded} succeeded, ${skipped} skipped, ${failed} failed${error === null ? '' : `; ${error}`}`;
  return { at, actor, action: 'BULK', operationId: _id, filter: { ...filter }, reason: reason ?? undefined, detail };
}
