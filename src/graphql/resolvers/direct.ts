import { type GraphQLField, type GraphQLSchema, isObjectType } from 'graphql';

import type { Execution } from '../../model/execution.js';
import type { OperationContext } from '../context.js';
import { TASK_TRACKER_TYPE } from '../global-id.js';
import type { TaskFilter, TaskOrder } from '../types/inputs.js';
import { QueryResolver } from './queries.js';
import { TaskTrackerResolver } from './task-tracker.js';

/** Fields of an execution without arguments, which pages ask of every row. */
const OF_ROWS = ['id', 'metadata', 'errorStack', 'queueType', 'naturalKey', 'canRetry', 'waitMs', 'runMs', 'irregularities'] as const satisfies readonly (keyof TaskTrackerResolver)[];

interface PageArguments {
  readonly filter: TaskFilter | null;
  readonly orderBy: TaskOrder | null;
  readonly first: number | null;
  readonly after: string | null;
  readonly last: number | null;
  readonly before: string | null;
}
const OF_PAGES = ['filter', 'orderBy', 'first', 'after', 'last', 'before'] as const satisfies readonly (keyof PageArguments)[];

/** The field, if it takes these arguments and no others. */
function fieldOf(schema: GraphQLSchema, typeName: string, name: string, args: readonly string[]): GraphQLField<unknown, OperationContext> {
  const type = schema.getType(typeName);
  const field = isObjectType(type) ? type.getFields()[name] : undefined;
  const taken = field?.args.map((arg) => arg.name) ?? [];
  if (field === undefined || taken.length !== args.length || !args.every((arg) => taken.includes(arg))) throw new TypeError(`${typeName}.${name} is no field with the arguments [${args.join()}]`);
  return field;
}

/**
 * Lets what is asked most be resolved by its method itself: type-graphql looks up who is to be called with what for every call
 * anew, which takes longer than most of the methods of rows do.
 */
export function resolveDirectly(schema: GraphQLSchema): void {
  const rows = new TaskTrackerResolver();
  for (const name of OF_ROWS) fieldOf(schema, TASK_TRACKER_TYPE, name, []).resolve = (execution, _args, context) => rows[name](execution as Execution, context);
  const queries = new QueryResolver();
  fieldOf(schema, 'Query', 'tasks', OF_PAGES).resolve = (_root, args, context) => {
    const { filter, orderBy, first, after, last, before } = args as PageArguments;
    return queries.tasks(filter, orderBy, first, after, last, before, context);
  };
}
