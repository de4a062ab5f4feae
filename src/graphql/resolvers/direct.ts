import { type GraphQLSchema, isObjectType } from 'graphql';

import type { Execution } from '../../model/execution.js';
import type { OperationContext } from '../context.js';
import { TASK_TRACKER_TYPE } from '../global-id.js';
import { TaskTrackerResolver } from './task-tracker.js';

/** Fields of an execution without arguments, which pages ask of every row. */
const OF_ROWS = ['id', 'metadata', 'errorStack', 'queueType', 'naturalKey', 'canRetry', 'waitMs', 'runMs', 'irregularities'] as const satisfies readonly (keyof TaskTrackerResolver)[];

/**
 * Lets these fields be resolved by their method itself: type-graphql looks up who is to be called with what for every row
 * anew, which takes longer than most of the methods do.
 */
export function resolveRowsDirectly(schema: GraphQLSchema): void {
  const type = schema.getType(TASK_TRACKER_TYPE);
  if (!isObjectType(type)) throw new TypeError(`${TASK_TRACKER_TYPE} is no object type of the schema`);
  const fields = type.getFields();
  const resolver = new TaskTrackerResolver();
  for (const name of OF_ROWS) {
    const field = fields[name];
    if (field?.args.length !== 0) throw new TypeError(`${TASK_TRACKER_TYPE}.${name} is no field without arguments`);
    field.resolve = (execution: Execution, _args, context: OperationContext) => resolver[name](execution, context);
  }
}
