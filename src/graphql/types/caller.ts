import { Field, ObjectType, registerEnumType } from 'type-graphql';

import type { Permission as PermissionName, Role as RoleName } from '../../access/role.js';
import { DateTime } from '../../model/scalars.js';

export const Role = { VIEWER: 'VIEWER', OPERATOR: 'OPERATOR', WORKER: 'WORKER', ADMIN: 'ADMIN' } as const satisfies Record<RoleName, string>;

registerEnumType(Role, {
  name: 'Role',
  description: 'What a caller may do.',
  valuesConfig: {
    VIEWER: { description: 'Reads. Stack traces and metadata that are marked as sensitive are masked.' },
    OPERATOR: { description: 'Reads, retries, archives and moves to the dead-letter queue.' },
    WORKER: { description: 'Enqueues, starts, completes and fails; of executions it is told what its moves answer, masked as for a VIEWER.' },
    ADMIN: { description: 'Everything that the others may, and what is for administrators.' },
  },
});

export const Permission = { READ: 'READ', OPERATE: 'OPERATE', WORK: 'WORK', ADMINISTER: 'ADMINISTER' } as const satisfies Record<PermissionName, string>;

registerEnumType(Permission, {
  name: 'Permission',
  description: 'What a role allows.',
  valuesConfig: {
    READ: { description: 'Read executions, figures and the feed.' },
    OPERATE: { description: 'Make the moves of an operator.' },
    WORK: { description: 'Make the moves of a worker.' },
    ADMINISTER: { description: 'Use what is for administrators.' },
  },
});

@ObjectType({ description: 'Who asks, as the server knows them.' })
export class Caller {
  @Field(() => String, { description: 'Name of the key, or `sub` of the token; `anonymous` while the server asks nobody who they are.' })
  name!: string;

  @Field(() => Role, { description: 'What they may do.' })
  role!: RoleName;

  @Field(() => [Permission], { description: 'What the role allows.' })
  permissions!: readonly PermissionName[];

  @Field(() => [String], {
    nullable: true,
    description: 'Patterns of the names of the queues that they may know of, sorted; `*` stands for any text. Null: all. What is in other queues does not exist for them.',
  })
  queues!: readonly string[] | null;

  @Field(() => DateTime, { nullable: true, description: 'When what they showed stops being valid; null: never. A WebSocket is closed then, with 4403.' })
  expiresAt!: Date | null;
}
