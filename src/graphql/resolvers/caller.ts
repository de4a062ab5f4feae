import { Ctx, Query, Resolver } from 'type-graphql';

import { mayUse, PERMISSIONS } from '../../access/role.js';
import type { OperationContext } from '../context.js';
import { Caller } from '../types/caller.js';

@Resolver()
export class CallerResolver {
  @Query(() => Caller, { description: 'Who asks, and what they may do.' })
  caller(@Ctx() { caller: { name, role, queues, expiresAt } }: OperationContext): Caller {
    return { name, role, permissions: PERMISSIONS.filter((permission) => mayUse(role, permission)), queues: queues?.patterns ?? null, expiresAt };
  }
}
