import {
  defaultTypeResolver,
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLList,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { inspect } from 'graphql/jsutils/inspect.js';
import { isIterableObject } from 'graphql/jsutils/isIterableObject.js';

import { executeFields, failed } from './fields.js';
import { serializeLeaf } from './leaf.js';
import { isPromise } from './promises.js';
import type { Complete, FieldPlan, Path, Run } from './types.js';

export function completionOf(type: GraphQLOutputType): Complete {
  if (isNonNullType(type)) return nonNull(nullable(type.ofType));
  return nullable(type);
}

function nonNull(complete: Complete): Complete {
  return (run, plan, info, path, value) => {
    const completed = complete(run, plan, info, path, value);
    if (completed === null) throw new Error(`Cannot return null for non-nullable field ${plan.parentType.name}.${plan.definition.name}.`);
    return completed;
  };
}

function nullable(type: GraphQLOutputType): Complete {
  const complete = given(type);
  return (run, plan, info, path, value) => {
    if (value instanceof Error) throw value;
    return value === null || value === undefined ? null : complete(run, plan, info, path, value);
  };
}

function given(type: GraphQLOutputType): Complete {
  if (isListType(type)) return list(type);
  if (isLeafType(type)) return (_run, _plan, _info, _path, value) => serializeLeaf(type, value);
  if (isAbstractType(type)) return abstract(type);
  if (isObjectType(type)) return (run, plan, info, path, value) => object(type, run, plan, info, path, value);
  throw new TypeError(`${inspect(type)} is no type of a value`);
}

function list({ ofType: itemType }: GraphQLList<GraphQLOutputType>): Complete {
  const completeItem = completionOf(itemType);
  const itemIsNonNull = isNonNullType(itemType);
  return (run, plan, info, path, value) => {
    if (!isIterableObject(value)) throw new GraphQLError(`Expected Iterable, but did not find one for field "${plan.parentType.name}.${plan.definition.name}".`);
    const waiting: Promise<unknown>[] = [];
    const completeOne = (item: unknown, index: number): unknown => {
      const itemPath = { prev: path, key: index, typename: undefined };
      try {
        const shown = isPromise(item) ? item.then((resolved) => completeItem(run, plan, info, itemPath, resolved)) : completeItem(run, plan, info, itemPath, item);
        if (!isPromise(shown)) return shown;
        const settled = shown.then(undefined, (error: unknown) => failed(run, plan, itemIsNonNull, itemPath, error));
        waiting.push(settled);
        return settled;
      } catch (error) {
        return failed(run, plan, itemIsNonNull, itemPath, error);
      }
    };
    let completed: unknown[];
    try {
      completed = Array.from(value, completeOne);
    } catch (error) {
      // Those that are under way may fail too, and nobody waits for them any more.
      const promised = Array.isArray(value) ? value.filter(isPromise) : [];
      for (const each of [...waiting, ...promised]) each.then(undefined, () => undefined);
      throw error;
    }
    return waiting.length > 0 ? Promise.all(completed) : completed;
  };
}

function abstract(type: GraphQLAbstractType): Complete {
  return (run, plan, info, path, value) => {
    const resolveType = type.resolveType ?? defaultTypeResolver;
    const named: unknown = resolveType(value, run.contextValue, info, type);
    if (isPromise(named)) return named.then((resolved) => object(possibleType(type, run, plan, resolved, value), run, plan, info, path, value));
    return object(possibleType(type, run, plan, named, value), run, plan, info, path, value);
  };
}

function possibleType(type: GraphQLAbstractType, { program: { schema } }: Run, plan: FieldPlan, name: unknown, value: unknown): GraphQLObjectType {
  const field = `${plan.parentType.name}.${plan.definition.name}`;
  const { nodes } = plan;
  if (name === null || name === undefined) {
    const message = `Abstract type "${type.name}" must resolve to an Object type at runtime for field "${field}". Either the "${type.name}" type should provide a "resolveType" function or each possible type should provide an "isTypeOf" function.`;
    throw new GraphQLError(message, { nodes });
  }
  if (isObjectType(name)) throw new GraphQLError('Support for returning GraphQLObjectType from resolveType was removed in graphql-js@16.0.0 please return type name instead.');
  if (typeof name !== 'string') {
    throw new GraphQLError(`Abstract type "${type.name}" must resolve to an Object type at runtime for field "${field}" with value ${inspect(value)}, received "${inspect(name)}".`);
  }
  const runtimeType = schema.getType(name);
  if (runtimeType === undefined) throw new GraphQLError(`Abstract type "${type.name}" was resolved to a type "${name}" that does not exist inside the schema.`, { nodes });
  if (!isObjectType(runtimeType)) throw new GraphQLError(`Abstract type "${type.name}" was resolved to a non-object type "${name}".`, { nodes });
  if (!schema.isSubType(type, runtimeType)) throw new GraphQLError(`Runtime Object type "${runtimeType.name}" is not a possible type for "${type.name}".`, { nodes });
  return runtimeType;
}

function object(type: GraphQLObjectType, run: Run, plan: FieldPlan, info: GraphQLResolveInfo, path: Path, value: unknown): unknown {
  const selection = run.program.inner(plan, type);
  if (!type.isTypeOf) return executeFields(run, selection, value, path);
  const answer: unknown = type.isTypeOf(value, run.contextValue, info);
  const proceed = (isOfType: unknown): unknown => {
    if (!isOfType) throw new GraphQLError(`Expected value of type "${type.name}" but got: ${inspect(value)}.`, { nodes: plan.nodes });
    return executeFields(run, selection, value, path);
  };
  return isPromise(answer) ? answer.then(proceed) : proceed(answer);
}
