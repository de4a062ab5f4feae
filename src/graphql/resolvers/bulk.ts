import { Arg, Ctx, Extensions, FieldResolver, ID, Int, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';

import { JsonObject } from '../../model/scalars.js';
import { OperationEndedError } from '../../operations/errors.js';
import type { BulkOperation as Operation } from '../../operations/types.js';
import { text, wholeNumber } from '../../queries/validate.js';
import type { OperationContext } from '../context.js';
import { refusalOf } from '../errors.js';
import { shownFilter } from '../shown-filter.js';
import { watchOperation } from '../subscriptions/bulk.js';
import { ONE_OPERATION } from '../subscriptions/sharing.js';
import { BulkInput, BulkOperation, BulkPayload } from '../types/bulk.js';
import { TaskUserError } from '../types/payloads.js';

const INPUT = ['input'] as const;
const NO_ERRORS = Object.freeze([]);
const MAX_RECENT = 200;
const ID_ARGUMENT = { description: 'Id of the operation.' } as const;

/** Changes of many executions at a time. */
@Resolver()
export class BulkResolver {
  @Mutation(() => BulkPayload, {
    description:
      'Does the same to all executions that match a filter, in the background: the answer is the operation as it begins, `bulkOperationProgress` tells how it goes on. ' +
      'It survives restarts of the API, and acts on nothing twice. With `dryRun` it only says what it would do. More matches than one operation may change are TOO_MANY_MATCHES.',
  })
  async bulk(@Arg('input', () => BulkInput, { description: 'What to do, and to which executions.' }) input: BulkInput, @Ctx() { bulk, caller }: OperationContext): Promise<BulkPayload> {
    const { dryRun, ...request } = input;
    try {
      if (!dryRun) return { operation: await bulk.start(request, caller), preview: null, userErrors: NO_ERRORS };
      const { obstacle, ...preview } = await bulk.preview(request, caller);
      return { operation: null, preview, userErrors: obstacle === null ? NO_ERRORS : refusalOf(obstacle, INPUT).userErrors };
    } catch (error) {
      return { operation: null, preview: null, userErrors: refusalOf(error, INPUT).userErrors };
    }
  }

  @Mutation(() => BulkPayload, {
    description: 'Stops a bulk operation: when this has answered, nothing more is changed by it. What it has done stays done. INVALID_TRANSITION where it has ended by itself.',
  })
  async cancelBulkOperation(@Arg('id', () => ID, ID_ARGUMENT) id: string, @Ctx() { bulk, caller }: OperationContext): Promise<BulkPayload> {
    try {
      return { operation: await bulk.cancel(id, caller), preview: null, userErrors: NO_ERRORS };
    } catch (error) {
      const { userErrors } = refusalOf(error);
      return { operation: error instanceof OperationEndedError ? error.operation : null, preview: null, userErrors };
    }
  }

  @Query(() => BulkOperation, { nullable: true, description: 'The bulk operation of this id; null where there is none, or none that you may know of: callers with a scope know of those that they asked for.' })
  bulkOperation(@Arg('id', () => ID, ID_ARGUMENT) id: string, @Ctx() { bulk, caller }: OperationContext): Promise<Operation | null> {
    return bulk.byId(id, caller);
  }

  @Query(() => [BulkOperation], { description: 'Bulk operations, the newest first, as far as you may know of them.' })
  bulkOperations(
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'At most how many: 1 to 200. Default 20.' }) first: number | null,
    @Ctx() { bulk, caller }: OperationContext,
  ): Promise<readonly Operation[]> {
    return bulk.recent(wholeNumber(first ?? 20, ['first'], 1, MAX_RECENT), caller);
  }

  @Extensions({ sharing: ONE_OPERATION })
  @Subscription(() => BulkOperation, {
    description: 'A bulk operation as it goes on, whichever replica works on it: at once, after changes (at most four times a second), and its last state, behind which the subscription completes. Nothing comes where there is none.',
    subscribe: ({ args, context }: { readonly args: { readonly id: string }; readonly context: OperationContext }) => watchOperation(context.bulk, text(args.id, ['id']), context.caller),
  })
  bulkOperationProgress(@Root() operation: Operation, @Arg('id', () => ID, ID_ARGUMENT) _id: string): Operation {
    return operation;
  }
}

/** What of an operation is not shown as it is kept. */
@Resolver(() => BulkOperation)
export class BulkOperationResolver {
  @FieldResolver(() => JsonObject, { description: 'The filter as it was given: `TaskFilter` takes it again.' })
  filter(@Root() { filter }: Operation): unknown {
    return shownFilter(filter);
  }

  @FieldResolver(() => [TaskUserError], { description: 'Why executions could not be changed: of the first 20, each named in its message.' })
  userErrors(@Root() { failures }: Operation): readonly TaskUserError[] {
    return failures.map(({ code, message }) => ({ code, message, field: null }));
  }
}
