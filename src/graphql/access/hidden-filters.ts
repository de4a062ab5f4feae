import {
  getNamedType,
  getNullableType,
  type GraphQLFieldResolver,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLSchema,
  isInputObjectType,
  isListType,
  isObjectType,
} from 'graphql';

import { TaskTrackerError } from '../../model/errors.js';
import { nameOf } from '../../queries/validate.js';
import type { OperationContext } from '../context.js';

/** The input by whose `path` executions are searched in their metadata. */
const METADATA_FILTER = 'MetadataFilter';

/** A filter asks about what is hidden from the caller. */
export class HiddenFilterError extends TaskTrackerError {
  readonly code = 'FORBIDDEN';

  constructor(readonly field: readonly string[]) {
    super(`${nameOf(field)} names a place in metadata that is hidden from this caller, or holds or lies in one: it cannot be searched by.`);
  }
}

function leadsToFilter(type: GraphQLInputType, seen = new Set<string>()): boolean {
  const named = getNamedType(type);
  if (!isInputObjectType(named) || seen.has(named.name)) return false;
  seen.add(named.name);
  return named.name === METADATA_FILTER || Object.values(named.getFields()).some((field) => leadsToFilter(field.type, seen));
}

type Hides = (place: string) => boolean;

/** Looks at those fields of input objects that lead to a filter by metadata, and at no others. */
class FilterSearch {
  readonly #ways = new WeakMap<GraphQLInputObjectType, readonly GraphQLInputField[]>();

  /** @throws HiddenFilterError */
  check(value: unknown, type: GraphQLInputType, path: readonly string[], hides: Hides): void {
    if (value === null || value === undefined) return;
    const nullable = getNullableType(type);
    if (isListType(nullable)) {
      const entries: readonly unknown[] = Array.isArray(value) ? value : [value];
      entries.forEach((entry, index) => this.check(entry, nullable.ofType, [...path, String(index)], hides));
      return;
    }
    if (!isInputObjectType(nullable)) return;
    const given = value as Readonly<Record<string, unknown>>;
    if (nullable.name === METADATA_FILTER && typeof given['path'] === 'string' && hides(given['path'])) throw new HiddenFilterError([...path, 'path']);
    for (const { name, type: inner } of this.#waysOf(nullable)) if (given[name] !== undefined) this.check(given[name], inner, [...path, name], hides);
  }

  #waysOf(type: GraphQLInputObjectType): readonly GraphQLInputField[] {
    let ways = this.#ways.get(type);
    if (ways === undefined) this.#ways.set(type, (ways = Object.values(type.getFields()).filter((field) => leadsToFilter(field.type))));
    return ways;
  }
}

/**
 * Refuses, in every field of the schema that takes a filter, one by a place in metadata that is hidden from the caller:
 * whether anything is found would tell what stands there.
 */
export function refuseHiddenFilters(schema: GraphQLSchema): void {
  const search = new FilterSearch();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const filters = field.args.filter((arg) => leadsToFilter(arg.type));
      if (filters.length === 0) continue;
      const guarded = (inner: GraphQLFieldResolver<unknown, unknown>): GraphQLFieldResolver<unknown, unknown> => {
        return (source, args: Readonly<Record<string, unknown>>, context, info) => {
          const { mask } = context as OperationContext;
          const hides: Hides = (place) => mask.hides(place);
          for (const arg of filters) search.check(args[arg.name], arg.type, [arg.name], hides);
          return inner(source, args, context, info) as unknown;
        };
      };
      if (field.subscribe) field.subscribe = guarded(field.subscribe);
      else if (field.resolve) field.resolve = guarded(field.resolve);
    }
  }
}
