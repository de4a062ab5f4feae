/**
 * What a caller may do. A VIEWER reads; an OPERATOR also retries, archives and moves to the dead-letter queue, one by
 * one and in bulk; a WORKER only enqueues, starts, completes and fails; an ADMIN may do all of it, and reads the audit
 * log.
 */
export const ROLES = ['VIEWER', 'OPERATOR', 'WORKER', 'ADMIN'] as const;
export type Role = (typeof ROLES)[number];

export function isRole(value: unknown): value is Role {
  return (ROLES as readonly unknown[]).includes(value);
}

/**
 * What an operation of the API is about. READ: executions, figures and the feed. OPERATE: the moves of an operator. WORK:
 * the moves of a worker. ADMINISTER: what operators did, and what else is for administrators.
 */
export const PERMISSIONS = ['READ', 'OPERATE', 'WORK', 'ADMINISTER'] as const;
export type Permission = (typeof PERMISSIONS)[number];

const GRANTS: Readonly<Record<Role, readonly Permission[]>> = {
  VIEWER: ['READ'],
  OPERATOR: ['READ', 'OPERATE'],
  WORKER: ['WORK'],
  ADMIN: ['READ', 'OPERATE', 'WORK', 'ADMINISTER'],
};

export function mayUse(role: Role, permission: Permission): boolean {
  return GRANTS[role].includes(permission);
}

/** Whether stack traces and metadata that are marked as sensitive are hidden from a role. */
export function isMasked(role: Role): boolean {
  return role === 'VIEWER' || role === 'WORKER';
}
