import { getNamedType, type GraphQLNamedType, type GraphQLOutputType, isLeafType } from 'graphql';

import { mayUse, type Permission, PERMISSIONS, type Role, ROLES } from '../../access/role.js';

/** What a caller needs in order to select a field. `NONE`: nothing beyond being known. */
export type Need = Permission | 'NONE';

/** By schema coordinate. Every root field is listed; of other types, what differs from READ. */
export const FIELD_PERMISSIONS: Readonly<Record<string, Need>> = {
  'Query.caller': 'NONE',
  'Query.node': 'READ',
  'Query.task': 'READ',
  'Query.tasks': 'READ',
  'Query.retryChain': 'READ',
  'Query.stuckTasks': 'READ',
  'Query.queue': 'READ',
  'Query.queues': 'READ',
  'Query.queueStats': 'READ',
  'Query.throughput': 'READ',
  'Query.errorGroups': 'READ',
  'Query.duplicateCheck': 'READ',
  'Query.feed': 'READ',
  'Query.stats': 'READ',
  'Query.bulkOperation': 'OPERATE',
  'Query.bulkOperations': 'OPERATE',
  'Query.auditLog': 'ADMINISTER',
  'Query.alerts': 'READ',
  'Mutation.enqueueTask': 'WORK',
  'Mutation.startTask': 'WORK',
  'Mutation.completeTask': 'WORK',
  'Mutation.failTask': 'WORK',
  'Mutation.retryTask': 'OPERATE',
  'Mutation.moveTaskToDlq': 'OPERATE',
  'Mutation.archiveTask': 'OPERATE',
  'Mutation.bulk': 'OPERATE',
  'Mutation.cancelBulkOperation': 'OPERATE',
  'Subscription.taskChanged': 'READ',
  'Subscription.liveTasks': 'READ',
  'Subscription.queueStatsChanged': 'READ',
  'Subscription.retryChainChanged': 'READ',
  'Subscription.feedStatus': 'READ',
  'Subscription.throughputChanged': 'READ',
  'Subscription.errorGroupChanged': 'READ',
  'Subscription.stuckTaskDetected': 'READ',
  'Subscription.statsChanged': 'READ',
  'Subscription.bulkOperationProgress': 'OPERATE',
  'Subscription.auditLogged': 'ADMINISTER',
  'Subscription.alertChanged': 'READ',
  'EnqueueTaskPayload.task': 'NONE',
  'EnqueueTaskPayload.userErrors': 'NONE',
  'TransitionPayload.task': 'NONE',
  'TransitionPayload.userErrors': 'NONE',
  'RetryTaskPayload.task': 'NONE',
  'RetryTaskPayload.previous': 'NONE',
  'RetryTaskPayload.userErrors': 'NONE',
};

/** Types whose plain values come with what was asked for; to go on from them to other objects is a read of its own. */
const PLAIN_TYPES: ReadonlySet<string> = new Set(['Caller', 'EnqueueTaskPayload', 'TransitionPayload', 'RetryTaskPayload', 'TaskUserError', 'TaskTracker']);

/** What it takes to select a field of a type. The schema's questions about itself take nothing. */
export function needOf(type: GraphQLNamedType, field: { readonly name: string; readonly type: GraphQLOutputType }): Need {
  if (type.name.startsWith('__') || field.name.startsWith('__')) return 'NONE';
  const listed = FIELD_PERMISSIONS[`${type.name}.${field.name}`];
  if (listed !== undefined) return listed;
  return PLAIN_TYPES.has(type.name) && isLeafType(getNamedType(field.type)) ? 'NONE' : 'READ';
}

const ROOTS = /^(?:Query|Mutation|Subscription)\./;

/** Roles by what they may use, as Markdown, for docs/access.md. */
export function renderRolesTable(): string {
  const rows = PERMISSIONS.map((permission) => {
    const fields = Object.entries(FIELD_PERMISSIONS).filter(([coordinate, need]) => need === permission && ROOTS.test(coordinate));
    const names = fields.map(([coordinate]) => `\`${coordinate.replace(ROOTS, '')}\``).join(', ');
    return `| ${permission} | ${ROLES.map((role) => (mayUse(role, permission) ? 'yes' : '')).join(' | ')} | ${names} |`;
  });
  return [`| | ${ROLES.join(' | ')} | fields |`, `| --- | ${ROLES.map(() => '---').join(' | ')} | --- |`, ...rows].join('\n');
}

export function rolesWith(permission: Permission): readonly Role[] {
  return ROLES.filter((role) => mayUse(role, permission));
}
